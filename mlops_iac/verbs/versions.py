"""Verbs on versions: list, approve, reject."""

from typing import Any

from mlops_iac.operations import ModelVersion
from mlops_iac.verbs import policies
from mlops_iac.verbs.ported import PortedSite


def versions(site: PortedSite, model: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first."""
    with site.told(f"listing the versions of `{model}`"):
        found = site.registry.versions(site.place, site.model(model))
    return [version(model, item) for item in found]


def approve(
    site: PortedSite, model: str, number: int, *, approver: str, comment: str
) -> ModelVersion:
    """Let a version be deployed, and start at once whatever waits for that.

    It is the first deployment of an endpoint, or a retraining policy.
    """
    known = site.model(model)
    with site.told(f"approving version {number} of `{model}`"):
        made = site.registry.approve(site.place, known, number, approver=approver, comment=comment)
        site.wake(known)
        policies.wake(site, model)
    return version(model, made)


def reject(
    site: PortedSite, model: str, number: int, *, approver: str, comment: str
) -> ModelVersion:
    """Refuse a version for good."""
    known = site.model(model)
    with site.told(f"rejecting version {number} of `{model}`"):
        made = site.registry.reject(site.place, known, number, approver=approver, comment=comment)
        policies.wake(site, model)
    return version(model, made)


def version(model: str, item: Any) -> ModelVersion:
    """Return a version as its registry knows it."""
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
