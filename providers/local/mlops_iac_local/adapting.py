"""What the adapters of this target share."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs import Compute, Dataset

if TYPE_CHECKING:
    import pulumi


def output(resource: "pulumi.CustomResource", name: str) -> "pulumi.Output[Any]":
    """Return an output of a custom resource by its name."""
    return getattr(resource, name)


def nothing() -> "pulumi.Output[Any]":
    """Return an Output of `None`, for what this target has nothing to say of."""
    import pulumi

    return pulumi.Output.from_input(None)


def after(context: BuildContext, *names: str) -> dict[str, Any]:
    """Return the option that orders a resource after the platform and the named components.

    Nothing else would: what lies in the platform's folder names the folder by configuration.
    """
    wanted = (context.platform.name, *names)
    found = [context.components[name] for name in wanted if name in context.components]
    return {"depends_on": found} if found else {}


_UNBOUNDED = {"cpu": 1, "memory_gb": 1024, "disk_gb": 1024}


def limits(compute: Compute | None) -> dict[str, float]:
    """Return the limits that a process gets from the compute it asked for.

    What asks for none starts other processes: each has limits of its own, never above these.
    """
    if compute is None:
        return dict(_UNBOUNDED)
    return {
        "cpu": compute.cpu,
        "memory_gb": compute.memory_gb,
        "disk_gb": compute.disk_gb,
    }


def datasets(context_specs: Mapping[str, Any]) -> Iterable[Dataset]:
    """Return the datasets of a stack."""
    return [spec for spec in context_specs.values() if isinstance(spec, Dataset)]
