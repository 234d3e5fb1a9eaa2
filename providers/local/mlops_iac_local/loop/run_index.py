"""The runs of a stack as the loop sees them every second: what has ended is read once."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from mlops_iac.operations import Run
from mlops_iac_local.jobs.runs import (
    RESULT,
    RUNNING,
    attempts,
    is_running,
    read_run,
    run_folder,
)
from mlops_iac_local.layout import Layout

_FRESH_NS = 1_000_000_000
"""A folder that changed so lately may change again within the same tick of its time stamp."""


class RunIndex:
    """Runs by component; costs a look at each key's folder, and a read of what is under way."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._attempts: dict[str, tuple[int, list[Path]]] = {}
        self._kept: dict[Path, Run] = {}
        self._kept_ids: set[str] = set()

    def of(self, component: str) -> list[Run]:
        """Return the runs of a component, newest first."""
        found = [run for folder in self._folders() if (run := self._read(folder)) is not None]
        mine = [run for run in found if run.component == component]
        return sorted(mine, key=lambda run: run.started, reverse=True)

    def is_kept(self, run: Run) -> bool:
        """Whether a run has ended and what it made is kept."""
        return run.id in self._kept_ids

    def is_under_way(self, component: str) -> bool:
        """Whether a run of a component is under way."""
        return any(run.status == RUNNING and not self.lacks_end(run) for run in self.of(component))

    def lacks_end(self, run: Run) -> bool:
        """Whether a run is over and nobody has drawn the consequences."""
        return not self.is_kept(run) and not is_running(run_folder(self._layout, run))

    def _folders(self) -> Iterator[Path]:
        if not self._layout.runs.is_dir():
            return
        with os.scandir(self._layout.runs) as keys:
            for key in keys:
                yield from self._attempts_of(key.name, key.stat().st_mtime_ns)

    def _attempts_of(self, key: str, changed: int) -> list[Path]:
        known = self._attempts.get(key)
        if known is not None and known[0] == changed:
            return known[1]
        found = attempts(self._layout, key)
        if time.time_ns() - changed > _FRESH_NS:
            self._attempts[key] = (changed, found)
        return found

    def _read(self, folder: Path) -> Run | None:
        if (known := self._kept.get(folder)) is not None:
            return known
        # Asked before the read: what is kept is then whole.
        has_result = (folder / RESULT).exists()
        run = read_run(folder)
        if run is not None and has_result:
            self._kept[folder] = run
            self._kept_ids.add(run.id)
        return run
