"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_aws.jobs.steps import EXECUTION, parameter
from mlops_iac_aws.network import vpc_config, vpc_in_pipeline, vpc_parameters
from mlops_iac_aws.requests import UNKNOWN

RUN_KEY = "RunKey"
RUNTIME_IMAGE = "RuntimeImage"
ENCRYPTION_KEY = "EncryptionKey"
TRACKING_URI = "TrackingUri"


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Values that a request takes from elsewhere: references in a definition, else themselves."""

    runtime_image: Any
    tracking_uri: Any = None
    key: Any = None
    """Key of the stack; `None` while AWS owns the key."""
    vpc: Mapping[str, Any] | None = None
    run_key: Any = None
    """The run's key; in a declared pipeline the id of its execution."""
    made: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """URI of data that a step of the same run makes, by its reference, `clean/rows`."""
    joined: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """URI that takes the place of an input of the job, by the input's name: a step before has
    joined features to it."""

    def makes(self, job: str, outputs: Mapping[str, Any]) -> "Wiring":
        """Return the wiring of steps after one that leaves these outputs in the same run."""
        found = {f"{job}/{name}": uri for name, uri in outputs.items()}
        return replace(self, made={**self.made, **found})

    def knowing(self, made: Mapping[str, Any]) -> "Wiring":
        """Return the wiring with more data that steps of the same run make."""
        return replace(self, made={**self.made, **made})


def in_definition(context: BuildContext, *, of_execution: bool = False) -> Wiring:
    """Return references to the parameters of a pipeline.

    Args:
        context: where it is built.
        of_execution: whether what a run makes is kept by its execution, not by a key that is given.
    """
    has_key = context.platform.encryption.mode != "managed"
    return Wiring(
        runtime_image=parameter(RUNTIME_IMAGE),
        tracking_uri=parameter(TRACKING_URI),
        key=parameter(ENCRYPTION_KEY) if has_key else None,
        vpc=vpc_in_pipeline(vpc_config(context)),
        run_key=EXECUTION if of_execution else parameter(RUN_KEY),
    )


def in_plan(context: BuildContext, key: str | None) -> Wiring:
    """Return the values themselves, as a plan shows the requests; `key` is `None` when unknown."""
    values = parameter_values(context, key or "")
    return Wiring(
        runtime_image=values[RUNTIME_IMAGE],
        tracking_uri=values[TRACKING_URI],
        key=values.get(ENCRYPTION_KEY),
        vpc=vpc_config(context),
        run_key=UNKNOWN if key is None else key,
    )


def parameter_values(context: BuildContext, key: str) -> dict[str, Any]:
    """Return the value of every parameter that a pipeline of this stack may have."""
    platform = context.built_platform
    image = platform.native["runtime_image"]
    values = {RUN_KEY: key, RUNTIME_IMAGE: image, TRACKING_URI: platform.tracking_uri}
    if context.platform.encryption.mode != "managed":
        values[ENCRYPTION_KEY] = platform.encryption_key
    return {**values, **vpc_parameters(vpc_config(context))}
