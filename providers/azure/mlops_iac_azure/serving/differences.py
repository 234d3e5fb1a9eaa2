"""How what is served differs from what the document says."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac_azure import documents, registry
from mlops_iac_azure.registry import APPROVED
from mlops_iac_azure.serving.backends import backend
from mlops_iac_azure.serving.challengers import challenging
from mlops_iac_azure.serving.documents import Deployment, Work, is_saved, path_of
from mlops_iac_azure.serving.states import Deployed


def drift(
    work: Work, deployment: Deployment, now: Deployed | None, *, was_serving: bool
) -> str | None:
    """Return in one line what is not as it was left, or `None`.

    Under an alias another approved version is no drift: it was promoted.
    """
    if not is_saved(work, deployment):
        return "its document in the store is gone"
    if now is None:
        return "nothing is served any more" if was_serving else None
    return _version_drift(work, deployment, now)


def document_of(work: Work, location: str) -> Mapping[str, Any] | None:
    """Return the document of an endpoint by `ACCOUNT/COMPONENT`, or `None`."""
    bucket, _, component = location.partition("/")
    return documents.read(work.place, bucket, path_of(component))


def _version_drift(work: Work, deployment: Deployment, now: Deployed) -> str | None:
    if deployment.version is not None and now.version != deployment.version:
        return f"version {now.version} is served instead of the pinned one"
    known = {item.number: item for item in registry.listed(work.place, deployment.model)}
    version = known.get(now.version)
    if version is None:
        return "what is served is no version of its model"
    if version.status != APPROVED:
        return f"version {now.version} is served and is {version.status}"
    return _configuration_drift(work, deployment, now)


def _configuration_drift(work: Work, deployment: Deployment, now: Deployed) -> str | None:
    version = registry.version(work.place, deployment.model, now.version)
    try:
        rival = challenging(work, deployment)
        return backend(deployment).drift(work, deployment, version, rival)
    except MlopsError as error:
        return error.message
