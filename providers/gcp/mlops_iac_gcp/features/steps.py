"""Steps that fill a feature group, and that join groups to the data of a training."""

from functools import partial

from mlops_iac.feature_rules import feature_set
from mlops_iac.jobs import features
from mlops_iac.jobs.features import fill_work
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import FeatureGroup, TrainingJob
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.features.document import Definition
from mlops_iac_gcp.features.online_store import store_id
from mlops_iac_gcp.jobs.processing import processing_step
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring

WORK = "mlops_iac_gcp.work"
"""The module that fills and joins in containers."""


def dataset_id(scope: Scope, group: str) -> str:
    """Return the id of the dataset of BigQuery that a group has for itself."""
    return scope.physical_name(names.BIGQUERY_DATASET, group)


def feature_group_id(scope: Scope, group: str) -> str:
    """Return the id of a group in the feature registry, and of its feature view."""
    return scope.physical_name(names.FEATURES, group)


def view_name(spec: FeatureGroup, context: BuildContext) -> str | None:
    """Return the full name of a group's feature view; `None` for one without an online store."""
    if not spec.online:
        return None
    store = f"{facts.location(context)}/featureOnlineStores/{store_id(context, spec.name)}"
    return f"{store}/featureViews/{feature_group_id(context, spec.name)}"


def definition(spec: FeatureGroup, context: BuildContext) -> Definition:
    """Return what a filling is told of the group."""
    return Definition(
        values=feature_set(spec, context.specs),
        project=facts.project(context),
        region=facts.region(context),
        bucket=facts.bucket(context),
        dataset=dataset_id(context, spec.name),
        view=view_name(spec, context),
    )


def fill_steps(spec: FeatureGroup, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that fills a group; its version is the run's key."""
    told = definition(spec, context).document()
    work = fill_work(spec, WORK, told, context, wiring, run=wiring.run)
    return (processing_step(spec.name, work, context, wiring),)


join_data = partial(features.join_data, work=WORK, step=processing_step)


def join_steps(job: TrainingJob, scope: Scope, wiring: Wiring) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step before a training that joins its features, and the training's wiring."""
    return join_data(job.name, job.sources, job, scope, wiring)
