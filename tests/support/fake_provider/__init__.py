# ruff: noqa: ARG002  handlers have the signatures of their base class
"""A provider that exists for the plugin's tests: its objects are files under `root/world`.

The plugin takes its handlers by `MLOPS_IAC_HANDLERS=tests.support.fake_provider:RESOURCES`.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any, ClassVar

from mlops_iac.custom import Call, Existing, Handler, InputFailure, Properties
from mlops_iac.errors import MlopsError

LOCATION = "tests.support.fake_provider:RESOURCES"


def root(call: Call) -> Path:
    return Path(call.config["root"])


def note(call: Call, event: str) -> None:
    """Write down that something happened, when, and in which process."""
    line = json.dumps({"event": event, "name": call.name, "time": time.time(), "pid": os.getpid()})
    with (root(call) / "events.jsonl").open("a") as file:
        file.write(line + "\n")


def crash_if_asked(call: Call) -> None:
    """Die as by the OOM killer, once, when a test has put a file `crash` there."""
    trigger = root(call) / "crash"
    if trigger.exists():
        trigger.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def object_file(call: Call, name: str) -> Path:
    folder = root(call) / "world"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.json"


class Thing(Handler):
    """A small object with an ownership mark."""

    token = "mlops-iac:test:Thing"
    replace_on = frozenset({"kind"})
    ignore = frozenset({"note"})
    secret_outputs = frozenset({"token"})
    stable_outputs = frozenset({"address"})

    def check(self, inputs: Properties) -> list[InputFailure]:
        if inputs.get("value") == "forbidden":
            return [InputFailure(property="value", reason="`forbidden` is not allowed")]
        return []

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        # The content names the object, so that a replacement can live beside it.
        name = f"{call.name}-{inputs.get('kind', 'plain')}"
        path = object_file(call, name)
        if path.exists():
            self._adopt(path, call)
        else:
            call.journal("put", object=name, password=inputs.get("password"))
            note(call, "made")
        path.write_text(json.dumps({"urn": call.urn, "inputs": dict(inputs)}))
        crash_if_asked(call)
        return name, self._state(name, inputs)

    def _adopt(self, path: Path, call: Call) -> None:
        if json.loads(path.read_text())["urn"] != call.urn:
            raise MlopsError(f"`{path.stem}` belongs to somebody else", remedy="rename it")
        last = call.intents()[-1] if call.intents() else {}
        note(call, f"adopted after {last.get('operation')}")

    def _state(self, name: str, inputs: Properties) -> dict[str, Any]:
        return {
            "value": inputs.get("value"),
            "address": f"thing://{name}",
            "token": f"token-of-{name}",
            "url": f"postgres://user:{inputs.get('password', 'none')}@{name}",
        }

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        path = object_file(call, resource_id)
        if not path.exists():
            return None
        inputs = json.loads(path.read_text())["inputs"]
        return Existing(id=resource_id, state=self._state(resource_id, inputs), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        call.journal("put", object=resource_id)
        note(call, "updated")
        document = {"urn": call.urn, "inputs": dict(inputs)}
        object_file(call, resource_id).write_text(json.dumps(document))
        return self._state(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        note(call, "deleted")
        object_file(call, resource_id).unlink(missing_ok=True)


class Slow(Handler):
    """Takes its time, and lets itself be stopped."""

    token = "mlops-iac:test:Slow"

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        note(call, "began")
        if inputs.get("exists_early"):
            call.exists(call.name, {"phase": "begun"})
        call.log(f"working on {inputs.get('password', 'it')}")
        call.wait(inputs["seconds"])
        note(call, "ended")
        return call.name, {"phase": "finished"}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        return Existing(id=resource_id, state=state, inputs={})

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        note(call, "finished later")
        return {"phase": "finished"}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        note(call, "deleted")


class Faulty(Handler):
    """Fails in the way that its input asks for."""

    token = "mlops-iac:test:Faulty"

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        if inputs["how"] == "refuse":
            raise MlopsError(f"no room for `{inputs['password']}`", remedy="make some")
        raise RuntimeError(f"boom with {inputs['password']}")

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        return None

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        note(call, "deleted")


class Versioned(Handler):
    """Its state says `size` as text in version 1, and `size_gb` as a number in version 2."""

    token = "mlops-iac:test:Versioned"
    schema_version: ClassVar[int] = int(os.environ.get("FAKE_SCHEMA", "1"))

    def _state(self, size: int) -> dict[str, Any]:
        return {"size": str(size)} if self.schema_version == 1 else {"size_gb": size}

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        return call.name, self._state(inputs["size"])

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        return Existing(id=resource_id, state=state, inputs={})

    def migrate(self, state: Properties, version: int) -> Properties:
        return {"size_gb": int(state["size"])}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        note(call, f"deleted with {sorted(state)}")


RESOURCES = (Thing(), Slow(), Faulty(), Versioned())
