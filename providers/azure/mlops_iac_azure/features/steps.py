"""Steps that fill a feature group, and that join groups to the data of a training."""

from collections.abc import Mapping

from mlops_iac.feature_rules import feature_set
from mlops_iac.jobs.features import fill_work, join_work, joined
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import DataRef, FeatureGroup, TrainingJob
from mlops_iac_azure import facts, names
from mlops_iac_azure.features.document import Definition
from mlops_iac_azure.jobs.processing import processing_step
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring

WORK = "mlops_iac_azure.work"
"""The module that fills and joins in containers."""


def table_name(scope: Scope, group: str) -> str:
    """Return the table of a group in the account's Table Storage."""
    return scope.physical_name(names.TABLE, group)


def definition(spec: FeatureGroup, scope: Scope) -> Definition:
    """Return what a filling is told of the group."""
    return Definition(
        values=feature_set(spec, scope.specs),
        subscription=facts.subscription(scope),
        region=facts.region(scope),
        group=facts.group(scope),
        workspace=facts.workspace(scope),
        bucket=facts.bucket(scope),
        asset=facts.asset(scope, spec.name),
        table=table_name(scope, spec.name) if spec.online else None,
    )


def fill_steps(spec: FeatureGroup, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that fills a group; its version is the run's key."""
    told = definition(spec, context).document()
    work = fill_work(spec, WORK, told, context, wiring)
    return (processing_step(spec.name, work, context, wiring),)


def join_steps(job: TrainingJob, scope: Scope, wiring: Wiring) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step before a training that joins its features, and the training's wiring.

    Without features there is no step, and the wiring is as it was.
    """
    return join_data(job.name, job.sources, job, scope, wiring)


def join_data(
    name: str, sources: Mapping[str, DataRef], job: TrainingJob, scope: Scope, wiring: Wiring
) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step that joins a training's features to data, and the wiring after it.

    Args:
        name: whose data they are; the step is called `<name>-join`.
        sources: the data, by the name of the input.
        job: whose features, and whose time.
        scope: the stack.
        wiring: what the steps before have made.
    """
    if not job.features:
        return (), wiring
    work = join_work(name, sources, job, WORK, scope, wiring)
    step = processing_step(f"{name}-join", work, scope, wiring)
    return (step,), joined(name, sources, wiring)
