"""Deploying, promoting, rolling back, undeploying: what changes what an endpoint serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.registry import APPROVED, CHAMPION
from mlops_iac_aws import registry
from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.faults import created, found, retried, told
from mlops_iac_aws.layout import deployment_key
from mlops_iac_aws.registry import Version
from mlops_iac_aws.serving import aliases, capacity, components, documents, parts, states
from mlops_iac_aws.serving.challengers import approved, challenging, missing
from mlops_iac_aws.serving.components import Component
from mlops_iac_aws.serving.documents import DOCUMENT_TAG, Deployment, Work, location
from mlops_iac_aws.serving.filling import Parts, arrangement, filled
from mlops_iac_aws.serving.states import IN_SERVICE, Deployed, Endpoint, deployed
from mlops_iac_aws.serving.waiting import when_free
from mlops_iac_aws.variants import PRODUCTION


def save(work: Work, deployment: Deployment) -> None:
    """Write the document by which an endpoint is deployed from now on.

    Raises:
        NotOursError: there is an endpoint of that name that is not of this stack.
        OperationError: it would begin to go to zero, or cease to.
    """
    now = states.look(work, deployment.endpoint)
    if now is not None:
        parts.require_ours(work, deployment, now.arn)
        _require_same_hosting(work, deployment, now)
    documents.save(work, deployment)


def _require_same_hosting(work: Work, deployment: Deployment, now: Endpoint) -> None:
    """Refuse what no update does: a variant has its model for good, or none."""
    name = now.configuration
    told = found(work.clients("sagemaker").describe_endpoint_config, EndpointConfigName=name)
    if told is None:
        return
    has_model = any("ModelName" in each for each in told[PRODUCTION])
    if has_model == deployment.has_component:
        raise OperationError(
            f"`{deployment.component}` is there, and SageMaker changes no endpoint that is there "
            f"{'to one that goes to zero' if has_model else 'so that it goes to zero no more'}",
            remedy="give the endpoint another name, or take it from the declaration, run "
            "`mlops-iac up`, and put it back: meanwhile nothing answers",
        )


def converge(work: Work, deployment: Deployment) -> Deployed | None:
    """Bring an endpoint to what its document says; `None` while it waits for a version.

    A pinned version is deployed. Under an alias the version that is served stays, whoever deployed
    it; only where nothing is served, the alias's version is deployed.
    """
    if deployment.alias is None:
        served = deploy(work, deployment, deployment.version or 0)
        aliases.copy_version(work, deployment.copy, served.version)
        return served
    now = deployed(work, deployment.endpoint)
    if now is None or not now.is_alive or now.group != deployment.group:
        return _first(work, deployment)
    served = deploy(work, deployment, now.version)
    aliases.repair(work, deployment.copy, served.version)
    return served


def deploy_first(work: Work, deployment: Deployment) -> Deployed | None:
    """Deploy the alias's version where nothing is served yet; `None` when there is nothing to do.

    An approval that is told twice, or late, changes nothing.
    """
    states.settled(work, deployment.endpoint, deployment.timeout_seconds)
    now = deployed(work, deployment.endpoint)
    is_serving = now is not None and now.is_alive
    return None if deployment.alias is None or is_serving else _first(work, deployment)


def _first(work: Work, deployment: Deployment) -> Deployed | None:
    version = aliases.wanted(work, deployment.copy)
    return None if version is None else promote(work, deployment, version.number)


def promote(work: Work, deployment: Deployment, number: int) -> Deployed:
    """Serve an approved version first, then move the alias: a bad version moves nothing.

    Raises:
        OperationError: the endpoint is pinned, or the version is not approved.
        DeploymentError: the version cannot be served; the one before it goes on serving.
    """
    if deployment.alias is None:
        raise OperationError(
            f"`{deployment.component}` is pinned to one version in the declaration",
            remedy="change `model` there, or let it follow an alias: "
            f"`{deployment.model}@{CHAMPION}`",
        )
    served = deploy(work, deployment, number)
    aliases.move_alias(work, deployment.copy, number)
    return served


def rollback(work: Work, deployment: Deployment) -> Deployed:
    """Go back to the approved version that was served before the present one.

    Raises:
        OperationError: it has served no other approved version.
    """
    now = deployed(work, deployment.endpoint)
    current = None if now is None else now.version
    known = registry.listed(work.clients, deployment.group)
    approved = {item.number for item in known if item.status == APPROVED}
    for earlier in parts.history(work, deployment):
        if earlier.served and earlier.version != current and earlier.version in approved:
            return promote(work, deployment, earlier.version)
    raise OperationError(
        f"`{deployment.component}` has served no other approved version",
        remedy=f"`mlops-iac promote {deployment.component} VERSION` names one",
    )


def deploy(work: Work, deployment: Deployment, number: int) -> Deployed:
    """Serve a version, without a moment in which nothing answers; moves no alias.

    Raises:
        OperationError: the version is not approved.
        DeploymentError: it cannot be served, or SageMaker rolled it back.
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    with told(f"deploying version {number} of `{deployment.model}`"):
        candidate = _candidate(work, deployment, number)
        before = states.settled(work, deployment.endpoint, deployment.timeout_seconds)
        if before is not None:
            parts.require_ours(work, deployment, before.arn)
        retried(work.pause, lambda: parts.make(work, deployment, candidate.parts))
        after = _roll(work, deployment, candidate, before)
        _verify(work, deployment, candidate, after)
        if candidate.parts.component:
            _serve(work, deployment, candidate)
        wish = candidate.parts
        parts.note_served(work, wish)
        parts.sweep(work, deployment, wish.configuration_name, wish.model_name)
    served = deployed(work, deployment.endpoint)
    if served is None:
        raise DeploymentError(f"endpoint `{deployment.endpoint}` was removed meanwhile")
    return served


def undeploy(work: Work, deployment: Deployment, *, keep_copy: bool) -> None:
    """Remove an endpoint and all that carries its mark, also what the loop deployed.

    Capacity first, then endpoint, configurations, models, the alias's copy, the document.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        keep_copy: whether others of the stack read the alias's copy too.
    """
    with told(f"removing endpoint `{deployment.endpoint}`"):
        capacity.release(work, deployment)
        now = states.settled(work, deployment.endpoint, deployment.timeout_seconds)
        if now is not None:
            parts.require_ours(work, deployment, now.arn)
            _remove(work, deployment)
        _remove_component(work, deployment)
        parts.sweep(work, deployment, None)
        if not keep_copy:
            aliases.forget(work, deployment.copy)
        key = deployment_key(deployment.component)
        work.clients("s3").delete_object(Bucket=deployment.bucket, Key=key)


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    version: Version
    parts: Parts


def _candidate(work: Work, deployment: Deployment, number: int) -> _Candidate:
    version = approved(work, deployment, number)
    beside = challenging(work, deployment)
    if deployment.challenger is not None and beside is None:
        work.log(missing(deployment))
    return _Candidate(version=version, parts=filled(deployment, version, beside))


def _roll(
    work: Work, deployment: Deployment, candidate: _Candidate, before: Endpoint | None
) -> Endpoint | None:
    if before is not None and before.status in states.DEAD:
        work.log(f"endpoint {before.name} is {before.status}: it can only be made anew")
        _remove(work, deployment)
        before = None
    if before is None:
        work.log(f"endpoint {deployment.endpoint}: made with version {candidate.version.number}")
        _remove_component(work, deployment)
        before = _create(work, deployment, candidate)
    if before is not None:
        _update(work, deployment, candidate, before)
    after = states.settled(work, deployment.endpoint, deployment.timeout_seconds)
    if after is not None and after.status == IN_SERVICE and not candidate.parts.component:
        capacity.follow(work, deployment, candidate.parts)
    return after


def _serve(work: Work, deployment: Deployment, candidate: _Candidate) -> None:
    """Let the inference component serve the version, and its copies follow the load."""
    wish = candidate.parts
    after = components.serve(work, deployment, wish)
    is_served = after is not None and after.has(wish.component["Specification"])
    if after is None or after.status != IN_SERVICE or not is_served:
        if after is not None:
            parts.sweep(work, deployment, wish.configuration_name, after.model)
        raise _unserved(deployment, candidate, after)
    capacity.follow(work, deployment, wish)


def _create(work: Work, deployment: Deployment, candidate: _Candidate) -> Endpoint | None:
    """Create the endpoint; return the one that a deployment beside ours has made meanwhile."""
    if created(work.clients("sagemaker").create_endpoint, **candidate.parts.creation):
        return None
    now = states.settled(work, deployment.endpoint, deployment.timeout_seconds)
    if now is not None:
        parts.require_ours(work, deployment, now.arn)
    return now


def _update(work: Work, deployment: Deployment, candidate: _Candidate, before: Endpoint) -> None:
    wish = candidate.parts
    parts.tag(work, before.arn, {**deployment.tags, DOCUMENT_TAG: location(deployment)})
    is_there = before.configuration == wish.configuration_name and before.status == IN_SERVICE
    if is_there:
        return
    capacity.release_before(work, deployment, wish, before.configuration)
    work.log(f"endpoint {before.name}: updated to version {candidate.version.number}")
    when_free(
        work.clients("sagemaker").update_endpoint,
        _request(work, wish, before),
        lambda: states.settled(work, deployment.endpoint, deployment.timeout_seconds),
    )


def _request(work: Work, wish: Parts, before: Endpoint) -> Mapping[str, Any]:
    """Return the update; where variants come or go without guardrails, which want the same ones."""
    name = before.configuration
    told = found(work.clients("sagemaker").describe_endpoint_config, EndpointConfigName=name)
    if arrangement(told or {}) == arrangement(wish.configuration):
        return wish.update
    work.log(f"endpoint {before.name}: its variants change, all at once")
    return {key: value for key, value in wish.update.items() if key != "DeploymentConfig"}


def _verify(
    work: Work, deployment: Deployment, candidate: _Candidate, after: Endpoint | None
) -> None:
    """Compare with the wish: SageMaker calls an update that it rolled back a success.

    https://github.com/hashicorp/terraform-provider-aws/issues/46663
    """
    is_back = after is not None and after.status == IN_SERVICE
    if after is not None and is_back:
        if after.configuration == candidate.parts.configuration_name:
            return
        parts.sweep(work, deployment, after.configuration, _model_of(work, deployment))
    raise _unserved(deployment, candidate, after)


def _model_of(work: Work, deployment: Deployment) -> str | None:
    if not deployment.has_component:
        return None
    now = components.look(work, deployment.endpoint)
    return None if now is None else now.model


def _unserved(
    deployment: Deployment, candidate: _Candidate, after: Endpoint | Component | None
) -> DeploymentError:
    is_back = after is not None and after.status == IN_SERVICE
    state = "gone" if after is None else "rolled back" if is_back else after.status
    reason = (after and after.reason) or "SageMaker gives no reason"
    name = deployment.component
    return DeploymentError(
        f"version `{candidate.version.number}` of `{deployment.model}` cannot be served on "
        f"`{name}`: {state}: {reason}",
        remedy="the version that was served before goes on serving; train another"
        if is_back
        else f"see `mlops-iac logs {name}`; the next deployment makes the endpoint anew",
    )


def _remove(work: Work, deployment: Deployment) -> None:
    _remove_component(work, deployment)
    sagemaker, name = work.clients("sagemaker"), deployment.endpoint
    found(sagemaker.delete_endpoint, EndpointName=name)
    states.settled(work, name, deployment.timeout_seconds)


def _remove_component(work: Work, deployment: Deployment) -> None:
    """Remove the component before its endpoint, or what is left of one whose endpoint is gone."""
    if deployment.has_component:
        components.remove(work, deployment)
