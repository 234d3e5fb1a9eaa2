"""Building a whole declaration inside a running Pulumi program."""

from typing import Any

import pulumi

from mlops_iac import sharing
from mlops_iac.components.base import Component, Site
from mlops_iac.components.batch_inference import BatchInference
from mlops_iac.components.configuration import shared_platform, stack_config
from mlops_iac.components.data_validation import DataValidation
from mlops_iac.components.dataset import Dataset
from mlops_iac.components.experiment_tracker import ExperimentTracker
from mlops_iac.components.feature_group import FeatureGroup
from mlops_iac.components.hyperparameter_search import HyperparameterSearch
from mlops_iac.components.model_endpoint import ModelEndpoint
from mlops_iac.components.model_monitor import ModelMonitor
from mlops_iac.components.pipeline import Pipeline
from mlops_iac.components.platform import Platform
from mlops_iac.components.processing_job import ProcessingJob
from mlops_iac.components.registered_model import RegisteredModel
from mlops_iac.components.retraining_policy import RetrainingPolicy
from mlops_iac.components.training_job import TrainingJob
from mlops_iac.discovery import provider
from mlops_iac.errors import MlopsError
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import SharingAdapter
from mlops_iac.stack import Declaration

COMPONENTS: dict[str, type[Component[Any]]] = {
    component.kind: component
    for component in (
        Platform,
        Dataset,
        ProcessingJob,
        DataValidation,
        FeatureGroup,
        ExperimentTracker,
        TrainingJob,
        HyperparameterSearch,
        RegisteredModel,
        Pipeline,
        ModelEndpoint,
        BatchInference,
        ModelMonitor,
        RetrainingPolicy,
    )
}


def build(declaration: Declaration) -> None:
    """Plan a declaration for the running stack and register everything.

    Raises:
        pulumi.RunError: the declaration has problems, or its target can only be planned yet;
            nothing was registered.
    """
    try:
        shared = shared_platform(declaration.stack.platform)
        drawn = plan(declaration, stack=pulumi.get_stack(), config=stack_config(), shared=shared)
        drawn.require().require_appliable()
    except MlopsError as error:
        raise pulumi.RunError(str(error)) from None
    build_plan(drawn)


def build_plan(drawn: Plan) -> None:
    """Register everything that a plan without errors holds, and export the outputs."""
    site = Site(drawn)
    for platform in drawn.platforms.values():
        built = Platform(platform.name, site=site)
        _export(platform.name, built, **_document(site, built))
    specs = drawn.declaration.specs
    for name in drawn.order:
        _export(name, COMPONENTS[specs[name].kind](name, site=site))


def _document(site: Site, built: Platform) -> dict[str, Any]:
    """Return what other stacks read of a platform; nothing of one that another stack owns."""
    scope = site.plan.scopes[built.spec.name]
    adapter = provider(scope.target.name).adapter(built.kind)
    if scope.shared is not None or not isinstance(adapter, SharingAdapter):
        return {}
    declared = scope.platform.model_copy(
        update={"region": scope.target.region, "account": scope.target.account}
    )
    found = sharing.document(scope.project, scope.stack, declared, built.outputs, adapter.shares)
    return {sharing.KEY: found}


def _export(name: str, component: Component[Any], **more: Any) -> None:
    exported: dict[str, Any] = {"kind": component.kind, **component.outputs.exported(), **more}
    pulumi.export(name, exported)
