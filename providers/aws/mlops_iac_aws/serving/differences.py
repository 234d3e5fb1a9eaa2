"""How what is served differs from what the document says."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.registry import APPROVED
from mlops_iac_aws import lineage, registry
from mlops_iac_aws.serving import capacity, parts, states
from mlops_iac_aws.serving.challengers import challenging
from mlops_iac_aws.serving.documents import DOCUMENT_TAG, Deployment, Work, is_saved, read
from mlops_iac_aws.serving.filling import filled
from mlops_iac_aws.serving.states import Deployed


def drift(
    work: Work, deployment: Deployment, now: Deployed | None, *, was_serving: bool
) -> str | None:
    """Return in one line what is not as it was left, or `None`.

    Under an alias another approved version is no drift: it was promoted.
    """
    if not is_saved(work, deployment):
        return "its document in the bucket is gone"
    if now is None:
        return "nothing is served any more" if was_serving else None
    if not now.is_alive:
        return f"the endpoint is {now.status}: {now.reason or 'SageMaker gives no reason'}"
    return _version_drift(work, deployment, now) or capacity.drift(work, deployment, now)


def document_of(work: Work, endpoint: str) -> Mapping[str, Any] | None:
    """Return the document of an endpoint that is known by its name alone, or `None`."""
    now = states.look(work, endpoint)
    if now is None:
        return None
    location = parts.tags_of(work, now.arn).get(DOCUMENT_TAG)
    return None if location is None else read(work.clients, location)


def _version_drift(work: Work, deployment: Deployment, now: Deployed) -> str | None:
    if deployment.version is not None and now.version != deployment.version:
        return f"version {now.version} is served instead of the pinned one"
    known = {item.number: item for item in registry.listed(work.clients, deployment.group)}
    version = known.get(now.version) if now.group == deployment.group else None
    if version is None:
        return "what is served is no version of its model"
    if version.status != APPROVED:
        return f"version {now.version} is served and is {version.status}"
    return _configuration_drift(work, deployment, now)


def _configuration_drift(work: Work, deployment: Deployment, now: Deployed) -> str | None:
    version = registry.version(work.clients, deployment.group, now.version)
    try:
        beside = challenging(work, deployment)
        wish = filled(deployment, lineage.identified(work.clients, version), beside)
    except MlopsError as error:
        return error.message
    is_same = (now.configuration, now.model) == (wish.configuration_name, wish.model_name)
    return None if is_same else "the endpoint has another configuration than the declared one"
