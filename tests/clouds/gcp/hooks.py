"""What is run in Google Cloud, and what a test cloud's control plane tells of it."""

from enum import StrEnum

from tests.clouds import runs
from tests.clouds.runs import Invocation, Run, RunState
from tests.clouds.servers import Reply

__all__ = ["Invocation", "Reply", "Run", "RunKind", "RunState", "Simulated", "Work"]

Work = runs.Work[Run]


class RunKind(StrEnum):
    """What is run; a run's `request` holds what is told here."""

    CUSTOM_JOB = "customJobs"
    """The CustomJob."""
    TUNING = "hyperparameterTuningJobs"
    """The HyperparameterTuningJob."""
    BATCH = "batchPredictionJobs"
    """The BatchPredictionJob; `model` is the version's Model, as `models.get` answers."""
    PIPELINE = "pipelineJobs"
    """The PipelineJob."""
    DEPLOYMENT = "deployedModels"
    """`endpoint` and `deployedModel` as the API has them, and `model`: the version's Model."""
    BUILD = "builds"
    """The Build."""
    SERVICE = "services"
    """The Cloud Run Service."""
    WORKFLOW = "executions"
    """The Execution, and `workflow`: the Workflow with its `sourceContents`."""
    SCAN = "dataScans"
    """The DataScan."""
    SYNC = "featureViews"
    """The FeatureView that is to be synchronised."""
    MONITORING = "modelMonitoringJobs"
    """The ModelMonitoringJob, and `modelMonitor`."""


class Simulated(runs.Simulated[Run]):
    """Nothing is done; every run ends well when it was looked at `looks` times."""

    looked_at = frozenset(
        {
            RunKind.CUSTOM_JOB,
            RunKind.TUNING,
            RunKind.BATCH,
            RunKind.PIPELINE,
            RunKind.BUILD,
            RunKind.WORKFLOW,
            RunKind.MONITORING,
        }
    )
