"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_aws.jobs.images import NOTHING, built_images, image_jobs, image_parameter
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
    images: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Image of each job with requirements."""
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

    def image_of(self, job: str | None) -> Any:
        """Return the image in which a job runs and what it trained is loaded."""
        return self.runtime_image if job is None else self.images.get(job, self.runtime_image)

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
        images={name: parameter(image_parameter(name)) for name in image_jobs(context.specs)},
        tracking_uri=parameter(TRACKING_URI),
        key=parameter(ENCRYPTION_KEY) if has_key else None,
        vpc=vpc_in_pipeline(vpc_config(context)),
        run_key=EXECUTION if of_execution else parameter(RUN_KEY),
    )


def in_plan(context: BuildContext, key: str | None, own: Mapping[str, Any]) -> Wiring:
    """Return the values themselves, as a plan shows the requests.

    Args:
        context: where it is built.
        key: the run's key; `None` when unknown.
        own: native facts of the component that is built.
    """
    values = parameter_values(context, key or "")
    return Wiring(
        runtime_image=values[RUNTIME_IMAGE],
        images=built_images(context, own),
        tracking_uri=values[TRACKING_URI],
        key=values.get(ENCRYPTION_KEY),
        vpc=vpc_config(context),
        run_key=UNKNOWN if key is None else key,
    )


def parameter_values(
    context: BuildContext, key: str, own: Mapping[str, Any] = NOTHING
) -> dict[str, Any]:
    """Return the value of every parameter that a pipeline of this stack may have.

    Args:
        context: the component that is built.
        key: the run's key.
        own: its native facts.
    """
    platform = context.built_platform
    image = platform.native["runtime_image"]
    values = {RUN_KEY: key, RUNTIME_IMAGE: image, TRACKING_URI: platform.tracking_uri}
    if context.platform.encryption.mode != "managed":
        values[ENCRYPTION_KEY] = platform.encryption_key
    images = built_images(context, own)
    values |= {image_parameter(name): built for name, built in images.items()}
    return {**values, **vpc_parameters(vpc_config(context))}
