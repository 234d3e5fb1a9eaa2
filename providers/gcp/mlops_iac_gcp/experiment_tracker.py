"""Experiments on Google Cloud: contexts of Vertex AI's metadata, which its console compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac import custom
from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExperimentTracker, TrainingJob
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.tracking_server import add_server

EXPERIMENT = "mlops-iac:gcp:Experiment"
AUTHENTICATION = "mlops-iac-gcp"
"""Name of `identity_auth`'s plug-in, which MLflow's clients ask the server by."""


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
        server = None if spec.server is None else add_server(spec, context)
        # Vertex AI's own API; MLflow's clients do not speak it.
        own = sdk.pulumi.Output.concat(facts.vertex_address(context), "v1/", name)
        return ExperimentTrackerOutputs(
            native_id=name,
            console_url=known(facts.console(context, "vertex-ai/experiments")),
            experiment=name.apply(lambda _: identity),
            tracking_uri=own if server is None else server.uri,
            url=known(None if server is None else server.uri),
            # Callers show an identity token of their own.
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


def server_variables(job: TrainingJob, scope: Scope, servers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables by which a run finds the tracking server of its experiment.

    Args:
        job: the job; none when its experiment has no server.
        scope: where it is built.
        servers: address of each server, by tracker.
    """
    tracker = scope.specs.get(str(job.experiment)) if job.experiment else None
    if not isinstance(tracker, ExperimentTracker) or tracker.server is None:
        return {}
    told = {
        "MLFLOW_TRACKING_URI": servers[tracker.name],
        "MLFLOW_TRACKING_AUTH": AUTHENTICATION,
        "MLFLOW_EXPERIMENT_NAME": experiment_id(scope, tracker.name),
        contract.EXPERIMENT_NOTE: tracker.description,
    }
    return {name: value for name, value in told.items() if value}


def _body(spec: ExperimentTracker, context: BuildContext) -> dict[str, Any]:
    return {
        "displayName": spec.name,
        "description": spec.description,
        "labels": facts.labels(context),
        # As Google's own client marks one: its console lists what has it.
        "metadata": {"experiment_deleted": False},
    }
