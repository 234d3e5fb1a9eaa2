"""Every scenario, by kind: data that `docs/reference/conformance.md` shows."""

from collections.abc import Mapping

from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.batch_inference import BATCH_INFERENCE
from mlops_iac.testing.conformance.scenarios.data_validation import DATA_VALIDATION
from mlops_iac.testing.conformance.scenarios.dataset import DATASET
from mlops_iac.testing.conformance.scenarios.experiment_tracker import EXPERIMENT_TRACKER
from mlops_iac.testing.conformance.scenarios.feature_group import FEATURE_GROUP
from mlops_iac.testing.conformance.scenarios.hyperparameter_search import HYPERPARAMETER_SEARCH
from mlops_iac.testing.conformance.scenarios.model_endpoint import MODEL_ENDPOINT
from mlops_iac.testing.conformance.scenarios.model_monitor import MODEL_MONITOR
from mlops_iac.testing.conformance.scenarios.pipeline import PIPELINE
from mlops_iac.testing.conformance.scenarios.platform import PLATFORM
from mlops_iac.testing.conformance.scenarios.processing_job import PROCESSING_JOB
from mlops_iac.testing.conformance.scenarios.registered_model import REGISTERED_MODEL
from mlops_iac.testing.conformance.scenarios.retraining_policy import RETRAINING_POLICY
from mlops_iac.testing.conformance.scenarios.training_job import TRAINING_JOB

TABLES: Mapping[str, Table] = {
    table.kind: table
    for table in (
        PLATFORM,
        DATASET,
        PROCESSING_JOB,
        DATA_VALIDATION,
        FEATURE_GROUP,
        EXPERIMENT_TRACKER,
        TRAINING_JOB,
        HYPERPARAMETER_SEARCH,
        REGISTERED_MODEL,
        PIPELINE,
        MODEL_ENDPOINT,
        BATCH_INFERENCE,
        MODEL_MONITOR,
        RETRAINING_POLICY,
    )
}
"""The table of each kind, in the order of `mlops_iac.specs.KINDS`."""

SCENARIOS: Mapping[str, Scenario] = {
    scenario.id: scenario for table in TABLES.values() for scenario in table.scenarios
}
"""Every scenario by its number."""
