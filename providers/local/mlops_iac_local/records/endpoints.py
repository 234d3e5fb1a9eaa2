"""Endpoints: what they serve, what their servers count, what memory they take."""

from collections.abc import Iterator
from contextlib import suppress

from mlops_iac.records import EndpointRecord, Served
from mlops_iac_local import endpoints, supervisor
from mlops_iac_local.files import read_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.records.exposition import Exposition, read_exposition
from mlops_iac_local.states import endpoint_status

_OK = 200


def endpoint_records(layout: Layout) -> Iterator[EndpointRecord]:
    """Yield each endpoint as it is now."""
    for file in sorted(layout.endpoints.glob(f"*/{endpoints.FRAME}")):
        yield _record(layout, file.parent.name)


def _record(layout: Layout, name: str) -> EndpointRecord:
    frame = endpoints.frame(layout, name)
    status = endpoint_status(layout, name)
    served = (read_json(layout.endpoint(name) / endpoints.HISTORY) or {"served": []})["served"]
    counted = _counted(layout, frame)
    return EndpointRecord(
        name=name,
        model=frame.model,
        state=status.state,
        url=frame.url,
        version=status.details.get("version"),
        served=tuple(
            Served(version=int(entry["version"]), since=entry["since"]) for entry in served
        ),
        answers=None if counted is None else counted.answers(),
        latency=() if counted is None else tuple(counted.latency()),
        lost_rows=0 if counted is None else counted.lost_rows(),
        memory_mb=_memory(layout, frame.program),
    )


def _counted(layout: Layout, frame: endpoints.Frame) -> Exposition | None:
    """Return what an endpoint's server counts; `None` when it does not answer."""
    try:
        status, text = endpoints.ask(layout, frame, "GET", "/metrics")
    except OSError:
        return None
    return read_exposition(text) if status == _OK and isinstance(text, str) else None


def _memory(layout: Layout, program: str) -> float | None:
    """Return the proportional set size of a program's processes, in MB; `None` without them."""
    import psutil

    number = supervisor.process_of(layout, program)
    total = 0
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(number) if number is not None else None
        for process in [] if main is None else [main, *main.children(recursive=True)]:
            # macOS has no proportional size; there private memory stands for it.
            sizes = process.memory_full_info()
            total += getattr(sizes, "pss", sizes.uss)
    return round(total / 1e6, 1) or None
