"""Records what a declaration registers, by the core's own builder under Pulumi's mock monitor."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.protobuf import json_format
from mlops_iac_azure.provider import PROVIDER
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.stack import run_pulumi_func

from mlops_iac import discovery
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
DIGEST = "sha256:" + "a" * 64


@dataclass(frozen=True)
class Record:
    """One registration."""

    type: str
    name: str
    parent: str
    provider: str
    custom: bool
    protect: bool
    retain: bool
    depends_on: tuple[str, ...]
    ignore: tuple[str, ...]
    inputs: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Return the entry of a plan's document."""
        return {"type": self.type, "name": self.name, "inputs": self.inputs}


@dataclass
class Recording:
    """All registrations, in order."""

    records: list[Record] = field(default_factory=list)

    def of(self, kind: str) -> list[Record]:
        """Return the records whose type ends with `kind`."""
        return [r for r in self.records if r.type.endswith(f":{kind}")]

    def one(self, kind: str, name: str | None = None) -> Record:
        """Return the only record of `kind` (with that logical name)."""
        (found,) = [r for r in self.of(kind) if name is None or r.name == name]
        return found

    @property
    def azure(self) -> list[Record]:
        """Return the registrations of the official SDK."""
        return [r for r in self.records if r.type.startswith("azure-native:")]

    def documents(self) -> list[dict[str, Any]]:
        """Return all as a plan's `resources`."""
        return [r.document() for r in self.records if r.custom]


class _Mocks(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        del args
        # Nothing comes back in a preview; the inputs are no state (identities are a list there,
        # and a map in what Azure answers).
        return "", {}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"a plan calls nobody, but asked `{args.token}`")


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Mocks())
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  Pulumi's name
        inputs = json_format.MessageToDict(request.object)
        if request.type != "pulumi:pulumi:Stack":
            self._recording.records.append(
                Record(
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    provider=request.provider,
                    custom=request.custom,
                    protect=request.protect,
                    retain=request.retainOnDelete,
                    depends_on=tuple(request.dependencies),
                    ignore=tuple(request.ignoreChanges),
                    inputs=_readable(inputs),
                )
            )
        return super().RegisterResource(request)


def _readable(value: Any) -> Any:
    if value == rpc.UNKNOWN:
        return {"$unknown": True}
    if isinstance(value, dict) and value.get(rpc._special_sig_key) == rpc._special_secret_sig:
        return {"$secret": True}
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return value


def planned(
    components: Iterable[Spec], project_dir: Path, *, stack: str = "dev", **platform: Any
) -> Plan:
    """Return the plan of a declaration on azure."""
    given = {"region": "westeurope", "account": SUBSCRIPTION, **platform}
    spec = Platform("platform", target="azure", **given)
    declared = Stack("flights", platform=spec, components=tuple(components))
    with _only_azure():
        return plan(Declaration(declared, project_dir), stack=stack)


def record(drawn: Plan) -> Recording:
    """Build a plan under the mock monitor, in preview, and return what was registered."""
    from mlops_iac.components.building import build_plan

    recording = Recording()
    with _only_azure():
        _run(lambda: build_plan(drawn.require()), recording, drawn)
    return recording


@contextmanager
def _only_azure() -> Iterator[None]:
    """Discover no other provider: these tests stand whatever else is installed."""
    with patch.object(discovery, "providers", lambda: {PROVIDER.name: PROVIDER}):
        yield


def _run(program: Callable[[], None], recording: Recording, drawn: Plan) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    settings.reset_options()
    try:
        mocks.set_mocks(
            _Mocks(),
            project=drawn.declaration.stack.name,
            stack=drawn.stack,
            preview=True,
            monitor=_Monitor(recording),
        )
        loop.run_until_complete(run_pulumi_func(program))
    finally:
        settings.reset_options()
        asyncio.set_event_loop(None)
        loop.close()
