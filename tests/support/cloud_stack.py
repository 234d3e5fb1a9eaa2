"""The stack `shop` on a test cloud, by the real engine and the stand-in plugins.

The program reads `.wish.json` in its folder, so that a test changes a declaration as a user would.
"""

import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from tests.support.engine import TOOLS, Engine

WISH = ".wish.json"
Declared = Callable[[], tuple[Spec, ...]]
_PROGRAM = "from {0} import {1}\nfrom tests.support.cloud_stack import declare\n\ndeclare({1})\n"
_HELD_SECONDS = 120


class Faults(Protocol):
    """What is to go wrong in a test cloud."""

    def ask(self, kind: str, method: str = "") -> None:
        """Let the next call of a method go wrong."""
        ...

    def held(self, seconds: float = 30) -> bool:
        """Wait until a call is held; tell whether one is."""
        ...

    def release(self) -> None:
        """Let go of held calls."""
        ...


def declare(components: Declared) -> None:
    """Register the stack that `.wish.json` in this folder wishes for."""
    build_plan(planned(components(), Path.cwd()).require())


def planned(components: Iterable[Spec], folder: Path) -> Plan:
    """Return the plan of what `.wish.json` in a folder wishes for."""
    wish = json.loads((folder / WISH).read_text())
    fields: Any = wish["platform"]
    wished = [with_fields(spec, wish.get(spec.name, {})) for spec in components]
    platform = Platform("platform", **fields)
    return plan(Declaration(Stack("shop", platform=platform, components=wished), folder))


def with_fields(spec: Spec, fields: Mapping[str, Any]) -> Spec:
    """Return a component that is declared with further fields."""
    said = {name: getattr(spec, name) for name in spec.model_fields_set}
    return type(spec)(**{**said, **fields})


@dataclass(frozen=True)
class CloudStack:
    """One stack, its engine and its cloud."""

    engine: Engine
    cloud: Any
    folder: Path
    components: Declared

    plugins: ClassVar[Path]
    """Folder of the stand-ins; belongs on `PATH`."""
    platform: ClassVar[Mapping[str, Any]]
    """Fields of the platform that all wishes share."""

    @classmethod
    def make(cls, engine: Engine, cloud: Any, *, components: Declared, **wish: Any) -> Self:
        """Write the project and its first wish; nothing is deployed.

        Args:
            engine: what deploys.
            cloud: where to.
            components: a function of a module, by which the program finds it.
            wish: further fields of components, by the component's name.
        """
        cls.reach(engine, cloud)
        program = _PROGRAM.format(components.__module__, components.__name__)
        made = cls(engine, cloud, engine.project(program, name="shop"), components)
        cls.write_files(made.folder)
        made.wish(**wish)
        return made

    @classmethod
    def reach(cls, engine: Engine, cloud: Any) -> None:
        """Give an engine the variables of a cloud, and its stand-ins on `PATH`."""
        path = f"{cls.plugins}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**cloud.environment, "PATH": path})

    @staticmethod
    def write_files(folder: Path) -> object:
        """Write the files that the components name."""

    def wish(self, **fields: Any) -> None:
        """Declare further fields of components, by the component's name."""
        platform = {**self.platform, **fields.get("platform", {})}
        (self.folder / WISH).write_text(json.dumps({**fields, "platform": platform}))

    @property
    def pulumi(self) -> automation.Stack:
        """The stack for Pulumi's Automation API."""
        options = automation.LocalWorkspaceOptions(
            env_vars=self.engine.env,
            pulumi_command=automation.PulumiCommand(root=str(TOOLS), skip_version_check=True),
        )
        return automation.select_stack("dev", work_dir=str(self.folder), opts=options)

    def preview(self) -> Mapping[str, int]:
        """Return the number of resources by what `up` would do."""
        return {str(op): n for op, n in self.pulumi.preview().change_summary.items()}

    def up(self, *, refresh: bool = False) -> Mapping[str, int]:
        """Deploy, if asked after reading everything; return the number of resources by change."""
        return _changes(self.pulumi.up(refresh=refresh))

    def refresh(self) -> Mapping[str, int]:
        """Read everything; return the number of resources by what has changed outside."""
        return _changes(self.pulumi.refresh())

    def destroy(self) -> Mapping[str, int]:
        """Remove everything; return the number of resources by what was done."""
        return _changes(self.pulumi.destroy())

    def killed_at(self, method: str) -> None:
        """Deploy, and kill the engine with all its plugins while it waits for a call's answer."""
        faults: Faults = self.cloud.faults
        faults.ask("hold", method)
        process = self.engine.start("up", "--yes", "--skip-preview", cwd=self.folder)
        assert faults.held(_HELD_SECONDS), "nothing was asked"
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        faults.release()
        self.pulumi.cancel()

    def types(self) -> set[str]:
        """Return the types of which the state holds one."""
        deployment: Any = self.pulumi.export_stack().deployment
        return {resource["type"] for resource in deployment["resources"]}

    def output(self, component: str, name: str) -> Any:
        """Return an output of a component."""
        return self.pulumi.outputs()[component].value[name]


def _changes(result: Any) -> Mapping[str, int]:
    return dict(result.summary.resource_changes or {})
