"""Where a run of a pipeline stands: its task, and the runs of its steps so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.operations import Run
from mlops_iac_local.control import Control
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.starting import Request
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines.present import own_values


@dataclass(kw_only=True)
class Stage:
    """One run of a pipeline, as its parts see it."""

    control: Control
    done: dict[str, Run] = field(default_factory=dict[str, Run])
    """The run of each step that ended well."""
    filled: dict[str, str] = field(default_factory=dict[str, str])
    """The version of each feature group that a step filled."""

    @property
    def layout(self) -> Layout:
        """The stack's folders."""
        return self.control.layout

    @property
    def task(self) -> Mapping[str, Any]:
        """What is run, and on what."""
        return self.control.task

    def request(self, made: Definition, names: Mapping[str, str]) -> Request:
        """Return what a run of a step, or of the gates, has of its own here.

        Args:
            made: what is run.
            names: `dataset`, or `job/output`, by the name of the input.
        """
        record = self.control.record
        return Request(
            overrides=own_values(record["overrides"], made.component),
            inputs=self.inputs_of(made, names),
            features=self.features_of(made),
            # The loop asks for another run of the pipeline, a person with `--again` for new steps.
            again=record["again"] and record["parent"] is None,
            # One candidate waits for the gates; several models, which no gate can judge, do not.
            registers=not self.task["candidate"],
            parent=self.control.run_id,
        )

    def features_of(self, made: Definition) -> dict[str, str]:
        """Return the feature groups that a run reads in another version than it declares."""
        task = made.task or {}
        # A search reads what its job reads.
        job = definition(self.layout, task["job"]) if made.kind == "HyperparameterSearch" else made
        return {
            name: version
            for name, version in self.filled.items()
            if name in job.features and job.features[name] != version
        }

    def made_data(self, source: str) -> str | None:
        """Return the digest of data in this run; `None` when no step and no dataset gives it."""
        owner, _, output = source.partition("/")
        if not output:
            return self.task["data"].get(owner)
        return self.done[owner].outputs[output] if owner in self.done else None

    def inputs_of(self, made: Definition, names: Mapping[str, str]) -> dict[str, str]:
        """Return the data that a definition reads in this run otherwise than it declares."""
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
