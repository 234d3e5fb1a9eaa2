"""`mlops-iac:azure:Schedule`: when a pipeline job starts by itself.

Azure ML changes a schedule's trigger, but takes another action for none: the schedule is made
anew. It deletes only one that is disabled.
https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job (delete)
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac_azure import lro, rest
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.faults import found
from mlops_iac_azure.session import Place, place_of

_OWNER = ("mlops-iac-project", "mlops-iac-stack")
_WRITTEN = frozenset({"provisioningState"})


class ScheduleHandler(Handler):
    """Makes, adopts, changes and removes one schedule."""

    token = "mlops-iac:azure:Schedule"  # noqa: S105
    replace_on = frozenset({"name"})
    stable_outputs = frozenset({"path"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Another action is another schedule of the same name: the old one goes first."""
        if old.get("name") != new.get("name"):
            return Change(changed=("name",), replaces=("name",), delete_before_replace=True)
        before, after = (_wanted(each) for each in (old, new))
        if before == after:
            return Change()
        replaces = ("requests",) if before.get("action") != after.get("action") else ()
        return Change(
            changed=("requests",), replaces=replaces, delete_before_replace=bool(replaces)
        )

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make the schedule; what a killed call has left of the stack's own is made anew.

        Raises:
            NotOursError: somebody else has one of that name.
        """
        where = place_of(call.config)
        path = where.in_workspace("schedules", inputs["name"])
        there = found(rest.call, where, "GET", path, pause=call.wait)
        if there is not None:
            _refuse_foreign(there["properties"], inputs)
            _removed(where, path, there, call)
        call.journal("create", schedule=inputs["name"])
        return path, _put(where, path, inputs, call)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the schedule as it is."""
        there = found(rest.call, place_of(call.config), "GET", resource_id, pause=call.wait)
        if there is None:
            return None
        inputs = _seen(resource_id, state, there["properties"])
        return Existing(id=resource_id, state={**inputs, "path": resource_id}, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Change the trigger in place."""
        return _put(place_of(call.config), resource_id, inputs, call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Disable the schedule, then remove it; runs that it has started go on."""
        where = place_of(call.config)
        there = found(rest.call, where, "GET", resource_id, pause=call.wait)
        if there is not None:
            _removed(where, resource_id, there, call)


def _put(where: Place, path: str, inputs: Properties, call: Call) -> dict[str, Any]:
    body = {"properties": _wanted(inputs)}
    doing = f"make schedule `{inputs['name']}`"
    lro.run(where, "PUT", path, body, pause=call.wait, log=call.log, doing=doing)
    return {**inputs, "path": path}


def _removed(where: Place, path: str, there: Mapping[str, Any], call: Call) -> None:
    properties = there["properties"]
    if properties.get("isEnabled"):
        kept = {key: value for key, value in properties.items() if key not in _WRITTEN}
        body = {"properties": {**kept, "isEnabled": False}}
        lro.run(where, "PUT", path, body, pause=call.wait, doing=f"disable {path}")
    found(lro.run, where, "DELETE", path, pause=call.wait, doing=f"remove {path}")


def _wanted(inputs: Properties) -> Mapping[str, Any]:
    requests = inputs.get("requests") or ()
    return requests[0]["body"]["properties"] if requests else {}


def _refuse_foreign(there: Mapping[str, Any], inputs: Properties) -> None:
    told, wished = there.get("tags") or {}, _wanted(inputs).get("tags") or {}
    if any(told.get(key) != wished.get(key) for key in _OWNER):
        owner = "/".join(told.get(key, "nobody") for key in _OWNER)
        raise NotOursError(
            f"schedule `{inputs['name']}` is `{owner}`'s",
            remedy="disable and delete it in the studio, or rename the component",
        )


def _seen(path: str, state: Properties, there: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs by which the schedule is what it is now."""
    known = _wanted(state)
    trigger = {key: value for key, value in there["trigger"].items() if value is not None}
    # Azure ML fills in what was left out; what was declared counts.
    declared = known.get("trigger") or trigger
    is_same = all(trigger.get(key) == value for key, value in declared.items())
    seen = {
        **(known or {key: value for key, value in there.items() if key not in _WRITTEN}),
        "trigger": declared if is_same else trigger,
        "isEnabled": there.get("isEnabled"),
    }
    request = {**(state.get("requests") or [{}])[0], "body": {"properties": seen}}
    return {"name": path.rpartition("/")[2], "requests": [request]}
