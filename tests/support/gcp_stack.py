"""The stack `shop` on the Google Cloud test cloud, by the real engine and the stand-in plugin.

The program reads `.wish.json` in its folder, so that a test changes a declaration as a user would.
"""

import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac_gcp import facts, registry, serving
from mlops_iac_gcp.model_request import register_version
from mlops_iac_gcp.registry import Model, Record
from mlops_iac_gcp.session import Place
from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import Scope
from mlops_iac.specs import Approval, Platform, Spec
from mlops_iac.stack import Declaration, Stack
from tests.clouds.gcp.addresses import PROJECT, REGION
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.scenarios import DATA, ENDPOINT, IMAGE, JOB, MODEL, write_files
from tests.support.engine import REPOSITORY, TOOLS, Engine

PLUGINS = REPOSITORY / "tests" / "clouds" / "gcp" / "plugins"
"""Folder of the stand-in; belongs on `PATH`."""
PLACE = {"target": "gcp", "region": REGION, "account": PROJECT}
WISH = ".wish.json"
Declared = Callable[[], tuple[Spec, ...]]
_PROGRAM = "from {0} import {1}\nfrom tests.support.gcp_stack import declare\n\ndeclare({1})\n"
_FOR_EVER = ("cloudbuild", "cloudkms", "serviceusage")
"""Services in which Google Cloud deletes nothing: key rings and keys stay, without a version, and
so does what was built when."""


def few() -> tuple[Spec, ...]:
    """Return the five first kinds; nothing runs by itself."""
    return (DATA, MODEL, _with(JOB, {"run": "manual"}), ENDPOINT)


def declare(components: Declared) -> None:
    """Register the stack that `.wish.json` in this folder wishes for."""
    build_plan(_plan(components(), Path.cwd()).require())


def _plan(components: Iterable[Spec], folder: Path) -> Plan:
    wish = json.loads((folder / WISH).read_text())
    fields: Any = {**PLACE, "runtime_image": IMAGE, **wish.get("platform", {})}
    platform = Platform("platform", **fields)
    wished = [_with(spec, wish.get(spec.name, {})) for spec in components]
    return plan(Declaration(Stack("shop", platform=platform, components=wished), folder))


def _with(spec: Spec, fields: Mapping[str, Any]) -> Spec:
    """Return a component that is declared with further fields."""
    said = {name: getattr(spec, name) for name in spec.model_fields_set}
    return type(spec)(**{**said, **fields})


def everything(cloud: Cloud) -> set[str]:
    """Return the names of all that is in the cloud, but for what Google Cloud never deletes."""
    found = cloud.control("resources")
    # A custom role that was deleted can come back for some days.
    there = (one for one in found if not one["body"].get("deleted"))
    return {one["name"] for one in there if one["service"] not in _FOR_EVER}


@dataclass(frozen=True)
class GcpStack:
    """One stack, its engine and its cloud."""

    engine: Engine
    cloud: Cloud
    folder: Path
    components: Declared = few

    @classmethod
    def make(
        cls, engine: Engine, cloud: Cloud, *, components: Declared = few, **wish: Any
    ) -> "GcpStack":
        """Write the project and its first wish; nothing is deployed.

        Args:
            engine: what deploys.
            cloud: where to.
            components: a function of a module, by which the program finds it.
            wish: further fields of components, by the component's name.
        """
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**cloud.environment, "PATH": path})
        program = _PROGRAM.format(components.__module__, components.__name__)
        made = cls(engine, cloud, engine.project(program, name="shop"), components)
        write_files(made.folder)
        made.wish(**wish)
        return made

    def wish(self, **fields: Any) -> None:
        """Declare further fields of components, by the component's name."""
        (self.folder / WISH).write_text(json.dumps(fields))

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
        self.cloud.faults.ask("hold", method)
        process = self.engine.start("up", "--yes", "--skip-preview", cwd=self.folder)
        assert self.cloud.faults.held(120), "nothing was asked"
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.cloud.faults.release()
        self.pulumi.cancel()

    def types(self) -> set[str]:
        """Return the types of which the state holds one."""
        deployment: Any = self.pulumi.export_stack().deployment
        return {resource["type"] for resource in deployment["resources"]}

    def output(self, component: str, name: str) -> Any:
        """Return an output of a component."""
        return self.pulumi.outputs()[component].value[name]

    @property
    def bucket(self) -> str:
        """Name of the stack's bucket."""
        return facts.bucket(self.scope)

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        return _plan(self.components(), self.folder).scopes["score"]

    @property
    def _model(self) -> Model:
        name = facts.model_name(self.scope, "late")
        return Model(name=name, component="late", bucket=self.bucket)

    @property
    def place(self) -> Place:
        """Where this process asks; the cloud's variables must be set."""
        return Place(project=self.cloud.project, region=self.cloud.region)

    def register(self) -> int:
        """Register an approved version as a training's launcher does; return its number.

        It has no files: in this cloud nothing reads them.
        """
        scope, spec = self.scope, MODEL.model_copy(update={"approval": Approval.AUTOMATIC})
        model = self._model
        number = len(registry.listed(self.place, model)) + 1
        run = f"run-{number}"
        artifact = f"gs://{self.bucket}/runs/delay/{run}/delay/model"
        request = register_version(spec, scope, artifact, None, run, image=IMAGE)
        record = Record(digest=f"sha256:{number:064x}", job="delay", run_key=f"key{number}")
        return registry.upload(
            self.place, model, request["body"], run=run, record=record, pause=_no_pause
        )

    def challenge(self, number: int) -> None:
        """Let the alias `challenger` name a version; deploying resolves it."""
        registry.set_alias(self.place, self._model, "challenger", number)

    def promote(self, number: int) -> None:
        """Promote a version from outside, as the run-time verb does."""
        work = serving.Work(place=self.place, log=lambda _: None, pause=_no_pause)
        deployment = serving.load(self.place, self.bucket, "score")
        serving.promote(work, deployment, number)

    def endpoint(self) -> Mapping[str, Any]:
        """Return the endpoint as anybody sees it."""
        return self.cloud.call("GET", f"aiplatform/v1/{facts.endpoint_name(self.scope, 'score')}")


def _no_pause(_seconds: float) -> None:
    """Wait for nothing: in the test cloud each look moves an operation on."""


def _changes(result: Any) -> Mapping[str, int]:
    return dict(result.summary.resource_changes or {})
