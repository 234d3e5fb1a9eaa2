"""Records what a declaration registers on `azure`. Not a test."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mlops_iac_azure.operations import AzureOperations
from mlops_iac_azure.provider import PROVIDER

from mlops_iac import discovery, testing
from mlops_iac.components import build_plan
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import OperationScope
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing import Registration
from tests.clouds.azure.running import Cloud

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
DIGEST = "sha256:" + "a" * 64
IMAGE = f"acme.azurecr.io/runtime@{DIGEST}"


@dataclass(frozen=True)
class Recording:
    """All registrations, in a stable order."""

    records: tuple[Registration, ...]

    def of(self, kind: str) -> list[Registration]:
        """Return the records whose type ends with `kind`."""
        return [r for r in self.records if r.type.endswith(f":{kind}")]

    def one(self, kind: str, name: str | None = None) -> Registration:
        """Return the only record of `kind` (with that logical name)."""
        (found,) = [r for r in self.of(kind) if name is None or r.name == name]
        return found

    @property
    def azure(self) -> list[Registration]:
        """Return the registrations of the official SDK."""
        return [r for r in self.records if r.type.startswith("azure-native:")]

    def documents(self) -> list[dict[str, Any]]:
        """Return all as a plan's `resources`."""
        return [r.document() for r in self.records if r.custom]


def planned(
    components: Iterable[Spec], project_dir: Path, *, stack: str = "dev", **platform: Any
) -> Plan:
    """Return the plan of a declaration on azure."""
    given = {"region": "westeurope", "account": SUBSCRIPTION, **platform}
    spec = Platform("platform", target="azure", **given)
    declared = Stack("flights", platform=spec, components=tuple(components))
    with _only_azure():
        return plan(Declaration(declared, project_dir), stack=stack)


def verbs(cloud: Cloud, project_dir: Path, *components: Spec) -> AzureOperations:
    """Return the verbs of a stack of which the cloud may know nothing."""
    platform = {"account": cloud.subscription, "region": cloud.region, "runtime_image": IMAGE}
    scope = planned(components, project_dir, **platform).scopes[components[0].name]
    return AzureOperations(OperationScope(**vars(scope), outputs={}))


def record(drawn: Plan) -> Recording:
    """Build a plan under the recording monitor and return what was registered."""
    with _only_azure():
        recording = testing.record(
            lambda: build_plan(drawn.require()),
            project=drawn.declaration.stack.name,
            stack_name=drawn.stack,
        )
    return Recording(recording.resources)


@contextmanager
def _only_azure() -> Iterator[None]:
    """Discover no other provider: these tests stand whatever else is installed."""
    with patch.object(discovery, "providers", lambda: {PROVIDER.name: PROVIDER}):
        yield
