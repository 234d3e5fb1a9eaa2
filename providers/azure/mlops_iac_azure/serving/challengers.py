"""The version beside the one that is served, and what may be served at all."""

from mlops_iac.errors import OperationError
from mlops_iac_azure import registry
from mlops_iac_azure.registry import APPROVED, CHAMPION, Listed, Version
from mlops_iac_azure.serving.documents import Deployment, Work


def wanted(work: Work, deployment: Deployment) -> Listed | None:
    """Return the approved version that an endpoint following an alias begins with.

    As long as no version is the champion, it is the first that was approved.
    """
    known = registry.listed(work.place, deployment.model)
    accepted = [item for item in known if item.status == APPROVED]
    named = [item for item in known if deployment.alias in item.aliases]
    if named or deployment.alias != CHAMPION:
        return next((item for item in named if item.status == APPROVED), None)
    return accepted[-1] if accepted else None


def approved(work: Work, deployment: Deployment, number: int) -> Version:
    """Return a version of the model that may be served.

    Raises:
        OperationError: there is none of that number, or nobody approved it.
    """
    version = registry.version(work.place, deployment.model, number)
    model = deployment.model.component
    if version.status != APPROVED:
        raise OperationError(
            f"version `{number}` of `{model}` is {version.status}",
            remedy=f"`mlops-iac approve {model} {number}`, "
            "unless it was rejected: then train another",
        )
    return version


def challenging(work: Work, deployment: Deployment) -> Version | None:
    """Return the challenger; `None` as long as its alias names no approved version.

    Raises:
        OperationError: it is pinned to a version that is not there, or that nobody approved.
    """
    rival = deployment.challenger
    if rival is None:
        return None
    if rival.alias is None:
        return approved(work, deployment, rival.version or 0)
    named = registry.aliased(work.place, deployment.model, rival.alias)
    if named is None or named.status != APPROVED:
        return None
    return approved(work, deployment, named.number)


def missing(deployment: Deployment) -> str:
    """Return what a user is told as long as an alias names no challenger."""
    rival = deployment.challenger
    alias = rival.alias if rival is not None else None
    return f"`{deployment.model.component}@{alias}` names no approved version: nothing challenges"
