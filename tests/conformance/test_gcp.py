"""The conformance kit on `gcp`: declaration, planning, building (K0, K1, K2).

Limit: recorded under Pulumi's mock monitor; `tests/contract` and `tests/engine` go on from here.
"""

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS


class TestProvider(kit.ProviderConformance):
    provider = "gcp"
    docs = DOCS / "gcp"


class TestPlatform(kit.PlatformConformance):
    provider = "gcp"


class TestDataset(kit.DatasetConformance):
    provider = "gcp"


class TestExperimentTracker(kit.ExperimentTrackerConformance):
    provider = "gcp"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "gcp"


class TestProcessingJob(kit.ProcessingJobConformance):
    provider = "gcp"


class TestDataValidation(kit.DataValidationConformance):
    provider = "gcp"


class TestHyperparameterSearch(kit.HyperparameterSearchConformance):
    provider = "gcp"


class TestBatchInference(kit.BatchInferenceConformance):
    provider = "gcp"


class TestPipeline(kit.PipelineConformance):
    provider = "gcp"


class TestFeatureGroup(kit.FeatureGroupConformance):
    provider = "gcp"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "gcp"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "gcp"


class TestRetrainingPolicy(kit.RetrainingPolicyConformance):
    provider = "gcp"


class TestModelMonitor(kit.ModelMonitorConformance):
    provider = "gcp"
