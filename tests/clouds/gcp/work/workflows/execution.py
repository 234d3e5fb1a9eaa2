"""One execution of a workflow, step by step.

https://cloud.google.com/workflows/docs/reference/syntax. Limits: one workflow `main`; `assign`,
`call` of connectors, `sys.log` and `sys.sleep` (cut to half a second), `switch`, `try` without
repetition, `raise`, `return`, `next`. Anything else fails the execution.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import yaml

from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.routes import by_id
from tests.clouds.gcp.work.api import Api, RefusedError
from tests.clouds.gcp.work.failures import WorkError, unknown
from tests.clouds.gcp.work.workflows.expressions import value

_CONNECTOR = re.compile(r"googleapis\.(?P<service>\w+)\.(?P<version>v\w+)\.(?P<method>[\w.]+)")
_PARAMETER = re.compile(r"\{\+?(\w+)\}")
_KNOWN = frozenset(
    {"assign", "call", "args", "result", "switch", "try", "except", "raise", "return", "next"}
    | {"steps"}
)
# What a connector takes beside the method's own parameters.
_OWN = frozenset({"body", "region", "connector_params"})
_STEPS_LIMIT = 10_000
_SLEEP_SECONDS = 0.5


class RaisedError(Exception):
    """An error of the workflow, which `except` may take."""

    def __init__(self, told: Any) -> None:
        super().__init__(told if isinstance(told, str) else json.dumps(told))
        self.told = told


@dataclass
class _End:
    """What ends a list of steps: a returned value, or a step to go to."""

    returned: Any = None
    to: str = ""


@dataclass
class Execution:
    """One execution."""

    run: Run
    api: Api
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    count: int = 0

    def main(self, document: Mapping[str, Any], argument: Any) -> Any:
        """Do the workflow; return what it returns."""
        if set(document) != {"main"}:
            raise unknown(f"workflows with {sorted(document)}")
        main = document["main"]
        self.names["$environment"] = self._environment()
        for name in main.get("params", ()):
            self.names[name] = argument
        end = self.steps(main["steps"])
        return None if end is None else end.returned

    def _environment(self) -> dict[str, str]:
        """Return the built-in variables: Workflows' reference, `sys.get_env`."""
        parts = self.run.name.split("/")
        return {
            "GOOGLE_CLOUD_PROJECT_ID": self.api.project,
            "GOOGLE_CLOUD_LOCATION": parts[3],
            "GOOGLE_CLOUD_WORKFLOW_ID": parts[5],
            "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": self.run.id,
        }

    def steps(self, steps: Sequence[Mapping[str, Any]]) -> _End | None:
        """Do steps in their order, or as they jump."""
        names = [next(iter(one)) for one in steps]
        at = 0
        while at < len(steps):
            end = self._counted(names[at], steps[at][names[at]])
            if end is None:
                at += 1
            elif end.to in names:
                at = names.index(end.to)
            else:
                return end
        return None

    def _counted(self, name: str, step: Mapping[str, Any]) -> _End | None:
        self.count += 1
        if self.count > _STEPS_LIMIT:
            raise WorkError(f"The workflow takes more than {_STEPS_LIMIT} steps.")
        if strange := step.keys() - _KNOWN:
            raise unknown(f"{sorted(strange)} of a workflow's step `{name}`")
        return self._step(step)

    def _step(self, step: Mapping[str, Any]) -> _End | None:
        for row in step.get("assign", ()):
            self._assign(row)
        if "call" in step:
            told = self._call(step["call"], value(step.get("args", {}), self.names))
            self.names.update({step["result"]: told} if "result" in step else {})
        if "raise" in step:
            raise RaisedError(value(step["raise"], self.names))
        for key in ("switch", "try", "steps"):
            if key in step and (end := self._nested(key, step)) is not None:
                return end
        if "return" in step:
            return _End(value(step["return"], self.names), "end")
        return _End(to=step["next"]) if "next" in step else None

    def _assign(self, row: Mapping[str, Any]) -> None:
        for name, told in row.items():
            if not name.isidentifier():
                raise unknown(f"an assignment to `{name}` in a workflow")
            self.names[name] = value(told, self.names)

    def _nested(self, key: str, step: Mapping[str, Any]) -> _End | None:
        if key == "switch":
            return self._switch(step["switch"])
        if key == "try":
            return self._try(step)
        return self.steps(step["steps"])

    def _switch(self, cases: Sequence[Mapping[str, Any]]) -> _End | None:
        for case in cases:
            if value(case["condition"], self.names):
                return self._step({key: one for key, one in case.items() if key != "condition"})
        return None

    def _try(self, step: Mapping[str, Any]) -> _End | None:
        try:
            return self._step(step["try"])
        except RaisedError as error:
            if "except" not in step:
                raise
            self.names[step["except"]["as"]] = error.told
            return self.steps(step["except"]["steps"])

    def _call(self, what: str, arguments: Mapping[str, Any]) -> Any:
        if what == "sys.log":
            return None
        if what == "sys.sleep":
            return self._sleep(float(arguments["seconds"]))
        match = _CONNECTOR.fullmatch(what)
        if match is None:
            raise unknown(f"the call `{what}` of workflows")
        route = by_id(match["service"], match["version"]).get(match["method"])
        if route is None:
            raise WorkError(f"There is no connector `{what}`.")
        path: str = route.declared["path"]
        inside = {*_PARAMETER.findall(path)}
        filled = _PARAMETER.sub(lambda one: quote(str(arguments[one[1]]), safe="/:"), path)
        query = {k: str(v) for k, v in arguments.items() if k not in inside | _OWN}
        try:
            verb = route.declared["httpMethod"]
            return self.api.call(verb, match["service"], filled, arguments.get("body"), **query)
        except RefusedError as error:
            raise RaisedError(
                {"code": error.code, "message": str(error), "tags": ["HttpError"]}
            ) from error

    def _sleep(self, seconds: float) -> None:
        if self.run.stopping.wait(min(seconds, _SLEEP_SECONDS)):
            raise WorkError("The execution was cancelled.")


def follow(run: Run) -> None:
    """Do an execution to its end."""
    workflow = run.request["workflow"]
    account = workflow.get("serviceAccount", "").rpartition("/")[2]
    document = yaml.safe_load(workflow["sourceContents"])
    argument = json.loads(run.request.get("argument") or "null")
    try:
        returned = Execution(run, Api.of(run, account)).main(document, argument)
    except RaisedError as error:
        raise WorkError(str(error)) from error
    run.finish(RunState.SUCCEEDED, result=json.dumps(returned))
