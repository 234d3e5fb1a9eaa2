"""Verbs on versions: list, approve, reject."""

from mlops_iac.operations import ModelVersion
from mlops_iac_local import registry, serving
from mlops_iac_local.layout import Layout
from mlops_iac_local.registry_reads import APPROVED, REJECTED


def versions(layout: Layout, model: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first."""
    return registry.versions(layout, model)


def approve(
    layout: Layout, model: str, number: int, *, approver: str, comment: str
) -> ModelVersion:
    """Approve a version, and serve it where an endpoint waits for the model's first."""
    registry.decide(layout, model, number, APPROVED, approver=approver, comment=comment)
    serving.deploy_first(layout, model)
    return registry.version(layout, model, number)


def reject(layout: Layout, model: str, number: int, *, approver: str, comment: str) -> ModelVersion:
    """Reject a version."""
    return registry.decide(layout, model, number, REJECTED, approver=approver, comment=comment)
