"""What waits for a monitor: captured rows and truth that no finished check has judged.

Nothing is kept beside the runs themselves. What a finished check was of stands in its record, so
a check that was killed has judged nothing, and one that ended has judged its rows, whatever
happens in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.runtime.monitor.ledger import Ledger, Seen, extend_ledger, read_ledger
from mlops_iac.runtime.monitor.signals import MODEL_QUALITY
from mlops_iac_local.files import locked
from mlops_iac_local.jobs.definition import Definition
from mlops_iac_local.jobs.runs import FINISHED, read_record, run_folder, runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors.places import captured, told_files

_LABEL_ROWS = 1_000_000
"""Truth is looked for in so many of the newest captured rows."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What finished checks were of."""

    rows: int = 0
    """End of the captured files whose rows were judged."""
    seen_told: int = 0
    """Files of truth that were there at the last check."""
    labels: int = 0
    """End of the captured files at the last verdict on labels."""
    told: int = 0
    """Files of truth at the last verdict on labels."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What there is for the next check."""

    ledger: Ledger
    judged: Judged
    truth: list[Path]
    """Files of truth, oldest first."""
    present: frozenset[str]
    """Names of the captured files that are there; an endpoint's go when it is taken down."""

    @property
    def end(self) -> int:
        """Number after the last captured file."""
        return len(self.ledger.files)

    @property
    def rows(self) -> int:
        """Captured rows that wait."""
        waiting = self.ledger.files[self.judged.rows :]
        return sum(file.rows for file in waiting if file.name in self.present)

    @property
    def labels(self) -> int:
        """Labels that came after the last verdict on labels."""
        return sum(map(told_rows, self.truth[self.judged.told :]))

    @property
    def has_new_truth(self) -> bool:
        """Whether truth came after the last check."""
        return len(self.truth) > self.judged.seen_told

    @property
    def first(self) -> int:
        """Number of the oldest captured file that truth is looked for in."""
        rows, number = 0, self.end
        while number and rows < _LABEL_ROWS:
            number -= 1
            rows += self.ledger.files[number].rows
        return number


def told_rows(path: Path) -> int:
    """Return how many labels a file of truth holds; its name says it."""
    return int(path.stem.rpartition("-")[2])


def ledger_file(layout: Layout, made: Definition) -> Path:
    """Return the file with the numbers of the captured files."""
    return layout.job(made.component) / f"captured-{endpoint_of(made)}.txt"


def endpoint_of(made: Definition) -> str:
    """Return the endpoint that a monitor watches."""
    return str((made.task or {})["endpoint"])


def window(layout: Layout, made: Definition) -> Window:
    """Return what waits for a monitor, with numbers for files that are new."""
    endpoint, path = endpoint_of(made), ledger_file(layout, made)
    with locked(layout.lock(f"captured-{made.component}")):
        known = {file.name for file in read_ledger(path).files}
        files = sorted(captured(layout, endpoint).glob("[!.]*.parquet"))
        ledger = extend_ledger(path, [_seen(file) for file in files if file.name not in known])
    return Window(
        ledger=ledger,
        judged=judged(layout, made.component, ledger.id),
        truth=told_files(layout, endpoint),
        present=frozenset(file.name for file in files),
    )


def judged(layout: Layout, monitor: str, ledger: str) -> Judged:
    """Return what the finished checks of a monitor were of, by the numbers of one ledger."""
    found = Judged()
    for run in runs_of(layout, monitor):
        asked = read_record(run_folder(layout, run))["overrides"]
        if run.status == FINISHED and asked.get("ledger_id") == ledger:
            found = _further(found, asked, has_verdict=MODEL_QUALITY in run.metrics)
    return found


def _further(found: Judged, asked: Mapping[str, Any], *, has_verdict: bool) -> Judged:
    labels = asked["labels"]
    return Judged(
        rows=max(found.rows, asked["rows"][1]),
        seen_told=max(found.seen_told, labels["told"]),
        labels=max(found.labels, labels["end"] if has_verdict else 0),
        told=max(found.told, labels["told"] if has_verdict else 0),
    )


def _seen(path: Path) -> Seen:
    import pyarrow.parquet as pq

    return Seen(name=path.name, rows=pq.read_metadata(path).num_rows)
