"""Making, reading, changing and removing things in the cloud, by their rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pulumi import _types as pulumi_types  # pyright: ignore[reportPrivateUsage]

from tests.clouds.gcp.plugins.client import Body, Client, RefusedError, method_of
from tests.clouds.gcp.plugins.labels import Labels
from tests.clouds.gcp.plugins.restore import Restoring
from tests.clouds.gcp.plugins.rows import Row, parts, words
from tests.clouds.plugins.compare import same
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import sdk
from tests.contract.walkers.gcp_tables import TRANSLATIONS
from tests.contract.walkers.translate import Translation, api_body

_HOST = re.compile(
    r"https?://[^/]+/(compute/|storage/|bigquery/)?v\d\w*/|//[a-z.]+\.googleapis\.com/"
)
"""What may stand before a resource's name, or not: both name the same thing."""


@dataclass(frozen=True, kw_only=True)
class ResourceLife:
    """One type in one project."""

    token: str
    row: Row
    client: Client
    labels: Labels = field(default_factory=Labels)

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Make it; return id and state."""
        view = self._view(inputs)
        made = self._make(view, inputs)
        view["made"] = str(made.get("name", "")).rpartition("/")[2]
        resource_id = _formatted(self.row.id, view)
        self._settle(resource_id, inputs)
        return resource_id, self._told(resource_id, inputs, made)

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Change it in place; return the state."""
        view = self._view(inputs, resource_id)
        before, after = self._body(old, resource_id), self._body(inputs, resource_id)
        if self.row.make is not None or self.row.put is not None:
            self._make(view, inputs, resource_id)
        elif before != after:
            self._patch(view, before, after)
        self._settle(resource_id, inputs, old)
        return self._told(resource_id, inputs, state)

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs as they are in the cloud; None when it is gone.

        Without inputs, as for an import, all that the cloud tells are the inputs.
        """
        found = self._found(resource_id, inputs, state)
        if found is None:
            return None
        now = self._as_found(inputs, found) if inputs else self._all(resource_id, found)
        return self._state(resource_id, now, found), now

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Remove it, if it is there."""
        del state
        self._judge_removal(resource_id, inputs)
        if self._stays(inputs):
            return
        view = self._view(inputs, resource_id)
        try:
            if self.row.empty is not None:
                self.row.empty(view, self.client)
            if self.row.put is not None:
                self._call(self.row.update, view, self._whole(view, None))
            else:
                self._call(self.row.delete, view)
        except RefusedError as error:
            if not error.is_missing:
                raise

    # --- what is there ---

    def _found(self, resource_id: str, inputs: Values, known: Body) -> Body | None:
        if not self.row.get:
            return known
        view = self._view(inputs, resource_id)
        try:
            found: Body | None = self._call(self.row.get, view)
        except RefusedError as error:
            if error.is_missing:
                return None
            raise
        if self.row.pick is not None:
            found = self.row.pick(found, view)
        is_gone = found is None or any(
            found.get(name) == value for name, value in self.row.gone.items()
        )
        return None if is_gone else found

    def _told(self, resource_id: str, inputs: Values, known: Body) -> Values:
        found = self._found(resource_id, inputs, known)
        if found is None:
            raise FailedThingError(f"`{resource_id}` is not there after it was made")
        return self._state(resource_id, inputs, found)

    def _as_found(self, inputs: Values, found: Body) -> Values:
        body, places = self._placed(inputs)
        now = dict(inputs)
        for name in inputs.keys() & places.keys() - words(self.row.silent) - self._unread:
            wish, have = _at(body, places[name]), _at(found, places[name])
            if name == "labels" and self._labelled:
                now[name] = self.labels.declared(inputs, have)
            elif have is None and wish:
                del now[name]
            elif not same(_plain(wish), _plain(have)):
                now[name] = self._restoring.one(name, found)
        return now

    def _all(self, resource_id: str, found: Body) -> Values:
        told = self._restoring.inputs(found)
        if self.row.told is not None:
            told |= self.row.told(found, told)
        # As the official provider: labels that no program has named are nobody's.
        known = {name: value for name, value in told.items() if name != "labels"}
        named = parts(self.row.id, resource_id)
        members = sdk.inputs_shape(self.token).members
        return {**known, **{name: text for name, text in named.items() if name in members}}

    def _state(self, resource_id: str, inputs: Values, found: Body) -> Values:
        view = self._view(inputs, resource_id, found)
        places = {"project": view["project"], "region": view["region"]}
        places["location"] = view["location"]
        named = {name: _known(text, view) for name, text in self.row.outputs.items()}
        folded = {key.lower(): value for key, value in found.items()}
        outputs: Values = {}
        for name in self._outputs:
            value = named.get(name) if name in named else folded.get(name.lower())
            outputs[name] = places.get(name) if value is None else value
        if self._labelled:
            outputs |= self.labels.outputs(inputs, found.get("labels") or {})
        known = {name: value for name, value in outputs.items() if value is not None}
        return {**known, **inputs, "id": resource_id}

    # --- requests ---

    def _make(self, view: dict[str, Any], inputs: Values, resource_id: str = "") -> Body:
        body = self._body(inputs, resource_id)
        view["body"] = body
        if self.row.make is not None:
            return self.row.make(view, self.client)
        if self.row.put is not None:
            return self._call(self.row.update, view, self._whole(view, body))
        beside = {name: _formatted(text, view) for name, text in self.row.beside.items()}
        sent = {**beside, self.row.wrap: body} if self.row.wrap else {**body, **beside}
        return self._call(self.row.create, view, sent)

    def _whole(self, view: Mapping[str, Any], part: Body | None) -> Body:
        assert self.row.put is not None
        return self.row.put(self._call(self.row.get, view), dict(view), part)

    def _patch(self, view: Mapping[str, Any], before: Body, after: Body) -> None:
        if not self.row.update:
            raise FailedThingError(f"`{self.token}` has no method that changes it")
        route = method_of(self.row.api, f"{self.row.methods}.{self.row.update}")
        changed = sorted(
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        )
        part = {name: after[name] for name in changed if name in after}
        mask = ",".join(changed)
        if self.row.wrap_update:
            sent: Body = {self.row.wrap_update: after, "updateMask": mask}
        elif route.http == "PUT":
            sent = after
        elif "updateMask" in route.parameters:
            sent = part
        else:
            sent = {name: _merge(before.get(name), after.get(name)) for name in changed}
            sent |= self._fingerprint(view)
        self._call(self.row.update, {**view, "updateMask": mask}, sent)

    def _fingerprint(self, view: Mapping[str, Any]) -> Body:
        if not self.row.api.startswith("compute"):
            return {}
        told = self._call(self.row.get, view).get("fingerprint")
        return {"fingerprint": told} if told else {}

    def _call(self, method: str, view: Mapping[str, Any], body: Body | None = None) -> Body:
        params = {**view, **self._parameters(view)}
        name = f"{self.row.methods}.{method}"
        if "{+name}/" in method_of(self.row.api, name).template:
            # Some services call the parent of what is made `name`.
            params["name"] = params["parent"]
        known = {key: value for key, value in params.items() if not isinstance(value, dict)}
        return self.client(self.row.api, name, known, body)

    def _parameters(self, view: Mapping[str, Any]) -> Values:
        given = {key: _known(text, view) for key, text in self.row.params.items()}
        words_ = {"True": "true", "False": "false"}
        known = {key: words_.get(value, value) for key, value in given.items() if value is not None}
        name = view.get("name_", "")
        parent = _formatted(self.row.name or self.row.id, {**view, "made": "_"}).rsplit("/", 2)[0]
        return {"name": name, "parent": parent, **known}

    def _settle(self, resource_id: str, inputs: Values, old: Values | None = None) -> None:
        if self.row.settle is not None:
            view = self._view(inputs, resource_id)
            self.row.settle({**view, "old": old or {}}, self.client)

    def _judge_removal(self, resource_id: str, inputs: Values) -> None:
        if inputs.get("deletionProtection", self.row.protected):
            raise FailedThingError(f"`{resource_id}` is protected by `deletionProtection`")
        if inputs.get("deletionPolicy") == "PREVENT":
            raise FailedThingError(f"`{resource_id}` is protected by `deletionPolicy`")

    def _stays(self, inputs: Values) -> bool:
        abandoned = inputs.get("deletionPolicy") == "ABANDON" or self.row.forgets(inputs)
        return abandoned or not (self.row.delete or self.row.put)

    # --- views ---

    def _view(
        self, inputs: Values, resource_id: str = "", found: Body | None = None
    ) -> dict[str, Any]:
        place = self.client.place
        here = {"project": place.project, "region": place.region, "location": place.region}
        here |= {name: inputs["region"] for name in ("location",) if inputs.get("region")}
        view = {**here, **parts(self.row.id, resource_id), **inputs, "found": found or {}}
        view["input"] = inputs
        view["id"] = resource_id
        view["name_"] = _known(self.row.name or self.row.id, view) or ""
        return view

    def _body(self, inputs: Values, resource_id: str) -> Body:
        body, _ = self._placed(inputs)
        if self.row.prepare is None:
            return body
        view = self._view(inputs, resource_id)
        return {**body, **self.row.prepare({**view, "body": body})}

    def _placed(self, inputs: Values) -> tuple[Body, Mapping[str, str]]:
        known = {key: value for key, value in inputs.items() if key != "__defaults"}
        if self._labelled:
            known["labels"] = self.labels.effective(inputs)
        return api_body(self._translation, known)

    # --- the type ---

    @cached_property
    def _translation(self) -> Translation:
        return TRANSLATIONS[self.token]

    @cached_property
    def _restoring(self) -> Restoring:
        return Restoring(self.token, self._translation)

    @cached_property
    def _unread(self) -> frozenset[str]:
        return frozenset({"__defaults"}) | self._translation.elsewhere.keys()

    @cached_property
    def _outputs(self) -> frozenset[str]:
        kinds = pulumi_types.resource_types(sdk.resource_class(self.token))
        return frozenset(kinds) - {"urn"}

    @property
    def _labelled(self) -> bool:
        return "effectiveLabels" in self._outputs


def _formatted(text: str, view: Mapping[str, Any]) -> str:
    try:
        return text.format_map(view)
    except KeyError as error:
        raise FailedThingError(f"`{text}` needs {error}, which nothing names") from error


def _known(text: str, view: Mapping[str, Any]) -> str | None:
    try:
        return text.format_map(view)
    except (KeyError, IndexError):
        return None


def _merge(before: Any, after: Any) -> Any:
    """Return the merge patch (RFC 7396) from one value to the other."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    return {
        name: _merge(before.get(name), after.get(name)) for name in before.keys() | after.keys()
    }


def _at(document: Any, place: str) -> Any:
    for step in place.split("."):
        document = document.get(step) if isinstance(document, Mapping) else None
    return document


def _plain(value: Any) -> Any:
    match value:
        case str():
            return _HOST.sub("", value, count=1)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value
