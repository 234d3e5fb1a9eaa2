"""The conformance kit: what every provider is held to, ours and strangers' alike.

An author writes one class per kind, in a test module of the provider's own package:

    class TestAcmeEndpoint(ModelEndpointConformance):
        provider = "acme"

What is expected comes from the provider's capability table; no test asks which provider it is.
Needs the extra `testing`. See `docs/reference/conformance.md` and
`docs/guides/write-an-adapter.md`.
"""

# ruff: noqa: E402  pytest must know of the assertions here before they are imported
import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{level}" for level in ("building", "declaring", "living", "planning"))
)

from mlops_iac.testing.conformance.bench import Bench, Built
from mlops_iac.testing.conformance.declaring import ProviderConformance
from mlops_iac.testing.conformance.kinds import (
    BatchInferenceConformance,
    DatasetConformance,
    DataValidationConformance,
    ExperimentTrackerConformance,
    FeatureGroupConformance,
    HyperparameterSearchConformance,
    KindConformance,
    ModelEndpointConformance,
    ModelMonitorConformance,
    PipelineConformance,
    PlatformConformance,
    ProcessingJobConformance,
    RegisteredModelConformance,
    RetrainingPolicyConformance,
    TrainingJobConformance,
    conformance_of,
)
from mlops_iac.testing.conformance.living import EngineConformance
from mlops_iac.testing.conformance.scenario import Scenario, ScenarioError, Table
from mlops_iac.testing.conformance.scenarios import SCENARIOS, TABLES
from mlops_iac.testing.conformance.suite import Deviation, Suite

__all__ = [
    "SCENARIOS",
    "TABLES",
    "BatchInferenceConformance",
    "Bench",
    "Built",
    "DataValidationConformance",
    "DatasetConformance",
    "Deviation",
    "EngineConformance",
    "ExperimentTrackerConformance",
    "FeatureGroupConformance",
    "HyperparameterSearchConformance",
    "KindConformance",
    "ModelEndpointConformance",
    "ModelMonitorConformance",
    "PipelineConformance",
    "PlatformConformance",
    "ProcessingJobConformance",
    "ProviderConformance",
    "RegisteredModelConformance",
    "RetrainingPolicyConformance",
    "Scenario",
    "ScenarioError",
    "Suite",
    "Table",
    "TrainingJobConformance",
    "conformance_of",
]
