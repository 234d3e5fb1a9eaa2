"""The conformance kit on `azure`: declaration, planning, building (K0, K1, K2).

Limit: recorded under Pulumi's mock monitor; `tests/contract` and `tests/engine` go on from here.
"""

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS

IN_EVERY_ZONE = {
    "Platform.network[own].zones": kit.Deviation(
        reason="a subnet of Azure is in every zone: a warning says so, the plan is the same",
        tests=("test_a_changed_field_changes_the_plan_or_is_refused",),
    )
}


class TestProvider(kit.ProviderConformance):
    provider = "azure"
    docs = DOCS / "azure"


class TestPlatform(kit.PlatformConformance):
    provider = "azure"
    deviations = IN_EVERY_ZONE


class TestDataset(kit.DatasetConformance):
    provider = "azure"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "azure"


class TestExperimentTracker(kit.ExperimentTrackerConformance):
    provider = "azure"


class TestProcessingJob(kit.ProcessingJobConformance):
    provider = "azure"


class TestDataValidation(kit.DataValidationConformance):
    provider = "azure"


class TestHyperparameterSearch(kit.HyperparameterSearchConformance):
    provider = "azure"


class TestBatchInference(kit.BatchInferenceConformance):
    provider = "azure"


class TestPipeline(kit.PipelineConformance):
    provider = "azure"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "azure"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "azure"


class TestFeatureGroup(kit.FeatureGroupConformance):
    provider = "azure"


class TestRetrainingPolicy(kit.RetrainingPolicyConformance):
    provider = "azure"


class TestModelMonitor(kit.ModelMonitorConformance):
    provider = "azure"
