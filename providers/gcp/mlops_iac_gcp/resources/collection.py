"""One thing in one of Vertex AI's collections, through its whole life; a `Kind` says which."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from mlops_iac.custom import Call, Change, Existing, Handler, InputFailure, Properties
from mlops_iac.names import content_hash
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.resources import shapes
from mlops_iac_gcp.resources.comparing import seen
from mlops_iac_gcp.resources.creating import Creation
from mlops_iac_gcp.resources.kind import NAME, Kind
from mlops_iac_gcp.resources.working import MARK, Work, work_of

IMPORTED = "imported"
"""Part of the state after an import: what was read, by which the first diff is lenient."""


class CollectionHandler(Handler):
    """Creates, adopts, patches, imports and deletes one thing of its `kind`."""

    kind: ClassVar[Kind]

    # --- what the engine asks

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse what the API's own document refuses."""
        kind = self.kind
        strange = [
            InputFailure(property=key, reason=f"{kind.title} has no `{key}`")
            for key in sorted(inputs.keys() - kind.inputs)
        ]
        return [*strange, *shapes.failures(kind.api, kind.schema, inputs)]

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare by property: what `patch` takes changes in place, the rest replaces."""
        changed = differing(state, old, new)
        kept = self.kind.patched | self.kind.own
        replaces = tuple(key for key in changed if key not in kept)
        chosen = self.kind.id_input
        is_same_id = chosen is not None and chosen in new and chosen not in changed
        return Change(
            changed=changed, replaces=replaces, delete_before_replace=bool(replaces) and is_same_id
        )

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Create the thing, or adopt the one that an interrupted call has made."""
        work = work_of(call, self.kind.fixed(inputs))
        self.prepare(work)
        world = self._creation(work, inputs).made()
        name = str(world[NAME])
        call.exists(name, self._state(inputs, world))
        world = self.settled(work, inputs, self._converged(work, inputs, world))
        return name, self._state(inputs, world)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the thing as it is; of an unknown one, all that a program could have declared."""
        world = self._got(work_of(call, {}), resource_id)
        if world is None:
            return None
        known = {key: state[key] for key in state if key in self.kind.inputs}
        inputs = self._declared(world, known) if known else self._importable(resource_id, world)
        mark = {} if known else {IMPORTED: content_hash(inputs)}
        fresh = {**self._state(inputs, world), **mark}
        return Existing(id=resource_id, state=fresh, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Patch what differs from the world."""
        work = work_of(call, self.kind.fixed(inputs))
        world = self._got(work, resource_id)
        if world is None:
            raise GcpError(f"`{resource_id}` is gone", remedy="run `refresh`, then `up`")
        world = self.settled(work, inputs, self._converged(work, inputs, world))
        return self._state(inputs, world)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Delete the thing, and wait until it is gone."""
        self.removed(work_of(call, {}), resource_id, state)

    # --- what kinds may change

    def prepare(self, work: Work) -> None:
        """Make ready what a thing of the kind stands on."""

    def parent(self, work: Work, inputs: Properties) -> str:
        """Return the name of the collection's parent."""
        return str(inputs[self.kind.parent]) if self.kind.parent else work.place.parent

    def settled(self, work: Work, inputs: Properties, world: dict[str, Any]) -> dict[str, Any]:
        """Return the thing when it is as far as the program wants to wait."""
        return world

    def removed(self, work: Work, name: str, state: Properties) -> None:
        """Delete the thing; one that is gone already is fine."""
        answer = found(work.ask, self.kind.api, f"{self.kind.collection}.delete", {NAME: name})
        if answer is not None:
            work.end_of(self.kind.api, answer, f"delete of {name}")

    # --- to the world

    def _creation(self, work: Work, inputs: Properties) -> Creation:
        body = {**self.spelled(inputs), **self.kind.constants}
        if self.kind.has_labels:
            body["labels"] = _labels(work, inputs)
        parent = self.parent(work, inputs)
        return Creation(kind=self.kind, work=work, inputs=inputs, parent=parent, body=body)

    def spelled(self, inputs: Properties) -> dict[str, Any]:
        """Return the API's fields among the inputs as JSON has them."""
        fields = {key: inputs[key] for key in sorted(self.kind.fields & inputs.keys())}
        return shapes.spelled(self.kind.api, self.kind.schema, fields)

    def _got(self, work: Work, name: str) -> dict[str, Any] | None:
        return found(work.ask, self.kind.api, f"{self.kind.collection}.get", {NAME: name})

    def _converged(self, work: Work, inputs: Properties, world: dict[str, Any]) -> dict[str, Any]:
        """Patch the fields in which the world differs from the wish."""
        kind = self.kind
        wish = {key: inputs.get(key) for key in kind.patched & (inputs.keys() | world.keys())}
        now = self._declared(world, wish)
        differs = sorted(key for key in wish if (now[key] or None) != (wish[key] or None))
        if not differs:
            return world
        body = self.spelled({key: wish[key] for key in differs if wish[key] is not None})
        if "labels" in differs:
            body["labels"] = _labels(work, inputs)
        parameters = {NAME: world[NAME], "updateMask": ",".join(differs)}
        answer = work.ask(kind.api, f"{kind.collection}.patch", parameters, body)
        work.end_of(kind.api, answer, f"update of {kind.title}")
        return self._got(work, str(world[NAME])) or world

    # --- from the world

    def _declared(self, world: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs as they are in the world; those that it does not know, as they were."""
        fields = self.kind.fields & known.keys()
        fresh = {key: seen(world.get(key), known[key]) for key in fields}
        if "labels" in fresh:
            fresh["labels"] = _without_mark(world)
        return {**known, **fresh}

    def _importable(self, name: str, world: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that a program could have declared of a thing."""
        kind = self.kind
        known = {**world, "labels": _without_mark(world)}
        fields = sorted(kind.fields & known.keys())
        inputs = {key: known[key] for key in fields if known[key] not in ({}, [], "")}
        if kind.id_input is not None:
            inputs[kind.id_input] = name.rpartition("/")[2]
        if kind.parent is not None:
            inputs[kind.parent] = "/".join(name.split("/")[:-2])
        return inputs

    def _state(self, inputs: Properties, world: Mapping[str, Any]) -> dict[str, Any]:
        outputs = {key: world.get(key) for key in self.kind.outputs}
        return {**inputs, NAME: world[NAME], **outputs}


def differing(state: Properties, old: Properties, new: Properties) -> tuple[str, ...]:
    """Return the properties that differ.

    Right after an import, `old` is all that the service has, its defaults too: then only what the
    program declares is compared.
    """
    if state.get(IMPORTED) == content_hash(dict(old)):
        return tuple(key for key in sorted(new) if seen(old.get(key), new[key]) != new[key])
    return tuple(key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key))


def _labels(work: Work, inputs: Properties) -> dict[str, str]:
    return {**(inputs.get("labels") or {}), MARK: work.mark}


def _without_mark(world: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in world.get("labels", {}).items() if key != MARK}
