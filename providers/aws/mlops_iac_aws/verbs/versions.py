"""Verbs on versions: list, approve, reject."""

from mlops_iac.operations import ModelVersion
from mlops_iac.verbs.versions import version
from mlops_iac_aws import lineage, names, registry
from mlops_iac_aws.faults import told
from mlops_iac_aws.verbs.site import Site


def versions(site: Site, model: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first."""
    with told(f"listing the versions of `{model}`"):
        known = registry.versions(site.clients, _group(site, model))
        return [version(model, lineage.identified(site.clients, item)) for item in known]


def approve(site: Site, model: str, number: int, *, approver: str, comment: str) -> ModelVersion:
    """Let a version be deployed; an endpoint that waits for the model's first is woken by AWS."""
    with told(f"approving version {number} of `{model}`"):
        group = _group(site, model)
        made = registry.approve(site.clients, group, number, approver=approver, comment=comment)
        return version(model, made)


def reject(site: Site, model: str, number: int, *, approver: str, comment: str) -> ModelVersion:
    """Refuse a version for good."""
    with told(f"rejecting version {number} of `{model}`"):
        group = _group(site, model)
        made = registry.reject(site.clients, group, number, approver=approver, comment=comment)
        return version(model, made)


def _group(site: Site, model: str) -> str:
    site.spec(model, "RegisteredModel")
    return names.model_group(site.scope, model)
