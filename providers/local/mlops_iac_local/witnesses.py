"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Own, Witness

EXAMPLES: Mapping[str, Any] = {
    "uri": "file://{project}/data/a.csv",
}
"""Legal values of this target; nobody's real ones."""

_DATASET = "mlops-iac:local:Dataset"
_DEPLOYMENT = "mlops-iac:local:ModelDeployment"
_ENDPOINT = "mlops-iac:local:Endpoint"
_FEATURES = "mlops-iac:local:FeatureGroup"
_JOB = "mlops-iac:local:JobDefinition"
_MODEL = "mlops-iac:local:RegisteredModel"
_POLICY = "mlops-iac:local:RetrainingPolicy"
_RUN = "mlops-iac:local:JobRun"
_SCHEDULE = "mlops-iac:local:Schedule"
_TRACKER = "mlops-iac:local:ExperimentTracker"

WITNESSES: Mapping[Capability, Witness | tuple[Witness, ...] | Differs] = {
    Capability.PLATFORM_TAGS: Witness("mlops-iac:local:Platform", "tags.team", "kit"),
    Capability.DATASET_FILES: Witness(_DATASET, "source", "data/*.csv"),
    Capability.DATASET_URI: Witness(_DATASET, "source", Own("uri")),
    Capability.DATASET_COLUMNS: Witness(_DATASET, "columns.x"),
    Capability.DATA_FROM_JOB: (
        Witness(_JOB, "sources.*", "clean/rows"),
        Witness(_JOB, "name", "clean"),
    ),
    Capability.VALIDATION: Witness(_JOB, "kind", "DataValidation"),
    Capability.PROCESSING_SCRIPT: Witness(_JOB, "script", "process.py"),
    Capability.PROCESSING_SPOT: Witness(_JOB, "maxWait"),
    Capability.PROCESSING_SECRETS: Witness(_JOB, "environment.PASSWORD.secret", "kit-password"),
    Capability.FEATURES_OFFLINE: Witness(_FEATURES, "offline"),
    Capability.FEATURES_ONLINE: Witness(_FEATURES, "online"),
    Capability.FEATURES_TTL: Witness(_FEATURES, "ttl"),
    Capability.TRACKER_EXPERIMENT: Witness(_TRACKER),
    Capability.TRACKER_SERVER: Witness(_TRACKER, "size"),
    Capability.TRAINING_SCRIPT: Witness(_JOB, "script", "train.py"),
    Capability.TRAINING_SPOT: Witness(_JOB, "maxWait"),
    Capability.TRAINING_SECRETS: Witness(_JOB, "environment.PASSWORD.secret", "kit-password"),
    Capability.TRAINING_FEATURES: Witness(_JOB, "features.weather"),
    Capability.TRAINING_EXPERIMENT: Witness(_JOB, "experiment", "kit-dev-trials-4dd370b6"),
    Capability.TRAINING_ON_CHANGE: Witness(_RUN),
    Capability.TRAINING_WAIT_FINISHED: Witness(_RUN, "wait", "finished"),
    Capability.TRAINING_WAIT_SUBMITTED: Witness(_RUN, "wait", "submitted"),
    Capability.SEARCH_BAYESIAN: Witness(_JOB, "task.strategy", "bayesian"),
    Capability.SEARCH_RANDOM: Witness(_JOB, "task.strategy", "random"),
    Capability.SEARCH_GRID: Witness(_JOB, "task.strategy", "grid"),
    Capability.SEARCH_PARALLEL: Witness(_JOB, "task.parallel", 2),
    Capability.PIPELINE_STEPS: Witness(_JOB, "kind", "Pipeline"),
    Capability.PIPELINE_GATES: Witness(_JOB, "task.gates.*.metric", "roc_auc"),
    Capability.SCHEDULE_CRON: Witness(_SCHEDULE, "trigger.cron"),
    Capability.SCHEDULE_EVERY: Witness(_SCHEDULE, "trigger.every_s", 7200),
    Capability.MODEL_APPROVAL: Witness(_MODEL, "approval", "manual"),
    Capability.MODEL_CARD: Differs("the card is several tags, whose names have dots in them"),
    Capability.MODEL_PICKLE: Witness(_MODEL, "trustPickle"),
    Capability.ENDPOINT_PINNED: Witness(_DEPLOYMENT, "version", 3),
    Capability.ENDPOINT_ALIAS: Witness(_DEPLOYMENT, "alias", "champion"),
    Capability.ENDPOINT_REPLICAS: Witness(_ENDPOINT, "scaling.replicas", 3),
    Capability.ENDPOINT_AUTOSCALING: Witness(_ENDPOINT, "scaling.max"),
    Capability.ENDPOINT_SCALE_TO_ZERO: Witness(_ENDPOINT, "scaling.min", 0),
    Capability.ENDPOINT_SERVERLESS: Witness(_ENDPOINT, "scaling.memory_gb"),
    Capability.ENDPOINT_CAPTURE: Witness(_DEPLOYMENT, "capturePercent", 50),
    Capability.ENDPOINT_IDENTITY_AUTH: Witness(_ENDPOINT, "authentication", "identity"),
    Capability.ENDPOINT_KEY_AUTH: Witness(_ENDPOINT, "authentication", "key"),
    Capability.ENDPOINT_SECRETS: Witness(
        _DEPLOYMENT, "environment.PASSWORD.secret", "kit-password"
    ),
    Capability.ENDPOINT_TIMEOUT: Witness(_DEPLOYMENT, "timeout", 30),
    Capability.BATCH: Witness(_JOB, "kind", "BatchInference"),
    Capability.BATCH_SECRETS: Witness(_JOB, "environment.PASSWORD.secret", "kit-password"),
    Capability.MONITOR_DATA_QUALITY: Witness(_JOB, "task.signals.*", "data_quality"),
    Capability.MONITOR_DATA_DRIFT: Witness(_JOB, "task.signals.*", "data_drift"),
    Capability.MONITOR_PREDICTION_DRIFT: Witness(_JOB, "task.signals.*", "prediction_drift"),
    Capability.MONITOR_MODEL_QUALITY: Witness(_JOB, "task.performance.metric"),
    Capability.RETRAINING: Witness(_POLICY),
    Capability.RETRAINING_AUTOMATIC: Witness(_POLICY, "rules.promotion", "automatic"),
    Capability.RETRAINING_BUDGET: Witness(_POLICY, "rules.budget_s", 7200),
}
"""What shows that a capability is wired, for each that is usable."""

STATEFUL: frozenset[str] = frozenset({"mlops-iac:local:Platform", _DATASET, _FEATURES, _MODEL})
"""Types of what holds data."""
