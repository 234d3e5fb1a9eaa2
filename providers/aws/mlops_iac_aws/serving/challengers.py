"""The version beside the one that is served, and what may be served at all."""

from mlops_iac.errors import OperationError
from mlops_iac.registry import APPROVED
from mlops_iac_aws import lineage, registry
from mlops_iac_aws.registry import Version
from mlops_iac_aws.serving.documents import Deployment, Work


def approved(work: Work, deployment: Deployment, number: int) -> Version:
    """Return a version of the model that may be served.

    Raises:
        OperationError: there is none of that number, or nobody approved it.
    """
    version = registry.version(work.clients, deployment.group, number)
    if version.status != APPROVED:
        raise OperationError(
            f"version `{number}` of `{deployment.model}` is {version.status}",
            remedy=f"`mlops-iac approve {deployment.model} {number}`, "
            "unless it was rejected: then train another",
        )
    return lineage.identified(work.clients, version)


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
    named = registry.aliased(work.clients, deployment.group, rival.alias)
    if named is None or named.status != APPROVED:
        return None
    return approved(work, deployment, named.number)


def missing(deployment: Deployment) -> str:
    """Return what a user is told as long as an alias names no challenger."""
    rival = deployment.challenger
    alias = rival.alias if rival is not None else None
    return f"`{deployment.model}@{alias}` names no approved version: nothing challenges yet"
