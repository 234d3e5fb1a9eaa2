"""Building a whole declaration inside a running Pulumi program."""

from typing import Any

import pulumi

from mlops_iac.components.base import Component, Site
from mlops_iac.components.batch_inference import BatchInference
from mlops_iac.components.configuration import stack_config
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
from mlops_iac.errors import MlopsError
from mlops_iac.planning import Plan, plan
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
    drawn = plan(declaration, stack=pulumi.get_stack(), config=stack_config())
    try:
        drawn.require().require_appliable()
    except MlopsError as error:
        raise pulumi.RunError(str(error)) from None
    build_plan(drawn)


def build_plan(drawn: Plan) -> None:
    """Register everything that a plan without errors holds, and export the outputs."""
    site = Site(drawn)
    for platform in drawn.platforms.values():
        _export(platform.name, Platform(platform.name, site=site))
    specs = drawn.declaration.specs
    for name in drawn.order:
        _export(name, COMPONENTS[specs[name].kind](name, site=site))


def _export(name: str, component: Component[Any]) -> None:
    exported: dict[str, Any] = {"kind": component.kind, **component.outputs.exported()}
    pulumi.export(name, exported)
