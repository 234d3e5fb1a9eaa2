"""What each kind of action does.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.workflows import calling
from tests.clouds.azure.work.workflows.conditions import holds
from tests.clouds.runs import CancelledError

if TYPE_CHECKING:
    from tests.clouds.azure.work.workflows.execution import Execution

SUCCEEDED, FAILED = "Succeeded", "Failed"
_WAIT_SECONDS = 0.5
_LIMIT = 5000
"""Rounds of a loop, as Logic Apps have it."""
_ERROR = 400
Told = Mapping[str, Any]


class EndedError(Exception):
    """`Terminate`: the run ends as it says."""

    def __init__(self, state: str, error: Told) -> None:
        super().__init__(str(error.get("message", "")))
        self.state = state
        self.error = error


def _http(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    told = {**action, "inputs": execution.value(action["inputs"])}
    outputs = calling.http(told, execution.callers, execution.run.stopping)
    failed = outputs["statusCode"] >= _ERROR
    return {"outputs": outputs, **({"status": FAILED} if failed else {})}


def _compose(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    return {"outputs": execution.value(action["inputs"])}


def _parse(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    """Read JSON, and judge it by the schema's `required`."""
    del name
    told = execution.value(action["inputs"]["content"])
    body = json.loads(told) if isinstance(told, str) else told
    required = (action["inputs"].get("schema") or {}).get("required") or ()
    if missing := [one for one in required if one not in body]:
        raise WorkError(f"ValidationFailed. The schema requires {missing}.", "ValidationFailed")
    return {"outputs": {"body": body}}


def _if(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    result = holds(action["expression"], execution.sources)
    branch = action.get("actions") if result else (action.get("else") or {}).get("actions")
    state = execution.all(branch or {})
    return {"status": state, "outputs": {"expressionResult": result}}


def _switch(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    told = execution.value(action["expression"])
    cases: Told = action.get("cases") or {}
    chosen = next((one for one in cases.values() if one["case"] == told), action.get("default"))
    return {"status": execution.all((chosen or {}).get("actions") or {})}


def _scope(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    inner: Told = action.get("actions") or {}
    state = execution.all(inner)
    results = [{"name": one, **execution.actions[one]} for one in inner]
    return {"status": state, "results": results}


def _for_each(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    states: list[str] = []
    for item in execution.value(action["foreach"]):
        execution.items.append((name, item))
        try:
            states.append(execution.all(action.get("actions") or {}))
        finally:
            execution.items.pop()
    return {"status": FAILED if FAILED in states else SUCCEEDED}


def _until(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    limit = int((action.get("limit") or {}).get("count") or 60)
    for _ in range(min(limit, _LIMIT)):
        state = execution.all(action.get("actions") or {})
        if state == FAILED or holds(action["expression"], execution.sources):
            return {"status": state}
    return {}


def _wait(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name, action
    if execution.run.stopping.wait(_WAIT_SECONDS):
        raise CancelledError
    return {}


def _initialize(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    for one in action["inputs"]["variables"]:
        execution.variables[one["name"]] = execution.value(one.get("value"))
    return {}


def _set(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    execution.variables[_variable(execution, action)] = execution.value(action["inputs"]["value"])
    return {}


def _append(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    own, one = _variable(execution, action), execution.value(action["inputs"]["value"])
    before = execution.variables[own]
    execution.variables[own] = before + (one if isinstance(before, str) else [one])
    return {}


def _increment(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    own = _variable(execution, action)
    execution.variables[own] += execution.value(action["inputs"].get("value", 1))
    return {}


def _variable(execution: "Execution", action: Told) -> str:
    name = action["inputs"]["name"]
    if name not in execution.variables:
        raise WorkError(f"The variable '{name}' was not initialized.", "InvalidTemplate")
    return name


def _terminate(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    told = execution.value(action["inputs"])
    raise EndedError(told["runStatus"], told.get("runError") or {})


def _respond(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    del name
    told = execution.value(action["inputs"])
    execution.run.update(response=told)
    return {"outputs": told}


def _filter(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    return {"outputs": {"body": [*_kept(execution, name, action["inputs"])]}}


def _kept(execution: "Execution", name: str, inputs: Told) -> Iterator[Any]:
    for item in execution.value(inputs["from"]):
        execution.items.append((name, item))
        if holds(inputs["where"], execution.sources):
            yield item
        execution.items.pop()


def _select(execution: "Execution", name: str, action: Told) -> dict[str, Any]:
    found: list[Any] = []
    for item in execution.value(action["inputs"]["from"]):
        execution.items.append((name, item))
        found.append(execution.value(action["inputs"]["select"]))
        execution.items.pop()
    return {"outputs": {"body": found}}


KINDS: Mapping[str, Callable[["Execution", str, Told], dict[str, Any]]] = {
    "appendtoarrayvariable": _append,
    "appendtostringvariable": _append,
    "compose": _compose,
    "foreach": _for_each,
    "http": _http,
    "if": _if,
    "incrementvariable": _increment,
    "initializevariable": _initialize,
    "parsejson": _parse,
    "query": _filter,
    "response": _respond,
    "scope": _scope,
    "select": _select,
    "setvariable": _set,
    "switch": _switch,
    "terminate": _terminate,
    "until": _until,
    "wait": _wait,
}
