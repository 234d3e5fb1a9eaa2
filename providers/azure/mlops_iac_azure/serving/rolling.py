"""Deploying, promoting, rolling back, undeploying: what changes what an endpoint serves."""

from mlops_iac.errors import OperationError
from mlops_iac_azure import registry
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.registry import APPROVED, CHAMPION
from mlops_iac_azure.serving import assets, documents, history
from mlops_iac_azure.serving.backends import backend, deployed
from mlops_iac_azure.serving.challengers import approved, challenging, missing, wanted
from mlops_iac_azure.serving.documents import Deployment, Work
from mlops_iac_azure.serving.states import Deployed


def save(work: Work, deployment: Deployment) -> None:
    """Write the document by which an endpoint is deployed from now on.

    Raises:
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    labels = backend(deployment).labels(work, deployment)
    if labels is not None:
        assets.require_ours(deployment, deployment.endpoint, labels)
    backend(deployment).prepare(work, deployment)
    documents.save(work, deployment)


def converge(work: Work, deployment: Deployment) -> Deployed | None:
    """Bring an endpoint to what its document says; `None` while it waits for a version.

    A pinned version is deployed. Under an alias the version that is served stays, whoever deployed
    it; only where nothing is served, the alias's version is deployed.
    """
    if deployment.alias is None:
        return deploy(work, deployment, deployment.version or 0)
    now = deployed(work, deployment)
    if now is None or now.version not in _known(work, deployment):
        return _first(work, deployment)
    served = deploy(work, deployment, now.version)
    if registry.aliased(work.place, deployment.model, deployment.alias) is None:
        # A deployment was killed before it moved the alias.
        _move_alias(work, deployment, served.version)
    return served


def deploy_first(work: Work, deployment: Deployment) -> Deployed | None:
    """Deploy the alias's version where nothing is served yet; `None` when there is nothing to do.

    An approval that is told twice, or late, changes nothing.
    """
    backend(deployment).settle(work, deployment)
    now = deployed(work, deployment)
    # Without traffic it answers nobody: its deployment was interrupted.
    is_serving = now is not None and bool(now.split)
    return None if deployment.alias is None or is_serving else _first(work, deployment)


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
            f"`{deployment.model.component}@{CHAMPION}`",
        )
    served = deploy(work, deployment, number)
    _move_alias(work, deployment, number)
    return served


def rollback(work: Work, deployment: Deployment) -> Deployed:
    """Go back to the approved version that was served before the present one.

    Raises:
        OperationError: it has served no other approved version.
    """
    now = deployed(work, deployment)
    current = None if now is None else now.version
    known = registry.listed(work.place, deployment.model)
    accepted = {item.number for item in known if item.status == APPROVED}
    for earlier in history.served(work, deployment):
        if earlier.version != current and earlier.version in accepted:
            return promote(work, deployment, earlier.version)
    raise OperationError(
        f"`{deployment.component}` has served no other approved version",
        remedy=f"`mlops-iac promote {deployment.component} VERSION` names one",
    )


def deploy(work: Work, deployment: Deployment, number: int) -> Deployed:
    """Serve a version, without a moment in which nothing answers; moves no alias.

    Raises:
        OperationError: the version is not approved, or there is no endpoint.
        DeploymentError: it cannot be served, or failed while it took over.
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    version = approved(work, deployment, number)
    beside = challenging(work, deployment)
    if deployment.challenger is not None and beside is None:
        work.log(missing(deployment))
    split = backend(deployment).deploy(work, deployment, version, beside)
    served = deployed(work, deployment)
    if served is None or dict(served.split) != dict(split):
        raise DeploymentError(
            f"`{deployment.component}` was changed meanwhile",
            remedy="`mlops-iac up` brings it to what is declared",
        )
    return served


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take everything off an endpoint, also what the loop deployed; remove the document."""
    backend(deployment).undeploy(work, deployment)


def _known(work: Work, deployment: Deployment) -> set[int]:
    return {item.number for item in registry.listed(work.place, deployment.model)}


def _first(work: Work, deployment: Deployment) -> Deployed | None:
    version = wanted(work, deployment)
    return None if version is None else promote(work, deployment, version.number)


def _move_alias(work: Work, deployment: Deployment, number: int) -> None:
    alias, model = deployment.alias or CHAMPION, deployment.model
    registry.set_alias(work.place, model, alias, number)
    work.log(f"`{model.component}@{alias}` is version {number}")
