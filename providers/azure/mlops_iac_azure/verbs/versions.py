"""Verbs on versions: list, approve, reject."""

from mlops_iac.operations import ModelVersion
from mlops_iac_azure import registry
from mlops_iac_azure.faults import told
from mlops_iac_azure.serving.waking import wake
from mlops_iac_azure.verbs import policies
from mlops_iac_azure.verbs.site import Site


def versions(site: Site, model: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first."""
    with told(f"listing the versions of `{model}`"):
        found = registry.versions(site.place, site.model(model))
    return [_version(model, item) for item in found]


def approve(site: Site, model: str, number: int, *, approver: str, comment: str) -> ModelVersion:
    """Let a version be deployed, and start at once whatever waits for that.

    It is the first deployment of an endpoint, or a retraining policy.
    """
    known = site.model(model)
    with told(f"approving version {number} of `{model}`"):
        made = registry.approve(site.place, known, number, approver=approver, comment=comment)
        wake(site.work, known)
        policies.wake(site, model)
    return _version(model, made)


def reject(site: Site, model: str, number: int, *, approver: str, comment: str) -> ModelVersion:
    """Refuse a version for good."""
    known = site.model(model)
    with told(f"rejecting version {number} of `{model}`"):
        made = registry.reject(site.place, known, number, approver=approver, comment=comment)
        policies.wake(site, model)
    return _version(model, made)


def _version(model: str, item: registry.Version) -> ModelVersion:
    return ModelVersion(
        model=model,
        version=item.number,
        status=item.status,
        aliases=item.aliases,
        run_id=item.run_key,
        digest=item.digest,
        created=item.created,
        metrics=item.metrics,
        approver=item.approver,
        author=item.author,
    )
