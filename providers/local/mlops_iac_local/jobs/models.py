"""The version of a model that a job reads, found when a run starts."""

from mlops_iac.errors import OperationError
from mlops_iac.operations import ModelVersion
from mlops_iac_local import registry
from mlops_iac_local.jobs.definition import Definition
from mlops_iac_local.layout import Layout
from mlops_iac_local.registry_reads import APPROVED


def read_version(layout: Layout, made: Definition) -> ModelVersion | None:
    """Return the version that a run of a job would read now; `None` for a job without a model.

    Raises:
        OperationError: there is no such version, or it is not approved.
    """
    if made.reads is None:
        return None
    found = _named(layout, made)
    if found is None:
        raise OperationError(
            f"job `{made.component}` waits for an approved version of `{made.reads['model']}`",
            remedy=f"`mlops-iac versions {made.reads['model']}` lists them, "
            "`mlops-iac approve` approves one",
        )
    if found.status != APPROVED:
        raise OperationError(
            f"version `{found.version}` of `{found.model}` is {found.status}",
            remedy=f"`mlops-iac approve {found.model} {found.version}`, or name another version",
        )
    return found


def is_waiting(layout: Layout, made: Definition) -> bool:
    """Whether a job follows an alias that names no approved version yet."""
    if made.reads is None or made.reads.get("version") is not None:
        return False
    found = _named(layout, made)
    return found is None or found.status != APPROVED


def _named(layout: Layout, made: Definition) -> ModelVersion | None:
    assert made.reads is not None  # noqa: S101  the callers looked
    model, number = made.reads["model"], made.reads.get("version")
    if number is not None:
        return registry.version(layout, model, int(number))
    return registry.aliased(layout, model, made.reads["alias"])
