"""Deploying, promoting, rolling back, undeploying: what changes what an endpoint serves."""

from mlops_iac.rolling import Rolling, Work
from mlops_iac_gcp import registry
from mlops_iac_gcp.errors import DeploymentError
from mlops_iac_gcp.serving import copies, documents
from mlops_iac_gcp.serving.backends import backend, history
from mlops_iac_gcp.serving.documents import Deployment

RULES: Rolling[Deployment] = Rolling(
    registry=registry,
    backend=backend,
    history=history,
    saved=documents.SAVED,
    failed=DeploymentError,
)
converge, deploy, deploy_first = RULES.converge, RULES.deploy, RULES.deploy_first
promote, rollback = RULES.promote, RULES.rollback
deployed, drift = RULES.deployed, RULES.drift


def save(work: Work, deployment: Deployment) -> None:
    """Write the document by which an endpoint is deployed from now on.

    Raises:
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    labels = backend(deployment).labels(work, deployment)
    if labels is not None:
        copies.require_ours(deployment, deployment.endpoint, labels)
    documents.save(work, deployment)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take everything off an endpoint, also what the loop deployed; remove the document."""
    backend(deployment).undeploy(work, deployment)
