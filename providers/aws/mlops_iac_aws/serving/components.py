"""The inference component of an endpoint that goes to zero: made, replaced, compared, removed.

It has the name of its endpoint. What answers is its model; machines and copies come and go with
the load, so a version is replaced in the component and not by the endpoint's configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac_aws.faults import created, found
from mlops_iac_aws.serving import parts
from mlops_iac_aws.serving.documents import Deployment, Work
from mlops_iac_aws.serving.filling import Parts
from mlops_iac_aws.serving.waiting import still, when_free

FAILED = "Failed"
"""From here only a deletion leads on."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """An inference component as SageMaker describes it."""

    name: str
    arn: str
    status: str
    model: str
    """Name of SageMaker's model; that of the version before, when an update was rolled back."""
    reservation: Mapping[str, Any]
    """What one copy reserves of a machine."""
    copies: int
    reason: str | None
    """Why it failed, or was rolled back."""

    def has(self, specification: Mapping[str, Any]) -> bool:
        """Whether it is what is asked for; SageMaker may have added to the reservation."""
        reserved = specification["ComputeResourceRequirements"]
        is_reserved = all(self.reservation.get(key) == value for key, value in reserved.items())
        return is_reserved and self.model == specification["ModelName"]


def look(work: Work, name: str) -> Component | None:
    """Return a component, or `None` when there is none."""
    sagemaker = work.clients("sagemaker")
    told = found(sagemaker.describe_inference_component, InferenceComponentName=name)
    if told is None:
        return None
    specification = told.get("Specification", {})
    return Component(
        name=name,
        arn=told["InferenceComponentArn"],
        status=told["InferenceComponentStatus"],
        model=specification.get("ModelName", ""),
        reservation=specification.get("ComputeResourceRequirements", {}),
        copies=told.get("RuntimeConfig", {}).get("DesiredCopyCount", 0),
        reason=told.get("FailureReason"),
    )


def settled(work: Work, deployment: Deployment) -> Component | None:
    """Return the component of an endpoint as soon as it moves no more.

    Raises:
        DeploymentError: it still moves after the time that a deployment may take.
    """
    name = deployment.endpoint
    seconds = deployment.timeout_seconds
    return still(work, "inference component", lambda: look(work, name), seconds)


def serve(work: Work, deployment: Deployment, wish: Parts) -> Component | None:
    """Bring the component to a version; return how it is when it moves no more.

    Raises:
        NotOursError: there is a component of that name that is not of this stack.
    """
    before = settled(work, deployment)
    if before is not None and before.status == FAILED:
        work.log(f"inference component {before.name} is {FAILED}: it can only be made anew")
        remove(work, deployment)
        before = None
    if before is None:
        before = _create(work, deployment, wish)
    if before is not None:
        _update(work, deployment, wish, before)
    return settled(work, deployment)


def remove(work: Work, deployment: Deployment) -> None:
    """Remove the component, if there is one: SageMaker leaves it behind a deleted endpoint.

    Raises:
        NotOursError: it is not of this stack.
    """
    now = settled(work, deployment)
    if now is None:
        return
    parts.require_ours(work, deployment, now.arn)
    delete = work.clients("sagemaker").delete_inference_component
    request = {"InferenceComponentName": now.name}
    when_free(lambda **named: found(delete, **named), request, lambda: settled(work, deployment))
    settled(work, deployment)


def _create(work: Work, deployment: Deployment, wish: Parts) -> Component | None:
    """Create the component; return the one that a deployment beside ours has made meanwhile."""
    work.log(f"inference component {deployment.endpoint}: made with one copy")
    if created(work.clients("sagemaker").create_inference_component, **wish.component):
        return None
    return settled(work, deployment)


def _update(work: Work, deployment: Deployment, wish: Parts, before: Component) -> None:
    parts.require_ours(work, deployment, before.arn)
    parts.tag(work, before.arn, deployment.tags)
    request = dict(wish.component_update)
    if before.has(request["Specification"]):
        return
    if before.copies == 0:
        # Without a copy nothing would show that the version can be served; it goes again by itself.
        request["RuntimeConfig"] = {"CopyCount": 1}
    work.log(f"inference component {before.name}: replaced in parts")
    change = work.clients("sagemaker").update_inference_component
    when_free(change, request, lambda: settled(work, deployment))
