"""How an endpoint is now, and waiting until it moves no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.faults import found
from mlops_iac_aws.serving.documents import Work

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
    container = None if now is None else container_of(work, now.configuration)
    if now is None or container is None:
        return None
    package = container.get("ModelPackageName", "")
    group, _, number = package.rpartition("/")
    return Deployed(
        endpoint=endpoint,
        arn=now.arn,
        status=now.status,
        reason=now.reason,
        configuration=now.configuration,
        group=group.rpartition("/")[2],
        version=int(number) if number.isdecimal() else 0,
        digest=container.get("Environment", {}).get(contract.MODEL_DIGEST),
    )


def container_of(work: Work, configuration: str) -> Mapping[str, Any] | None:
    """Return the container of a configuration's model, or `None` when either is gone."""
    sagemaker = work.clients("sagemaker")
    told = found(sagemaker.describe_endpoint_config, EndpointConfigName=configuration)
    if told is None:
        return None
    name = told["ProductionVariants"][0]["ModelName"]
    model = found(sagemaker.describe_model, ModelName=name)
    return None if model is None else model["PrimaryContainer"]
