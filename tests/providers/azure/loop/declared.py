"""A declaration with features, a monitor and a policy on Azure. Not a test."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from mlops_iac.specs import Spec
from tests.providers.azure.harness import DIGEST, Recording, planned, record
from tests.providers.azure.loop.components import renewed
from tests.providers.azure.scenarios import write_project

IMAGE = f"example.azurecr.io/runtime@{DIGEST}"


def recorded(folder: Path, *specs: Spec, **platform: Any) -> Recording:
    """Return what a declaration registers."""
    write_project(folder)
    return record(planned(specs, folder, **{"runtime_image": IMAGE, **platform}))


@cache
def whole() -> Recording:
    """Return what the whole declaration registers, with a budget; made once."""
    return recorded(Path(mkdtemp(prefix="mlops-loop-")), *renewed(policy={"budget": "2h"}))


def inputs(found: Recording, name: str) -> dict[str, Any]:
    """Return the inputs of the one resource of that logical name."""
    (one,) = (dict(each.inputs) for each in found.records if each.name == name)
    return one
