"""Verbs on endpoints: how they are, promote, roll back."""

from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.verbs.ported import PortedSite

ABSENT, WAITING, SERVING, DEAD = "absent", "waiting", "serving", "dead"
_KIND = "ModelEndpoint"
_WELL = "deployed"
"""Status of what is served when nothing is wrong with it."""


def endpoint_status(site: PortedSite, name: str) -> ComponentStatus:
    """Return what an endpoint serves: `absent`, `waiting`, `serving` or `dead`."""
    spec = site.spec(name, _KIND)
    with site.told(f"looking at `{name}`"):
        state, details = endpoint_state(site, name)
    return ComponentStatus(component=name, kind=spec.kind, state=state, details=details)


def promote(site: PortedSite, endpoint: str, number: int) -> ComponentStatus:
    """Serve an approved version and move the alias to it; returns when it has the traffic."""
    with site.told(f"serving version {number} at `{endpoint}`"):
        site.serving.promote(site.work, site.deployment(endpoint), number)
    return endpoint_status(site, endpoint)


def rollback(site: PortedSite, endpoint: str) -> ComponentStatus:
    """Go back to the approved version that was served before."""
    with site.told(f"rolling `{endpoint}` back"):
        site.serving.rollback(site.work, site.deployment(endpoint))
    return endpoint_status(site, endpoint)


def endpoint_state(site: PortedSite, name: str) -> tuple[str, dict[str, Any]]:
    """Return an endpoint's state and what else is told of it."""
    if site.read(site.serving.path_of(name)) is None:
        return ABSENT, {}
    deployment = site.deployment(name)
    now = site.serving.deployed(site.work, deployment)
    details: dict[str, Any] = {
        "endpoint": deployment.endpoint,
        "model": deployment.model.component,
    }
    if now is None:
        return WAITING, details
    details |= {"version": now.version, "digest": now.digest}
    if now.challenger is not None:
        details["challenger"] = now.challenger
    if now.status != _WELL:
        details["error"] = now.status
    return (SERVING if now.split else DEAD), details
