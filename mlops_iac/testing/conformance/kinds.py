"""One class per kind: planning and building, K1 and K2, of its scenarios and flips."""

from mlops_iac.testing.conformance.building import Building, Wired
from mlops_iac.testing.conformance.planning import Planning


class KindConformance(Planning, Building):
    """K1 and K2 of one kind."""


class PlatformConformance(KindConformance, Wired):
    """`Platform`."""

    kind = "Platform"


class DatasetConformance(KindConformance):
    """`Dataset`."""

    kind = "Dataset"


class ProcessingJobConformance(KindConformance):
    """`ProcessingJob`."""

    kind = "ProcessingJob"


class DataValidationConformance(KindConformance):
    """`DataValidation`."""

    kind = "DataValidation"


class FeatureGroupConformance(KindConformance):
    """`FeatureGroup`."""

    kind = "FeatureGroup"


class ExperimentTrackerConformance(KindConformance):
    """`ExperimentTracker`."""

    kind = "ExperimentTracker"


class TrainingJobConformance(KindConformance):
    """`TrainingJob`."""

    kind = "TrainingJob"


class HyperparameterSearchConformance(KindConformance):
    """`HyperparameterSearch`."""

    kind = "HyperparameterSearch"


class RegisteredModelConformance(KindConformance):
    """`RegisteredModel`."""

    kind = "RegisteredModel"


class PipelineConformance(KindConformance):
    """`Pipeline`."""

    kind = "Pipeline"


class ModelEndpointConformance(KindConformance):
    """`ModelEndpoint`."""

    kind = "ModelEndpoint"


class BatchInferenceConformance(KindConformance):
    """`BatchInference`."""

    kind = "BatchInference"


class ModelMonitorConformance(KindConformance):
    """`ModelMonitor`."""

    kind = "ModelMonitor"


class RetrainingPolicyConformance(KindConformance):
    """`RetrainingPolicy`."""

    kind = "RetrainingPolicy"


def conformance_of(kind: str) -> type[KindConformance]:
    """Return the class of a kind."""
    return next(each for each in KindConformance.__subclasses__() if each.kind == kind)
