"""Steps that fill a feature group, and that join groups to the data of a training."""

from functools import partial

from mlops_iac.feature_rules import feature_set
from mlops_iac.jobs import features
from mlops_iac.jobs.features import fill_work
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import FeatureGroup, TrainingJob
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


join_data = partial(features.join_data, work=WORK, step=processing_step)


def join_steps(job: TrainingJob, scope: Scope, wiring: Wiring) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step before a training that joins its features, and the training's wiring."""
    return join_data(job.name, job.sources, job, scope, wiring)
