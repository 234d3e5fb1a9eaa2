"""The engine's side of our plugin, played: one resource is created, changed, imported, deleted."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlops_iac.custom import Change
from mlops_iac.plugin.host import Host, Resource
from tests.clouds.gcp.running import Cloud

Inputs = Mapping[str, Any]
_CHILD = """
import json, sys
from pathlib import Path
from mlops_iac_gcp import lro
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.resources.life import Life
address, folder, kind, name, inputs = sys.argv[1:]
lro.FIRST_POLL_SECONDS = 0.01
Life(Cloud(address), Path(folder), kind, name).create(json.loads(inputs))
"""


@dataclass
class Life:
    """One resource of a stack."""

    cloud: Cloud
    folder: Path
    kind: str
    name: str = "churn"
    id: str = ""
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    inputs: Inputs = field(default_factory=dict[str, Any])
    told: list[str] = field(default_factory=list[str])

    @property
    def host(self) -> Host:
        """A fresh process's host: it remembers nothing."""
        host = Host(tell=lambda _, message: self.told.append(message))
        place = {"account": self.cloud.project, "region": self.cloud.region}
        host.config = {**place, "root": str(self.folder)}
        return host

    @property
    def resource(self) -> Resource:
        urn = f"urn:pulumi:dev::shop::mlops-iac:gcp:{self.kind}::{self.name}"
        return Resource(urn=urn, id=self.id)

    def refused(self, inputs: Inputs) -> list[str]:
        return [failure.reason for failure in self.host.check(self.resource, inputs)]

    def create(self, inputs: Inputs) -> "Life":
        assert not self.refused(inputs)
        self.id, state = self.host.create(self.resource, inputs, preview=False)
        return self._keep(state, inputs)

    def diff(self, inputs: Inputs) -> Change:
        return self.host.diff(self.resource, self.state, self.inputs, inputs)

    def update(self, inputs: Inputs) -> "Life":
        change = self.diff(inputs)
        assert change.changed
        assert not change.replaces
        host, old = self.host, self.inputs
        return self._keep(
            host.update(self.resource, self.state, old, inputs, preview=False), inputs
        )

    def refresh(self) -> bool:
        """Read the world; tell whether the resource is there."""
        found = self.host.read(self.resource, self.state, self.inputs)
        if found is not None:
            _, state, inputs = found
            self._keep(state, inputs)
        return found is not None

    def imported(self) -> "Life":
        """Return the resource as an import by its name finds it."""
        other = replace(self, name="imported", state={}, inputs={})
        assert other.refresh()
        return other

    def delete(self) -> None:
        self.host.delete(self.resource, self.state, self.inputs)

    def world(self) -> Mapping[str, Any]:
        """Return the thing as the cloud has it."""
        return found(self.cloud, self.id.rpartition("/")[2])

    def _keep(self, state: Mapping[str, Any], inputs: Inputs) -> "Life":
        self.state, self.inputs = dict(state), inputs
        return self


@contextmanager
def killed_while(life: Life, inputs: Inputs) -> Iterator[None]:
    """Create in a process of its own; kill it at the end of the block."""
    import json

    arguments = [life.cloud.address, str(life.folder), life.kind, life.name, json.dumps(inputs)]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments])
    try:
        yield
    finally:
        child.kill()
        child.wait(timeout=30)


def calls(cloud: Cloud, method: str) -> int:
    """Return how often a method was called; by the end of its id."""
    told = cloud.control("calls", service="aiplatform")
    return sum(one["method"].endswith(method) for one in told)


def everything(cloud: Cloud, collection: str) -> list[Mapping[str, Any]]:
    """Return the bodies of all things of a collection."""
    told = cloud.control("resources", service="aiplatform")
    return [one["body"] for one in told if one["name"].split("/")[-2] == collection]


def found(cloud: Cloud, last: str) -> Mapping[str, Any]:
    """Return the body of the one thing whose name ends so."""
    told = cloud.control("resources", service="aiplatform")
    (body,) = [one["body"] for one in told if one["name"].rpartition("/")[2] == last]
    return body
