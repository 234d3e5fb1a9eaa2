"""How an endpoint is now, and waiting until it moves no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.faults import found
from mlops_iac_aws.serving.documents import Work
from mlops_iac_aws.variants import GROUPS

POLL_SECONDS = 10.0
IN_SERVICE = "InService"
MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
DEAD = frozenset({"Failed", "OutOfService"})
"""From here only a deletion leads on.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint as SageMaker describes it."""

    name: str
    arn: str
    status: str
    configuration: str
    reason: str | None
    """Why it failed, or why it went back to the configuration before."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What an endpoint serves."""

    endpoint: str
    arn: str
    status: str
    """SageMaker's own word, such as `InService`."""
    reason: str | None
    configuration: str
    group: str
    """Model package group of the version."""
    version: int
    """0 when the endpoint serves something that is no registered version."""
    digest: str | None
    challenger: int | None
    """The version beside it; `None` when there is none."""

    @property
    def is_alive(self) -> bool:
        """Whether it answers, or is about to; what failed only a deletion leads on from."""
        return self.status not in DEAD


def look(work: Work, name: str) -> Endpoint | None:
    """Return an endpoint, or `None` when there is none."""
    told = found(work.clients("sagemaker").describe_endpoint, EndpointName=name)
    if told is None:
        return None
    return Endpoint(
        name=name,
        arn=told["EndpointArn"],
        status=told["EndpointStatus"],
        configuration=told.get("EndpointConfigName", ""),
        reason=told.get("FailureReason"),
    )


def settled(work: Work, name: str, timeout_seconds: float) -> Endpoint | None:
    """Return an endpoint as soon as it moves no more; `None` when there is none.

    Raises:
        DeploymentError: it still moves after `timeout_seconds`; it goes on by itself.
    """
    waited, said = 0.0, ""
    while (now := look(work, name)) is not None and now.status in MOVING:
        if waited >= timeout_seconds:
            raise DeploymentError(
                f"endpoint `{name}` is still {now.status} after {waited:.0f} s",
                remedy="it goes on by itself; `mlops-iac up` takes up where it is",
            )
        if now.status != said:
            work.log(f"endpoint {name}: {now.status}")
            said = now.status
        work.pause(POLL_SECONDS)
        waited += POLL_SECONDS
    return now


def deployed(work: Work, endpoint: str) -> Deployed | None:
    """Return what an endpoint serves, or `None` when there is no such endpoint.

    It is read from the endpoint itself, so it is true whoever deployed it.
    """
    now = look(work, endpoint)
    containers = [] if now is None else _containers(work, now.configuration)
    main, *beside = containers or [None]
    if now is None or main is None:
        return None
    group, version = _version(main)
    return Deployed(
        endpoint=endpoint,
        arn=now.arn,
        status=now.status,
        reason=now.reason,
        configuration=now.configuration,
        group=group,
        version=version,
        digest=main.get("Environment", {}).get(contract.MODEL_DIGEST),
        challenger=_version(beside[0])[1] if beside else None,
    )


def _version(container: Mapping[str, Any] | None) -> tuple[str, int]:
    """Return the group and number of the version that a container serves; 0 for none."""
    package = (container or {}).get("ModelPackageName", "")
    group, _, number = package.rpartition("/")
    return group.rpartition("/")[2], int(number) if number.isdecimal() else 0


def _containers(work: Work, configuration: str) -> list[Mapping[str, Any] | None]:
    """Return the container of each variant, first of what answers; `None` for one that is gone."""
    sagemaker = work.clients("sagemaker")
    told = found(sagemaker.describe_endpoint_config, EndpointConfigName=configuration)
    variants = [each for group in GROUPS for each in (told or {}).get(group, ())]
    models = [found(sagemaker.describe_model, ModelName=each["ModelName"]) for each in variants]
    return [None if model is None else model["PrimaryContainer"] for model in models]
