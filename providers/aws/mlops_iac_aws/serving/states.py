"""How an endpoint is now, and waiting until it moves no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac_aws.faults import found
from mlops_iac_aws.serving import components
from mlops_iac_aws.serving.components import Component
from mlops_iac_aws.serving.documents import Work
from mlops_iac_aws.serving.waiting import still
from mlops_iac_aws.variants import GROUPS

IN_SERVICE = "InService"
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
    model: str
    """Name of SageMaker's model of the version."""
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
    return still(work, "endpoint", lambda: look(work, name), timeout_seconds)


def deployed(work: Work, endpoint: str) -> Deployed | None:
    """Return what an endpoint serves, or `None` when there is no such endpoint.

    It is read from the endpoint itself, so it is true whoever deployed it.
    """
    now = look(work, endpoint)
    if now is None:
        return None
    models, component = _models(work, now)
    main, *beside = [_container(work, model) for model in models] or [None]
    if main is None:
        return None
    group, version = _version(main)
    status, reason = _state(now, component)
    return Deployed(
        endpoint=endpoint,
        arn=now.arn,
        status=status,
        reason=reason,
        configuration=now.configuration,
        model=models[0],
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


def _models(work: Work, now: Endpoint) -> tuple[list[str], Component | None]:
    """Return the model of each variant, first of what answers; else the component, and its own."""
    name = now.configuration
    told = found(work.clients("sagemaker").describe_endpoint_config, EndpointConfigName=name)
    variants = [each for group in GROUPS for each in (told or {}).get(group, ())]
    models = [each["ModelName"] for each in variants if "ModelName" in each]
    if models or not variants:
        return models, None
    component = components.look(work, now.name)
    return ([] if component is None else [component.model]), component


def _state(now: Endpoint, component: Component | None) -> tuple[str, str | None]:
    """Return status and reason; a component tells them where the endpoint itself is well."""
    if component is None or now.status != IN_SERVICE:
        return now.status, now.reason
    return component.status, component.reason


def _container(work: Work, model: str) -> Mapping[str, Any] | None:
    """Return the container of a model; `None` for one that is gone."""
    told = found(work.clients("sagemaker").describe_model, ModelName=model)
    return None if told is None else told["PrimaryContainer"]
