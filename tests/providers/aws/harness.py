"""Records what a declaration registers on `aws`, under Pulumi's mock monitor.

Not a test. Outputs that only AWS could tell are unknown, as in a preview.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks, rpc
from pulumi.runtime.stack import run_pulumi_func

from mlops_iac import discovery
from mlops_iac.components.building import build_plan
from mlops_iac.errors import Problem
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from mlops_iac_aws.provider import PROVIDER

ACCOUNT = "123456789012"
REGION = "eu-west-1"


@dataclass(frozen=True)
class Registered:
    """One registration."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    depends_on: tuple[str, ...]
    protect: bool
    retain: bool

    def document(self) -> dict[str, Any]:
        """Return the form that the contract walkers read."""
        return {"type": self.type, "name": self.name, "inputs": self.inputs}


@dataclass
class Recorded:
    """Everything that a program registered."""

    resources: list[Registered] = field(default_factory=list)

    def of_type(self, token: str) -> list[Registered]:
        """Return the registrations of one type."""
        return [r for r in self.resources if r.type == token]

    def one(self, name: str) -> Registered:
        """Return the registration with a logical name."""
        (found,) = [r for r in self.resources if r.name == name]
        return found

    def has(self, name: str) -> bool:
        """Whether something was registered under a logical name."""
        return any(r.name == name for r in self.resources)


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"nothing is looked up while planning: {args.token}")


class _Monitor(mocks.MockMonitor):
    def __init__(self, recorded: Recorded) -> None:
        super().__init__(_Mocks())
        self._recorded = recorded

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  gRPC's name
        self._recorded.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                inputs=_plain(json_format.MessageToDict(request.object)),
                parent=request.parent,
                provider=request.provider,
                depends_on=tuple(request.dependencies),
                protect=request.protect,
                retain=request.retainOnDelete,
            )
        )
        return super().RegisterResource(request)


def _plain(value: Any) -> Any:
    if value == rpc.UNKNOWN:
        return {"$unknown": True}
    if isinstance(value, dict):
        if rpc._special_sig_key in value:
            return _special(value)
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _special(value: dict[str, Any]) -> Any:
    signature = value[rpc._special_sig_key]
    return {"$secret": True} if signature == rpc._special_secret_sig else {"$asset": signature}


@contextmanager
def only_aws() -> Iterator[None]:
    """Let discovery find the provider under test alone, whatever else is installed."""
    with patch.object(discovery, "providers", lambda: {"aws": PROVIDER}):
        yield


def draw(tmp_path: Path, *components: Spec, **platform: Any) -> Plan:
    """Plan a stack called `shop` in `dev` on `aws`."""
    fields = {"target": "aws", "region": REGION, "account": ACCOUNT, **platform}
    stack = Stack("shop", platform=Platform("platform", **fields), components=list(components))
    with only_aws():
        return plan(Declaration(stack, tmp_path), stack="dev")


def problems(tmp_path: Path, *components: Spec, **platform: Any) -> list[Problem]:
    """Return the problems of a stack."""
    return list(draw(tmp_path, *components, **platform).problems)


def record(tmp_path: Path, *components: Spec, **platform: Any) -> Recorded:
    """Record a stack that has no problem."""
    drawn = draw(tmp_path, *components, **platform).require()
    with only_aws():
        return record_program(lambda: build_plan(drawn))


def record_program(program: Any) -> Recorded:
    """Record a Pulumi program."""
    recorded = Recorded()
    monitor = _Monitor(recorded)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(
            monitor.mocks, project="shop", stack="dev", preview=True, monitor=monitor
        )
        loop.run_until_complete(run_pulumi_func(program))
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return recorded
