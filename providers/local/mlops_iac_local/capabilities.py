"""What this machine does, as data."""

from mlops_iac.provider import Capability, CapabilityTable, Level, Support, total_table

_NATIVE = Support(Level.NATIVE)
_ONE_PROCESS = "one server process; the declared numbers are kept with the endpoint"

_ONE_VERSION = "one version answers: leave `challenger` out here, set it in the cloud's overlay"


def _never(note: str) -> Support:
    return Support(Level.NEVER, note)


def _emulated(note: str) -> Support:
    return Support(Level.EMULATED, note)


def _not_yet(note: str) -> Support:
    return Support(Level.NOT_IMPLEMENTED, note)


CAPABILITIES: CapabilityTable = total_table(
    "local",
    {
        Capability.PLATFORM_REGION: _never(
            "a machine has no region: set it in the cloud's overlay"
        ),
        Capability.PLATFORM_ACCOUNT: _never("nobody is billed: set it in the cloud's overlay"),
        Capability.PLATFORM_ROLE: _never("everything runs as you: set it in the cloud's overlay"),
        Capability.PLATFORM_EXISTING_NETWORK: _never(
            "servers listen on 127.0.0.1 only: set `network` in the cloud's overlay"
        ),
        Capability.PLATFORM_OWN_NETWORK: _never(
            "servers listen on 127.0.0.1 only: set `network` in the cloud's overlay"
        ),
        Capability.PLATFORM_CUSTOMER_KEY: _never(
            "files are private to you, not encrypted: use an encrypted disk, and set `encryption` "
            "in the cloud's overlay"
        ),
        Capability.PLATFORM_EXISTING_KEY: _never(
            "files are private to you, not encrypted: use an encrypted disk, and set `encryption` "
            "in the cloud's overlay"
        ),
        Capability.PLATFORM_TAGS: _NATIVE,
        Capability.PLATFORM_RUNTIME_IMAGE: _never(
            "processes, not containers: the runtime is this Python; set it in the cloud's overlay"
        ),
        Capability.DATASET_FILES: _NATIVE,
        Capability.DATASET_URI: _emulated(
            "`file://` is copied into the store; nothing else is read"
        ),
        Capability.DATASET_COLUMNS: _NATIVE,
        Capability.TRAINING_SCRIPT: _NATIVE,
        Capability.TRAINING_IMAGE: _never("processes, not containers: name a `script`"),
        Capability.TRAINING_ACCELERATOR: _not_yet(
            "leave `accelerator` out in this environment; libraries find a GPU by themselves"
        ),
        Capability.TRAINING_INSTANCES: _not_yet("leave `instances` at 1 in this environment"),
        Capability.TRAINING_SPOT: _emulated(
            "runs on this machine and is never interrupted; `max_wait` bounds the whole run"
        ),
        Capability.TRAINING_SECRETS: _emulated(
            "a file of mode 0600 in `~/.config/mlops-iac/secrets/`, read at start by the launcher"
        ),
        Capability.TRAINING_ON_CHANGE: _NATIVE,
        Capability.TRAINING_WAIT_FINISHED: _NATIVE,
        Capability.TRAINING_WAIT_SUBMITTED: _NATIVE,
        Capability.MODEL_APPROVAL: _NATIVE,
        Capability.MODEL_CARD: _emulated("kept as tags of the MLflow model"),
        Capability.MODEL_PICKLE: _NATIVE,
        Capability.ENDPOINT_PINNED: _NATIVE,
        Capability.ENDPOINT_ALIAS: _NATIVE,
        Capability.ENDPOINT_REPLICAS: _emulated(_ONE_PROCESS),
        Capability.ENDPOINT_AUTOSCALING: _emulated(_ONE_PROCESS),
        Capability.ENDPOINT_SCALE_TO_ZERO: _emulated(f"{_ONE_PROCESS}, and it never goes to zero"),
        Capability.ENDPOINT_SERVERLESS: _emulated(_ONE_PROCESS),
        Capability.ENDPOINT_ASYNC: _not_yet(
            "no queue: use replicas in this environment, and `async` in the cloud's overlay"
        ),
        Capability.ENDPOINT_ACCELERATOR: _not_yet("leave `accelerator` out in this environment"),
        Capability.ENDPOINT_CANARY: _not_yet(
            "a healthy version takes over at once: set `rollout` in the cloud's overlay"
        ),
        Capability.ENDPOINT_LINEAR: _not_yet(
            "a healthy version takes over at once: set `rollout` in the cloud's overlay"
        ),
        Capability.ENDPOINT_SPLIT: _not_yet(_ONE_VERSION),
        Capability.ENDPOINT_SHADOW: _not_yet(_ONE_VERSION),
        Capability.ENDPOINT_CAPTURE: _NATIVE,
        Capability.ENDPOINT_IDENTITY_AUTH: _emulated(
            "a random token in a file of mode 0600: who may read it is who may call"
        ),
        Capability.ENDPOINT_KEY_AUTH: _NATIVE,
        Capability.ENDPOINT_SECRETS: _emulated(
            "a file of mode 0600 in `~/.config/mlops-iac/secrets/`, read at start by the launcher"
        ),
        Capability.ENDPOINT_TIMEOUT: _emulated(
            "the server answers 504 to a prediction that takes longer; one that is stopped waits "
            "as long for what runs"
        ),
        Capability.DATA_FROM_JOB: _NATIVE,
        Capability.VALIDATION: _NATIVE,
        Capability.PROCESSING_SCRIPT: _NATIVE,
        Capability.PROCESSING_IMAGE: _never("processes, not containers: name a `script`"),
        Capability.PROCESSING_ACCELERATOR: _not_yet(
            "leave `accelerator` out in this environment; libraries find a GPU by themselves"
        ),
        Capability.PROCESSING_INSTANCES: _not_yet("leave `instances` at 1 in this environment"),
        Capability.PROCESSING_SPOT: _emulated(
            "runs on this machine and is never interrupted; `max_wait` bounds the whole run"
        ),
        Capability.PROCESSING_SECRETS: _emulated(
            "a file of mode 0600 in `~/.config/mlops-iac/secrets/`, read at start by the launcher"
        ),
        Capability.FEATURES_OFFLINE: _NATIVE,
        Capability.FEATURES_ONLINE: _NATIVE,
        Capability.FEATURES_TTL: _NATIVE,
        Capability.TRACKER_EXPERIMENT: _NATIVE,
        Capability.TRACKER_SERVER: _emulated(
            "an MLflow server process on 127.0.0.1 that asks for a token; one size"
        ),
        Capability.TRAINING_FEATURES: _NATIVE,
        Capability.TRAINING_EXPERIMENT: _NATIVE,
        Capability.SEARCH_BAYESIAN: _NATIVE,
        Capability.SEARCH_RANDOM: _NATIVE,
        Capability.SEARCH_GRID: _NATIVE,
        Capability.SEARCH_PARALLEL: _NATIVE,
        Capability.PIPELINE_STEPS: _NATIVE,
        Capability.PIPELINE_GATES: _NATIVE,
        Capability.SCHEDULE_CRON: _NATIVE,
        Capability.SCHEDULE_EVERY: _NATIVE,
        Capability.BATCH: _NATIVE,
        Capability.BATCH_ACCELERATOR: _not_yet("leave `accelerator` out in this environment"),
        Capability.BATCH_SECRETS: _emulated(
            "a file of mode 0600 in `~/.config/mlops-iac/secrets/`, read at start by the launcher"
        ),
        Capability.MONITOR_DATA_QUALITY: _NATIVE,
        Capability.MONITOR_DATA_DRIFT: _NATIVE,
        Capability.MONITOR_PREDICTION_DRIFT: _NATIVE,
        Capability.MONITOR_MODEL_QUALITY: _NATIVE,
        Capability.RETRAINING: _NATIVE,
        Capability.RETRAINING_AUTOMATIC: _NATIVE,
        Capability.RETRAINING_BUDGET: _NATIVE,
    },
)
"""A row for every capability."""
