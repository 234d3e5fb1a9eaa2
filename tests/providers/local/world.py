"""A small world for the local target: adapters and handlers joined without the engine.

`World.up` builds a declaration with the real adapters and applies what they register with the real
handlers, in the way the engine would: create, diff, update, replace, delete. It proves nothing
about the engine or the plugin's host; `tests/engine` does.
"""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
from mlops_iac_local import (
    dataset,
    feature_group,
    job_adapting,
    model_endpoint,
    registered_model,
)
from mlops_iac_local.layout import Layout
from mlops_iac_local.operations import LocalOperations
from mlops_iac_local.provider import PROVIDER
from mlops_iac_local.resources import RESOURCES

from mlops_iac.custom import Cancelled, Handler
from mlops_iac.provider import BuildContext, OperationScope, Scope
from mlops_iac.specs import Dataset, ModelEndpoint, Platform, RegisteredModel, Spec, TrainingJob
from mlops_iac.structure import build_order
from mlops_iac.target import Target

HANDLERS: Mapping[str, Handler] = {handler.token: handler for handler in RESOURCES}
STACK = "dev"

SCRIPT = """
import mlops_iac.runtime as runtime
import pandas as pd
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_csv(next(context.inputs["people"].glob("*.csv")))
model = LogisticRegression(C=context.hyperparameters.get("C", 1.0))
model.fit(rows[["age", "income"]], rows["bought"])
print("fitted", len(rows), "rows", flush=True)
context.log_metrics({"accuracy": model.score(rows[["age", "income"]], rows["bought"])})
context.log_model(model, example=rows[["age", "income"]].head(3), pip_requirements=[])
"""


class CrashError(Exception):
    """Stands for the death of the plugin."""


@dataclass
class FakeCall:
    """A `Call` outside any engine."""

    urn: str
    config: Mapping[str, Any]
    name: str = "thing"
    timeout: float = 0
    messages: list[str] = field(default_factory=list)
    written: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    cancel_when: Any = None

    def check_cancelled(self) -> None:
        if self.cancel_when is not None and self.cancel_when():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        self.check_cancelled()
        time.sleep(min(seconds, 0.1))

    def log(self, message: str) -> None:
        self.messages.append(message)

    def journal(self, operation: str, **facts: Any) -> None:
        self.written.append((operation, facts))

    def intents(self) -> Sequence[Mapping[str, Any]]:
        return ()

    def exists(self, resource_id: str, state: Mapping[str, Any]) -> None:
        self.written.append(("exists", {"id": resource_id, "state": state}))


@dataclass
class Applied:
    """A resource as the engine would have it in its state."""

    token: str
    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]


class Registered(SimpleNamespace):
    """What a program gets back from a registration: outputs as attributes."""


@dataclass
class World:
    """One stack on this machine."""

    project_dir: Path
    specs: dict[str, Spec]
    platform: Platform = field(default_factory=lambda: Platform(target="local"))
    applied: dict[str, Applied] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return Layout.of(self.project_dir, STACK)

    @property
    def operations(self) -> LocalOperations:
        specs = {self.platform.name: self.platform, **self.specs}
        return LocalOperations(OperationScope(**{**self.scope(), "specs": specs}, outputs={}))

    def call(self, name: str, **more: Any) -> FakeCall:
        config = {"root": str(self.layout.root), "projectDir": str(self.project_dir)}
        return FakeCall(urn=f"urn:pulumi:dev::shop::{name}", config=config, name=name, **more)

    def scope(self) -> dict[str, Any]:
        return {
            "project": "shop",
            "stack": STACK,
            "project_dir": self.project_dir,
            "target": Target(name="local"),
            "platform": self.platform,
            "specs": self.specs,
        }

    def problems(self, name: str) -> list[Any]:
        spec = self.specs[name]
        adapter = PROVIDER.adapter(spec.kind)
        assert adapter is not None
        return list(adapter.check(spec, Scope(**self.scope())))

    def up(self) -> list[str]:
        """Build and apply everything; return what changed, as `operation name`."""
        self.changes, self.wanted = [], []
        self.apply(
            "mlops-iac:local:Platform",
            self.platform.name,
            {"name": self.platform.name, "profile": self.platform.profile.value, "tags": {}},
        )
        built: dict[str, Any] = {}
        for name in self.order():
            spec = self.specs[name]
            adapter = PROVIDER.adapter(spec.kind)
            assert adapter is not None
            context = BuildContext(
                **self.scope(),
                component=name,
                parent=None,
                foundation=None,  # type: ignore[arg-type]
                outputs=dict(built),
            )
            built[name] = adapter.build(spec, context)
        for name in [name for name in self.applied if name not in self.wanted]:
            self.delete(name)
        return self.changes

    def order(self) -> list[str]:
        return list(build_order(self.specs))

    def apply(self, token: str, name: str, inputs: Mapping[str, Any]) -> Registered:
        """Do with one resource what the engine would."""
        # What is stored has been through JSON, as with the engine; `None` is no property.
        fresh = {k: v for k, v in json.loads(json.dumps(dict(inputs))).items() if v is not None}
        handler, known = HANDLERS[token], self.applied.get(name)
        self.wanted.append(name)
        if known is None:
            self._create(token, name, fresh)
        else:
            change = handler.diff(known.state, known.inputs, fresh)
            if change.replaces:
                self._create(token, name, fresh, "replace")
                handler.delete(known.id, known.state, self.call(name))
            elif change.changed:
                self.changes.append(f"update {name}")
                state = handler.update(known.id, known.state, fresh, self.call(name))
                self.applied[name] = Applied(token, known.id, fresh, dict(state))
        now = self.applied[name]
        return Registered(**{"id": now.id, **now.state})

    def _create(
        self, token: str, name: str, inputs: dict[str, Any], operation: str = "create"
    ) -> None:
        identity, state = HANDLERS[token].create(inputs, self.call(name))
        self.changes.append(f"{operation} {name}")
        self.applied[name] = Applied(token, identity, inputs, dict(state))

    def refresh(self) -> list[str]:
        """Read everything; return what is gone or drifted."""
        found = []
        for name, known in list(self.applied.items()):
            now = HANDLERS[known.token].read(known.id, known.state, self.call(name))
            if now is None:
                del self.applied[name]
                found.append(f"gone {name}")
                continue
            if now.inputs != known.inputs:
                found.append(f"drifted {name}")
            state, inputs = dict(now.state), dict(now.inputs)
            self.applied[name] = Applied(known.token, known.id, inputs, state)
        return found

    def delete(self, name: str) -> None:
        known = self.applied.pop(name)
        HANDLERS[known.token].delete(known.id, known.state, self.call(name))
        self.changes.append(f"delete {name}")

    def destroy(self) -> None:
        for name in reversed(list(self.applied)):
            self.delete(name)

    @contextmanager
    def registering(self, monkeypatch: Any) -> Iterator["World"]:
        """Let the adapters register with this world instead of the engine."""

        def register(token: str, name: str, inputs: Any, *, outputs: Any, opts: Any) -> Registered:
            del opts
            made = self.apply(token, name, inputs)
            for output in outputs:
                made.__dict__.setdefault(output, None)
            return made

        with monkeypatch.context() as patch:
            adapters = (dataset, feature_group, job_adapting, registered_model, model_endpoint)
            for module in adapters:
                patch.setattr(module, "register", register)
            patch.setattr(BuildContext, "opts", lambda *_, **__: None)
            patch.setattr("pulumi.Output.from_input", lambda value: value)
            yield self


def people(folder: Path, rows: int = 200) -> None:
    """Write a small data set of people."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["age,income,bought"]
    lines += [f"{20 + i % 50},{1000 + 37 * i % 900},{int(i % 50 > 25)}" for i in range(rows)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")


def declaration(**endpoint: Any) -> dict[str, Spec]:
    """Return data, model, job and endpoint, by name."""
    specs: list[Spec] = [
        Dataset("people", source="data/*.csv", format="csv",
                columns={"age": "integer", "income": "number"}),
        RegisteredModel("buyer", approval="automatic"),
        TrainingJob("fit", script="code/train.py", data="people", model="buyer",
                    metrics=("accuracy",), hyperparameters={"C": 1.0}),
        ModelEndpoint("shop", **{"model": "buyer@champion", **endpoint}),
    ]  # fmt: skip
    return {spec.name: spec for spec in specs}


def project(folder: Path, script: str = SCRIPT) -> Path:
    """Write the files of a project."""
    people(folder / "data")
    (folder / "code").mkdir(parents=True, exist_ok=True)
    (folder / "code" / "train.py").write_text(script)
    return folder


def processes_of(root: Path) -> list[int]:
    """Return the processes that have something to do with a stack's folder."""
    mark, found = str(root), []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        is_dead = process.info["status"] == psutil.STATUS_ZOMBIE
        if (
            not is_dead
            and process.pid != os.getpid()
            and mark in " ".join(process.info["cmdline"] or [])
        ):
            found.append(process.pid)
    return found


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition: Any, seconds: float = 40.0) -> Any:
    """Return the first true answer of `condition`, or fail when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return answer
