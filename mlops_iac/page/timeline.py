"""What happened, in order: one line for each thing that a person would tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mlops_iac.operations import Run
from mlops_iac.page.forms import (
    GOOD,
    NOTE,
    WARN,
    duration,
    elapsed,
    moment,
    pairs,
    plural,
    tone,
    verdict,
)
from mlops_iac.records import (
    Check,
    EndpointRecord,
    Judgement,
    PipelineRun,
    SearchRun,
    StackRecords,
    Validation,
    VersionRecord,
)

SHOWN = 40
"""How many lines the page shows: the newest."""

_RANKS = ("contract", "search", "training", "pipeline", "decision", "served", "check")
"""What comes first of things that happened in the same millisecond."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line."""

    at: str
    """UTC, ISO 8601."""
    kind: str
    title: str
    tone: str
    detail: str = ""
    anchor: str = ""
    """Section of the page that says more."""
    count: int = 1
    """How many like it, one after the other, this line stands for."""


def timeline(records: StackRecords) -> list[Happening]:
    """Return what happened, oldest first; checks without alarm in a row are one line."""
    found = sorted(
        _all(records), key=lambda item: (moment(item.at), _RANKS.index(item.kind), item.title)
    )
    return list(_folded(found))


def _all(records: StackRecords) -> Iterator[Happening]:
    known = {run.id for run in records.runs}

    def is_part(run: Run) -> bool:
        # What a pipeline or a search started is told by its own line.
        return run.parent in known

    for run in records.runs:
        if run.kind == "TrainingJob" and not is_part(run):
            yield _training(run)
    for version in records.versions:
        yield from _decision(version)
    for endpoint in records.endpoints:
        yield from _served(endpoint)
    yield from map(_pipeline, records.pipelines)
    yield from (_search(item) for item in records.searches if not is_part(item.run))
    yield from map(_check, records.checks)
    yield from (_validation(item) for item in records.validations if not is_part(item.run))


def _training(run: Run) -> Happening:
    made = f" version {run.model_version}" if run.model_version is not None else ""
    return Happening(
        at=run.ended or run.started,
        kind="training",
        title=f"{run.component} {'trained' if run.status == 'finished' else run.status}{made}",
        tone=NOTE if run.status == "finished" else tone(run.status),
        detail=run.reason or pairs(run.metrics),
        anchor="runs",
    )


def _decision(record: VersionRecord) -> Iterator[Happening]:
    version = record.version
    if record.decided is None or version.approver is None:
        return
    by = "automatically" if version.approver == "automatic" else f"by {version.approver}"
    yield Happening(
        at=record.decided,
        kind="decision",
        title=f"{version.model} version {version.version} {version.status} {by}",
        tone=tone(version.status),
        detail=record.comment,
        anchor="versions",
    )


def _served(endpoint: EndpointRecord) -> Iterator[Happening]:
    before: list[int] = []
    for entry in endpoint.served:
        is_back = entry.version in before
        yield Happening(
            at=entry.since,
            kind="served",
            title=f"{endpoint.name} serves {endpoint.model} version {entry.version}"
            + (" again" if is_back else ""),
            tone=WARN if is_back else GOOD,
            detail=f"before: version {before[-1]}" if before else "the first one",
            anchor="endpoints",
        )
        before.append(entry.version)


def _pipeline(item: PipelineRun) -> Happening:
    made = f": version {item.run.model_version}" if item.run.model_version is not None else ""
    said = "refused its candidate" if item.outcome == "refused" else f"{item.outcome}{made}"
    return Happening(
        at=item.run.ended or item.run.started,
        kind="pipeline",
        title=f"{item.run.component} {said}",
        tone=tone(item.outcome),
        detail=_verdict(item.gates) or item.run.reason or f"in {duration(elapsed(item.run))}",
        anchor="pipelines",
    )


def _verdict(gates: Iterable[Judgement]) -> str:
    gates = tuple(gates)
    refusing = [gate.detail for gate in gates if not gate.passed]
    return "; ".join(refusing or [gate.detail for gate in gates])


def _search(item: SearchRun) -> Happening:
    best = item.best
    found = (
        "nothing"
        if best is None
        else f"{item.metric} {best.value:.4g} with {pairs(best.parameters)}"
    )
    return Happening(
        at=item.run.ended or item.run.started,
        kind="search",
        title=f"{item.run.component} tried {plural(len(item.trials), 'set')} of hyperparameters",
        tone=NOTE if item.run.status == "finished" else tone(item.run.status),
        detail=item.run.reason or f"best: {found}",
        anchor="searches",
    )


def _check(item: Check) -> Happening:
    state = check_state(item)
    return Happening(
        at=item.run.ended or item.run.started,
        kind="check",
        title=f"{item.run.component}: {'ALARM' if item.alarm else state}",
        tone=tone(state),
        detail=item.reason or item.run.reason or "",
        anchor="checks",
    )


def check_state(item: Check) -> str:
    """Return the verdict of a check in a word; what became of it when it did not finish."""
    return verdict(item.alarm) if item.run.status == "finished" else item.run.status


def _validation(item: Validation) -> Happening:
    state = validation_state(item)
    said = {"passed": "the data meet the contract", "failed": "the data break the contract"}
    return Happening(
        at=item.run.ended or item.run.started,
        kind="contract",
        title=f"{item.run.component}: {said.get(state, state)}",
        tone=NOTE if item.passed else tone(state),
        detail="; ".join(item.faults) or item.run.reason or "",
        anchor="validations",
    )


def validation_state(item: Validation) -> str:
    """Return the verdict of a data contract in a word."""
    return item.run.status if item.passed is None else "passed" if item.passed else "failed"


def _folded(found: Iterable[Happening]) -> Iterator[Happening]:
    """Yield each line, quiet checks in a row as their newest."""
    last: Happening | None = None
    for item in found:
        is_same = last is not None and item.kind == "check" and item.title == last.title
        if last is not None and is_same and item.tone == GOOD:
            item = replace(item, count=last.count + 1)  # noqa: PLW2901
        elif last is not None:
            yield last
        last = item
    if last is not None:
        yield last
