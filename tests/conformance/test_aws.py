"""The conformance kit on `aws`: declaration, planning, building (K0, K1, K2).

Limit: recorded under Pulumi's mock monitor; `tests/contract` and `tests/engine` go on from here.
"""

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS


class TestProvider(kit.ProviderConformance):
    provider = "aws"
    docs = DOCS / "aws"


class TestPlatform(kit.PlatformConformance):
    provider = "aws"


class TestDataset(kit.DatasetConformance):
    provider = "aws"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "aws"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "aws"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "aws"


_MONITOR_SCHEDULES = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html"
)


_MONITOR_DEVIATIONS = {
    "MM-05": kit.Deviation(
        reason="Model Monitor checks hourly, every so many hours or daily; weekdays and time "
        "zones are refused while planning",
        url=_MONITOR_SCHEDULES,
        tests=(
            "test_capability_is_honest",
            "test_children_are_named_after_the_component",
            "test_children_are_under_the_component",
            "test_every_registration_has_an_explicit_provider",
            "test_outputs_are_complete_and_typed",
            "test_planning_follows_the_table",
        ),
    ),
    "MM-06": kit.Deviation(
        reason="the declaration without a period has the expression that is refused",
        url=_MONITOR_SCHEDULES,
    ),
}


class TestModelMonitor(kit.ModelMonitorConformance):
    provider = "aws"
    deviations = _MONITOR_DEVIATIONS


class TestProcessingJob(kit.ProcessingJobConformance):
    provider = "aws"


class TestDataValidation(kit.DataValidationConformance):
    provider = "aws"


class TestRetrainingPolicy(kit.RetrainingPolicyConformance):
    provider = "aws"


class TestHyperparameterSearch(kit.HyperparameterSearchConformance):
    provider = "aws"


class TestPipeline(kit.PipelineConformance):
    provider = "aws"


class TestBatchInference(kit.BatchInferenceConformance):
    provider = "aws"


class TestFeatureGroup(kit.FeatureGroupConformance):
    provider = "aws"


class TestExperimentTracker(kit.ExperimentTrackerConformance):
    provider = "aws"
