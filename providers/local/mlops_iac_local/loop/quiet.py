"""What has to change before a start that found nothing to do is worth another process."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_iac_local.endpoints import DEPLOYMENT
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.definition import DEFINITION, Definition
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop.run_index import RunIndex
from mlops_iac_local.monitors.places import captured, truth

Mark = tuple[int, ...]


def mark_of(layout: Layout, component: str, runs: RunIndex) -> Mark | None:
    """Return a value that is the same while nothing has changed; `None` when that is not known."""
    document = read_json(layout.job(component) / DEFINITION)
    if document is None or document["kind"] not in _PLACES:
        return None
    places = _PLACES[document["kind"]](layout, Definition(**document))
    changed = (path.stat().st_mtime_ns if path.exists() else 0 for path in places)
    # Another run, started by hand, may fail and leave what it was to do.
    return (len(runs.of(component)), *changed)


def _monitor(layout: Layout, made: Definition) -> tuple[Path, ...]:
    endpoint = str((made.task or {})["endpoint"])
    return (
        layout.job(made.component) / DEFINITION,
        layout.endpoint(endpoint) / DEPLOYMENT,
        captured(layout, endpoint),
        truth(layout, endpoint),
    )


_PLACES: Mapping[str, Callable[[Layout, Definition], tuple[Path, ...]]] = {"ModelMonitor": _monitor}
"""By kind: the files and folders that a start looks at."""
