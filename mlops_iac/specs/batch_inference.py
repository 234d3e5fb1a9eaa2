"""Predictions for a whole dataset."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.jobs import EnvironmentName, RunPolicy, Wait, has_secret
from mlops_iac.specs.model_endpoint import ModelVersionRef
from mlops_iac.specs.schedule import Cron, Every, Schedule
from mlops_iac.specs.types import Duration, SecretRef


class BatchInference(Spec):
    """A model's predictions for every row of a dataset, written to storage."""

    kind: ClassVar[str] = "BatchInference"

    model: ModelVersionRef
    """`late@champion` follows the alias, `late/3` is pinned; `late` alone means `late@champion`."""
    data: DataRef
    """The rows."""
    keep: tuple[str, ...] = Field(default=(), max_length=1000)
    """Columns of the rows that are written beside each prediction; all when left out."""
    compute: Compute = Compute()
    """What one machine must offer."""
    schedule: Schedule | None = None
    """When it runs by itself; never when left out."""
    timeout: Duration = timedelta(hours=1)
    """A run that takes longer is stopped and failed."""
    environment: Mapping[EnvironmentName, str | SecretRef] = Field(
        default_factory=dict, max_length=48
    )
    """Environment variables: plain text, or a secret by name."""
    run: RunPolicy = RunPolicy.ON_CHANGE
    """When a run is started."""
    wait: Wait | None = None
    """What `up` waits for; on `local` the end of the run, on clouds its submission."""

    asks = (
        Ask(Capability.BATCH, "model", lambda _: True),
        Ask(
            Capability.BATCH_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.BATCH_SECRETS, "environment", lambda s: has_secret(s.environment)),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: s.data.is_made),
        Ask(Capability.SCHEDULE_CRON, "schedule", lambda s: isinstance(s.schedule, Cron)),
        Ask(Capability.SCHEDULE_EVERY, "schedule", lambda s: isinstance(s.schedule, Every)),
    )
