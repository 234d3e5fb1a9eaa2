"""Plans and records declarations for target `gcp` alone. Not a test."""

from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from mlops_iac_gcp.operations import GcpOperations
from mlops_iac_gcp.provider import PROVIDER

from mlops_iac import discovery
from mlops_iac.components import build_plan
from mlops_iac.errors import Problem
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import OperationScope
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing import Recording, record
from tests.clouds.gcp.running import Cloud

PROJECT = "acme-ml-dev"
REGION = "europe-west4"
IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/images/runtime@sha256:" + "a" * 64
ONLY_GCP = MappingProxyType({"gcp": PROVIDER})


def planned(
    folder: Path, components: tuple[Spec, ...] = (), *, name: str = "flights", **platform: Any
) -> Plan:
    """Return the plan of a declaration whose files are in `folder`."""
    wishes = {"target": "gcp", "region": REGION, "account": PROJECT, **platform}
    foundation = Platform(wishes.pop("platform_name", "platform"), **wishes)
    stack = Stack(name, platform=foundation, components=components)
    with patch.object(discovery, "providers", lambda: ONLY_GCP):
        return plan(Declaration(stack, folder))


def verbs(cloud: Cloud, folder: Path, *components: Spec) -> GcpOperations:
    """Return the verbs of a stack of which the cloud may know nothing."""
    platform = {"account": cloud.project, "region": cloud.region, "runtime_image": IMAGE}
    scope = planned(folder, components, **platform).scopes[components[0].name]
    return GcpOperations(OperationScope(**vars(scope), outputs={}))


def problems(folder: Path, *components: Spec, **platform: Any) -> dict[str, Problem]:
    """Return the errors of a declaration by `component.field`, structure aside."""
    found = planned(folder, components, **platform).errors
    return {
        f"{problem.component}.{problem.field}": problem
        for problem in found
        if problem.code not in {"reference.unknown", "model.no-producer"}
    }


def recorded(folder: Path, *components: Spec, name: str = "flights", **platform: Any) -> Recording:
    """Return what a declaration registers."""
    drawn = planned(folder, components, name=name, **platform).require()
    with patch.object(discovery, "providers", lambda: ONLY_GCP):
        return record(lambda: build_plan(drawn), project=name, stack_name="dev")
