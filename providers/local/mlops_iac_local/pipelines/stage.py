"""Where a run of a pipeline stands: its task, and the runs of its steps so far."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.operations import Run
from mlops_iac_local.jobs import finishing, starting
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.runs import STOPPED
from mlops_iac_local.layout import Layout

_POLL_SECONDS = 0.1


class StoppedError(MlopsError):
    """The pipeline was asked to stop."""

    code = "local.stopped"


@dataclass(kw_only=True)
class Stage:
    """One run of a pipeline, as its parts see it."""

    layout: Layout
    folder: Path
    pipeline: str
    run_id: str
    task: Mapping[str, Any]
    overrides: Mapping[str, Any]
    again: bool
    done: dict[str, Run] = field(default_factory=dict[str, Run])
    """The run of each step that ended well."""
    stopping: threading.Event = field(default_factory=threading.Event)

    def perform(self, made: Definition, request: starting.Request) -> tuple[Run, bool]:
        """Run a definition to its end; return the run, and whether it was there before.

        Raises:
            StoppedError: the pipeline was asked to stop; so was the run.
            RunFailedError: the key's last run failed.
        """
        started = starting.start(self.layout, made, request, attached=True)
        is_found = started.keeper is None
        try:
            run = finishing.complete(self.layout, started, self._tick)
        except StoppedError:
            if not is_found:
                finishing.finish(self.layout, started.folder)
            raise
        if run.status == STOPPED and is_found:
            # It was dying with the process that had started it: a killed run of this pipeline.
            return self.perform(made, request)
        return run, is_found

    def inputs_of(self, made: Definition, names: Mapping[str, str]) -> dict[str, str]:
        """Return the data that a definition reads in this run otherwise than it declares.

        Args:
            made: the definition.
            names: `dataset`, or `job/output`, by the name of the input.
        """
        found = {name: self._digest(source) for name, source in names.items()}
        return {
            name: digest
            for name, digest in found.items()
            if digest is not None and made.inputs.get(name) != digest
        }

    def _digest(self, source: str) -> str | None:
        owner, _, output = source.partition("/")
        if not output:
            return self.task["data"].get(owner)
        run = self.done.get(owner)
        if run is None or run.key == definition(self.layout, owner).key:
            # What its definition names is what it finds.
            return None
        return run.outputs[output]

    def _tick(self) -> None:
        if self.stopping.wait(_POLL_SECONDS):
            raise StoppedError("the pipeline was stopped")
