"""Permission by intent: what may be done, never how a cloud spells it."""

from enum import StrEnum


class Grant(StrEnum):
    """Intents that a provider translates into its own actions or roles."""

    READ_ARTIFACTS = "read artifacts"
    WRITE_ARTIFACTS = "write artifacts"
    PULL_IMAGES = "pull images"
    WRITE_LOGS = "write logs"
    WRITE_METRICS = "write metrics"
    TRACK_RUNS = "track runs"
    READ_SECRETS = "read secrets"
    USE_KEY = "use encryption key"
    USE_NETWORK = "use network"
    RUN_TRAINING = "run training"
    REGISTER_MODEL = "register model"
    DEPLOY_MODEL = "deploy model"
    INVOKE_ENDPOINT = "invoke endpoint"


class Purpose(StrEnum):
    """What an identity is for; each purpose has an identity of its own."""

    TRAINING = "training"
    SERVING = "serving"
    PIPELINE = "pipeline"
    """Starts runs, registers versions, deploys them: the loop's own identity."""


PURPOSES: dict[Purpose, tuple[Grant, ...]] = {
    Purpose.TRAINING: (
        Grant.READ_ARTIFACTS,
        Grant.WRITE_ARTIFACTS,
        Grant.PULL_IMAGES,
        Grant.WRITE_LOGS,
        Grant.WRITE_METRICS,
        Grant.TRACK_RUNS,
        Grant.READ_SECRETS,
        Grant.USE_KEY,
        Grant.USE_NETWORK,
    ),
    Purpose.SERVING: (
        Grant.READ_ARTIFACTS,
        Grant.PULL_IMAGES,
        Grant.WRITE_LOGS,
        Grant.WRITE_METRICS,
        Grant.READ_SECRETS,
        Grant.USE_KEY,
        Grant.USE_NETWORK,
    ),
    Purpose.PIPELINE: (
        Grant.READ_ARTIFACTS,
        Grant.RUN_TRAINING,
        Grant.REGISTER_MODEL,
        Grant.DEPLOY_MODEL,
        Grant.TRACK_RUNS,
        Grant.USE_KEY,
    ),
}
"""Least privilege: what each identity may do, and nothing else."""
