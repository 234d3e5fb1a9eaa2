"""Verbs on endpoints: promote, roll back."""

from mlops_iac.operations import ComponentStatus
from mlops_iac_aws import serving
from mlops_iac_aws.faults import told
from mlops_iac_aws.verbs.site import Site
from mlops_iac_aws.verbs.status import endpoint_status


def promote(site: Site, endpoint: str, number: int) -> ComponentStatus:
    """Serve an approved version and move the alias to it; returns when it is in service."""
    site.spec(endpoint, "ModelEndpoint")
    with told(f"serving version {number} at `{endpoint}`"):
        serving.promote(site.work, site.deployment(endpoint), number)
    return endpoint_status(site, endpoint)


def rollback(site: Site, endpoint: str) -> ComponentStatus:
    """Go back to the approved version that was served before."""
    site.spec(endpoint, "ModelEndpoint")
    with told(f"rolling `{endpoint}` back"):
        serving.rollback(site.work, site.deployment(endpoint))
    return endpoint_status(site, endpoint)
