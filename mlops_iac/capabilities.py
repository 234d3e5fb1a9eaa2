"""The vocabulary of what a target may or may not do, and the tables that say so.

A provider's table has one row for *every* member of `Capability`: a missing row fails when the
provider is imported, so that a new capability can never be forgotten in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mlops_iac.errors import ProviderError


class Level(StrEnum):
    """How far a provider carries a capability."""

    NATIVE = "native"
    """A managed service (or, on `local`, a real part) does it."""
    EMULATED = "emulated"
    """Composed from other services; the note says how."""
    NOT_IMPLEMENTED = "not implemented"
    """The service can; the adapter does not yet."""
    NOT_AVAILABLE = "not available"
    """The service or its Pulumi SDK lacks it; the url says where that is written."""
    NEVER = "never"
    """It contradicts what the target is."""

    @property
    def is_usable(self) -> bool:
        """Whether a declaration that asks for it can be built."""
        return self in {Level.NATIVE, Level.EMULATED}


@dataclass(frozen=True)
class Support:
    """One row of a capability table."""

    level: Level
    note: str = ""
    """How it is emulated; or what the user can do instead."""
    url: str = ""
    """Source of a refusal by the service."""


class Capability(StrEnum):
    """Everything that a declaration can ask for, named `kind.feature`."""

    PLATFORM_REGION = "platform.region"
    PLATFORM_ACCOUNT = "platform.account"
    PLATFORM_ROLE = "platform.role"
    PLATFORM_EXISTING_NETWORK = "platform.network.existing"
    PLATFORM_OWN_NETWORK = "platform.network.own"
    PLATFORM_CUSTOMER_KEY = "platform.encryption.customer-key"
    PLATFORM_EXISTING_KEY = "platform.encryption.existing-key"
    PLATFORM_TAGS = "platform.tags"
    PLATFORM_RUNTIME_IMAGE = "platform.runtime-image"

    DATASET_FILES = "dataset.files"
    DATASET_URI = "dataset.uri"
    DATASET_COLUMNS = "dataset.columns"

    DATA_FROM_JOB = "data.from-job"

    VALIDATION = "validation.expectations"

    PROCESSING_SCRIPT = "processing.script"
    PROCESSING_IMAGE = "processing.image"
    PROCESSING_ACCELERATOR = "processing.accelerator"
    PROCESSING_INSTANCES = "processing.instances"
    PROCESSING_SPOT = "processing.spot"
    PROCESSING_SECRETS = "processing.secrets"

    FEATURES_OFFLINE = "features.offline"
    FEATURES_ONLINE = "features.online"
    FEATURES_TTL = "features.ttl"

    TRACKER_EXPERIMENT = "tracker.experiment"
    TRACKER_SERVER = "tracker.server"

    TRAINING_SCRIPT = "training.script"
    TRAINING_IMAGE = "training.image"
    TRAINING_ACCELERATOR = "training.accelerator"
    TRAINING_INSTANCES = "training.instances"
    TRAINING_SPOT = "training.spot"
    TRAINING_SECRETS = "training.secrets"
    TRAINING_FEATURES = "training.features"
    TRAINING_EXPERIMENT = "training.experiment"
    TRAINING_ON_CHANGE = "training.run.on-change"
    TRAINING_WAIT_FINISHED = "training.wait.finished"
    TRAINING_WAIT_SUBMITTED = "training.wait.submitted"

    SEARCH_BAYESIAN = "search.strategy.bayesian"
    SEARCH_RANDOM = "search.strategy.random"
    SEARCH_GRID = "search.strategy.grid"
    SEARCH_PARALLEL = "search.parallel"

    PIPELINE_STEPS = "pipeline.steps"
    PIPELINE_GATES = "pipeline.gates"
    SCHEDULE_CRON = "schedule.cron"
    SCHEDULE_EVERY = "schedule.every"

    MODEL_APPROVAL = "model.approval.manual"
    MODEL_CARD = "model.card"
    MODEL_PICKLE = "model.trust-pickle"

    ENDPOINT_PINNED = "endpoint.model.version"
    ENDPOINT_ALIAS = "endpoint.model.alias"
    ENDPOINT_REPLICAS = "endpoint.scaling.replicas"
    ENDPOINT_AUTOSCALING = "endpoint.scaling.autoscaled"
    ENDPOINT_SCALE_TO_ZERO = "endpoint.scaling.to-zero"
    ENDPOINT_SERVERLESS = "endpoint.scaling.serverless"
    ENDPOINT_ASYNC = "endpoint.scaling.async"
    ENDPOINT_ACCELERATOR = "endpoint.accelerator"
    ENDPOINT_CANARY = "endpoint.rollout.canary"
    ENDPOINT_LINEAR = "endpoint.rollout.linear"
    ENDPOINT_SPLIT = "endpoint.challenger.split"
    ENDPOINT_SHADOW = "endpoint.challenger.shadow"
    ENDPOINT_CAPTURE = "endpoint.capture"
    ENDPOINT_IDENTITY_AUTH = "endpoint.authentication.identity"
    ENDPOINT_KEY_AUTH = "endpoint.authentication.key"
    ENDPOINT_SECRETS = "endpoint.secrets"
    ENDPOINT_TIMEOUT = "endpoint.timeout"

    BATCH = "batch.predictions"
    BATCH_ACCELERATOR = "batch.accelerator"
    BATCH_SECRETS = "batch.secrets"

    MONITOR_DATA_QUALITY = "monitor.data-quality"
    MONITOR_DATA_DRIFT = "monitor.data-drift"
    MONITOR_PREDICTION_DRIFT = "monitor.prediction-drift"
    MONITOR_MODEL_QUALITY = "monitor.model-quality"

    RETRAINING = "retraining.pipeline"
    RETRAINING_AUTOMATIC = "retraining.promotion.automatic"
    RETRAINING_BUDGET = "retraining.budget"


CapabilityTable = Mapping[Capability, Support]


def total_table(provider: str, rows: Mapping[Capability, Support]) -> CapabilityTable:
    """Return `rows` as a read-only table, or fail with everything that is wrong with it."""
    faults = [f"`{missing}` has no row" for missing in Capability if missing not in rows]
    for capability, support in rows.items():
        if support.level is not Level.NATIVE and not support.note:
            faults.append(f"`{capability}` is {support.level} without a note")
        if support.level is Level.NOT_AVAILABLE and not support.url:
            faults.append(f"`{capability}` is not available without a url")
    if faults:
        raise ProviderError(
            f"the capability table of provider `{provider}` is not total: {'; '.join(faults)}",
            remedy="give every member of `Capability` a row, and every refusal its note",
        )
    return MappingProxyType(dict(rows))
