"""Experiments on Azure: the workspace is an MLflow server, and its experiments are what jobs name.

A `server` is that same one: Azure ML runs it, and it has pages. Whoever asks it bears a token of
Entra ID.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_iac import custom
from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExperimentTracker, HyperparameterSearch, Spec, TrainingJob
from mlops_iac_azure import facts, sdk, tracking

EXPERIMENT = "mlops-iac:azure:Experiment"


class ExperimentTrackerAdapter:
    """Maps `ExperimentTracker`; see `docs/mappings/azure/experiment_tracker.md`."""

    def check(self, spec: ExperimentTracker, scope: Scope) -> Iterator[Problem]:
        """Return nothing: all that the specification allows, Azure ML takes."""
        del spec, scope
        yield from ()

    def build(self, spec: ExperimentTracker, context: BuildContext) -> ExperimentTrackerOutputs:
        """Register the experiment."""
        identity = experiment_id(context, spec.name)
        workspace = context.built_platform.native["workspace"]
        made = custom.register(
            EXPERIMENT,
            context.name(),
            {
                # After the workspace: it is in the provider's configuration by its name only.
                "name": workspace.apply(lambda _: identity),
                "description": spec.description,
                "tags": {**context.tags, **_server(spec)},
            },
            outputs=("address",),
            opts=context.opts("name", **context.protected()),
        )
        address: sdk.pulumi.Output[Any] = made.id.apply(lambda _: server_address(context))
        known = sdk.pulumi.Output.from_input
        return ExperimentTrackerOutputs(
            native_id=made.id.apply(lambda _: f"{server_address(context)}#{identity}"),
            console_url=known(facts.console(context, "experiments")),
            experiment=made.id.apply(lambda _: identity),
            tracking_uri=address,
            url=known(None) if spec.server is None else address,
            # Callers show a token of Entra ID of their own.
            credential=known(None),
        )


def _server(spec: ExperimentTracker) -> dict[str, str]:
    return {} if spec.server is None else {"mlops-iac-server": spec.server.size.value}


def experiment_id(scope: Scope, tracker: str) -> str:
    """Return the name of an experiment in the workspace."""
    return facts.asset(scope, tracker)


def server_address(scope: Scope) -> str:
    """Return the address of the workspace's MLflow server."""
    return tracking.address(facts.place(scope))


def experiment_of(spec: Spec, scope: Scope) -> str:
    """Return the experiment that a component's runs are in: its own, where none is declared."""
    job = scope.specs.get(str(spec.job)) if isinstance(spec, HyperparameterSearch) else spec
    named = job.experiment if isinstance(job, TrainingJob) else None
    return experiment_id(scope, str(named or spec.name))


def tracked(job: TrainingJob) -> dict[str, Any]:
    """Return what the step of a training writes into its run of the experiment."""
    return {"track": {"parameters": dict(job.hyperparameters)}}
