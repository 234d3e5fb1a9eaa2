"""Records what a declaration registers on `aws`. Not a test."""

import atexit
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import patch

from mlops_iac_aws.provider import PROVIDER

from mlops_iac import discovery, testing
from mlops_iac.components.building import build_plan
from mlops_iac.errors import Problem
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing import Registration
from tests.providers.aws.scenarios import SCENARIOS, write_files

ACCOUNT = "123456789012"
REGION = "eu-west-1"


@dataclass(frozen=True)
class Recorded:
    """Everything that a stack registered."""

    resources: tuple[Registration, ...]

    def of_type(self, token: str) -> list[Registration]:
        """Return the registrations of one type."""
        return [r for r in self.resources if r.type == token]

    def one(self, name: str) -> Registration:
        """Return the registration with a logical name."""
        (found,) = [r for r in self.resources if r.name == name]
        return found

    def has(self, name: str) -> bool:
        """Whether something was registered under a logical name."""
        return any(r.name == name for r in self.resources)


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
    return record_program(lambda: build_plan(draw(tmp_path, *components, **platform).require()))


@cache
def recorded_scenario(name: str) -> Recorded:
    """Record a scenario, once for all tests of a process: a record never changes."""
    found = SCENARIOS[name]
    folder = Path(mkdtemp(prefix=f"scenario-{name}-"))
    atexit.register(shutil.rmtree, folder)
    return record(write_files(folder), *found.components(), **found.platform)


def record_program(program: Callable[[], None]) -> Recorded:
    """Record a program, which may make Outputs of its own."""
    with only_aws():
        recording = testing.record(program, project="shop", stack_name="dev")
    return Recorded(recording.resources)
