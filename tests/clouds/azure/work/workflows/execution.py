"""One run of a Logic App, action by action.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language. Limits: one
action at a time, loops one after the other; waiting is cut to half a second. Anything unknown fails
the run.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.azure.hooks import Run, RunState
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.failures import UnknownError, WorkError, unknown
from tests.clouds.azure.work.jobs import identity
from tests.clouds.azure.work.times import stamp
from tests.clouds.azure.work.workflows.actions import FAILED, KINDS, SUCCEEDED, EndedError
from tests.clouds.azure.work.workflows.calling import Callers
from tests.clouds.azure.work.workflows.expressions import value
from tests.clouds.runs import CancelledError

SKIPPED = "Skipped"
Told = Mapping[str, Any]


@dataclass
class Execution:
    """One run."""

    run: Run
    callers: Callers
    actions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    items: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    """The loops that are gone through, the innermost last."""

    @property
    def workflow(self) -> Told:
        """The Logic App."""
        return self.run.request["workflow"]

    @property
    def definition(self) -> Told:
        """What it is to do."""
        return self.workflow["properties"]["definition"]

    @property
    def sources(self) -> Mapping[str, Callable[..., Any]]:
        """What functions tell of the run."""
        return {
            "actions": lambda name: self.actions[name],
            "actionoutputs": lambda name: self.actions[name].get("outputs"),
            "body": lambda name: (self.actions[name].get("outputs") or {}).get("body"),
            "item": lambda: self.items[-1][1],
            "items": lambda name: dict(self.items)[name],
            "outputs": lambda name: self.actions[name].get("outputs"),
            "parameters": self._parameter,
            "result": lambda name: self.actions[name]["results"],
            "trigger": self._trigger,
            "triggerbody": lambda: self._trigger()["outputs"].get("body"),
            "triggeroutputs": lambda: self._trigger()["outputs"],
            "variables": lambda name: self.variables[name],
            "workflow": self._workflow,
        }

    def _trigger(self) -> dict[str, Any]:
        told: Told = self.run.request.get("trigger") or {}
        name = next(iter(self.definition.get("triggers") or {"manual": {}}))
        outputs = {key: told[key] for key in ("headers", "body", "queries") if key in told}
        return {"name": name, "status": SUCCEEDED, "outputs": outputs}

    def _parameter(self, name: str) -> Any:
        given: Told = self.workflow["properties"].get("parameters") or {}
        declared: Told = self.definition.get("parameters") or {}
        if name not in declared:
            raise KeyError(name)
        return given[name]["value"] if name in given else declared[name]["defaultValue"]

    def _workflow(self) -> dict[str, Any]:
        own = {"id": self.run.name, "name": self.run.id, "type": "Microsoft.Logic/workflows/runs"}
        same = {key: self.workflow.get(key) for key in ("id", "name", "type", "location", "tags")}
        return {**same, "run": own}

    def value(self, told: Any) -> Any:
        """Return a value of the definition, evaluated."""
        return value(told, self.sources)

    def all(self, actions: Told) -> str:
        """Do actions in the order in which they wait for each other; tell how that ended.

        A failed action fails what it is in, unless one after it was done in spite of it.
        """
        names = [*_ordered(actions)]
        for name in names:
            self.actions[name] = self._done(name, actions[name])
            self.run.update(actions={key: dict(one) for key, one in self.actions.items()})
        followed = {before for name in names for before in actions[name].get("runAfter") or {}}
        ends = [name for name in names if name not in followed]
        broken = any(self._is_broken(name, actions) for name in ends)
        return FAILED if broken else SUCCEEDED

    def _is_broken(self, name: str, actions: Told) -> bool:
        """Tell whether an action failed, or was skipped because one before it did."""
        status = self.actions[name]["status"]
        if status != SKIPPED:
            return status != SUCCEEDED
        return any(self._is_broken(one, actions) for one in actions[name].get("runAfter") or {})

    def _done(self, name: str, action: Told) -> dict[str, Any]:
        if self.run.stopping.is_set():
            raise CancelledError
        if not self._is_wanted(action):
            return {"status": SKIPPED, "code": "ActionSkipped"}
        begun = {"startTime": stamp(), "trackingId": str(uuid.uuid4())}
        try:
            told = self._do(name, action)
        except UnknownError:
            raise
        except WorkError as error:
            failure = {"code": error.code, "message": str(error)}
            return {**begun, "status": FAILED, "error": failure, "endTime": stamp()}
        return {**begun, "status": SUCCEEDED, **told, "endTime": stamp()}

    def _is_wanted(self, action: Told) -> bool:
        after: Told = action.get("runAfter") or {}
        return all(
            self.actions[name]["status"].lower() in {one.lower() for one in states}
            for name, states in after.items()
        )

    def _do(self, name: str, action: Told) -> dict[str, Any]:
        kind = str(action["type"]).lower()
        if kind not in KINDS:
            raise unknown(f"actions of the type `{action['type']}`")
        return KINDS[kind](self, name, action)


def _ordered(actions: Told) -> Sequence[str]:
    """Return the actions, each after those that it waits for.

    Raises:
        WorkError: they wait for each other, or for what there is not.
    """
    done: list[str] = []
    while len(done) < len(actions):
        ready = [
            name
            for name, one in actions.items()
            if name not in done and set(one.get("runAfter") or {}) <= set(done)
        ]
        if not ready:
            raise WorkError(f"The actions {sorted(set(actions) - set(done))} cannot be ordered.")
        done.append(ready[0])
    return done


def follow(run: Run) -> None:
    """Do a run to its end.

    Raises:
        WorkError: an action has failed.
        CancelledError: it was cancelled.
    """
    run.update(startTime=stamp())
    workflow = run.request["workflow"]
    callers = Callers(
        Api.of(run), identity.of_resource(run, workflow), lambda named: Api.of(run, named)
    )
    execution = Execution(run, callers)
    try:
        state = execution.all(execution.definition.get("actions") or {})
    except EndedError as end:
        _terminated(run, end)
        return
    if state == FAILED:
        raise WorkError(_reason(execution), "ActionFailed")
    run.finish(RunState.SUCCEEDED, endTime=stamp(), outputs=_outputs(execution))


def _outputs(execution: Execution) -> dict[str, Any]:
    declared: Told = execution.definition.get("outputs") or {}
    return {
        name: {"type": one["type"], "value": execution.value(one["value"])}
        for name, one in declared.items()
    }


def _terminated(run: Run, end: EndedError) -> None:
    states = {"succeeded": RunState.SUCCEEDED, "cancelled": RunState.CANCELLED}
    run.finish(states.get(end.state.lower(), RunState.FAILED), str(end), endTime=stamp())


def _reason(execution: Execution) -> str:
    failed = [name for name, one in execution.actions.items() if one["status"] == FAILED]
    told = execution.actions[failed[-1]] if failed else {}
    more = told.get("error", {}).get("message") or (told.get("outputs") or {}).get("body") or ""
    return f"ActionFailed. An action failed. No dependent actions succeeded: {failed}. {more}"
