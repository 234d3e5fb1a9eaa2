"""Experiments on Google Cloud: contexts of Vertex AI's metadata, which its console compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_iac import custom
from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExperimentTracker, TrainingJob
from mlops_iac_gcp import facts, names, sdk

EXPERIMENT = "mlops-iac:gcp:Experiment"


class ExperimentTrackerAdapter:
    """Maps `ExperimentTracker`; see `docs/mappings/gcp/experiment_tracker.md`."""

    def check(self, spec: ExperimentTracker, scope: Scope) -> Iterator[Problem]:
        """Return nothing: all that the specification allows, Vertex AI takes."""
        del spec, scope
        yield from ()

    def build(self, spec: ExperimentTracker, context: BuildContext) -> ExperimentTrackerOutputs:
        """Register the experiment."""
        identity = experiment_id(context, spec.name)
        body = _body(spec, context)
        made = custom.register(
            EXPERIMENT,
            context.name(),
            {"contextId": identity, **body},
            outputs=("name",),
            opts=context.opts("name", **context.protected()),
        )
        name: sdk.pulumi.Output[Any] = getattr(made, "name")  # noqa: B009  an output, by its name
        known = sdk.pulumi.Output.from_input
        return ExperimentTrackerOutputs(
            native_id=name,
            console_url=known(facts.console(context, "vertex-ai/experiments")),
            experiment=name.apply(lambda _: identity),
            # Its API; MLflow's clients do not speak it.
            tracking_uri=sdk.pulumi.Output.concat(facts.vertex_address(context), "v1/", name),
            url=known(None),
            credential=known(None),
        )


def experiment_id(scope: Scope, tracker: str) -> str:
    """Return the id of an experiment."""
    return scope.physical_name(names.EXPERIMENT, tracker)


def tracked(job: TrainingJob, scope: Scope) -> dict[str, Any]:
    """Return what the launcher of a training writes of its run; empty without an experiment."""
    if job.experiment is None:
        return {}
    hyperparameters = dict(job.hyperparameters)
    identity = experiment_id(scope, str(job.experiment))
    return {"experiment": {"id": identity, "parameters": hyperparameters}}


def _body(spec: ExperimentTracker, context: BuildContext) -> dict[str, Any]:
    return {
        "displayName": spec.name,
        "description": spec.description,
        "labels": facts.labels(context),
        # As Google's own client marks one: its console lists what has it.
        "metadata": {"experiment_deleted": False},
    }
