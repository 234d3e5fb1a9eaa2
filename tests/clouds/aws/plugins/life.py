"""Making, reading, changing and removing things in the cloud, by their rows."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from tests.clouds.aws.plugins.client import Client, is_missing, members
from tests.clouds.aws.plugins.rows import Call, Row
from tests.clouds.aws.plugins.tagging import TAGGING, Tagging
from tests.clouds.plugins.compare import same
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import sdk
from tests.contract.walkers.aws_tables import TRANSLATIONS
from tests.contract.walkers.translate import Translation, api_body

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Life:
    """One type in one region."""

    token: str
    row: Row
    client: Client
    account: str
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Make it; return id and state."""
        body = self._sent(inputs)
        view = self._view(inputs, body=body)
        answer = self._call(self.row.create, view)
        resource_id = self._made(answer, view)
        view = self._view(inputs, body=body, resource_id=resource_id)
        if self._tagging and not self._tagged_inline and self._tags(inputs):
            self._call(self._tagging.add, view)
        self._calls(self.row.also, view)
        if self.row.settle is not None:
            self.row.settle(view, self.client)
        return resource_id, self._settled(resource_id, inputs)

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Change it in place; return the state."""
        if not self.row.update and not self.row.also and not _only_tags(old, inputs):
            raise FailedThingError(f"`{self.token}` has no operation that changes it")
        body = self._sent(inputs, resource_id, old)
        view = self._view(inputs, body=body, resource_id=resource_id, state=state, old=old)
        self._calls((*self.row.update, *self.row.also), view)
        if self._tagging and state.get("tagsAll") != self._tags(inputs):
            self._calls((self._tagging.add,), view)
            if self._tagging.remove and view["gone"]:
                self._call(self._tagging.remove, view)
        return self._settled(resource_id, inputs)

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs as they are in the cloud; None when it is gone."""
        found = self._found(resource_id, inputs)
        if found is None:
            return None
        now = self._as_found(inputs, found)
        view = self._view(inputs, resource_id=resource_id, state=state, found=found)
        tags = self._listed(view)
        if tags is not None and tags != self._tags(inputs):
            now["tags"] = self._native_form(self._own(tags, inputs))
        return self._state(resource_id, now, found), now

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Remove it, if it is there, and wait until it is gone."""
        body, _ = self._body(inputs)
        view = self._view(inputs, body=body, resource_id=resource_id, state=state)
        try:
            if self.row.empty:
                self.row.empty(view, self.client)
            self._calls(self.row.delete, view)
        except ClientError as error:
            if not is_missing(error):
                raise
        if self.row.status:
            self._await(lambda: self._found(resource_id, inputs) is None)

    # --- what is there ---

    def _settled(self, resource_id: str, inputs: Values) -> Values:
        """Wait until the cloud is done with it; return the state."""
        found: dict[str, Any] = {}

        def is_done() -> bool:
            found.clear()
            found.update(self._found(resource_id, inputs) or {})
            state = str(_search(self.row.status, found)) if self.row.status else ""
            if "Fail" in state:
                raise FailedThingError(f"`{resource_id}` is {state}: {found.get('FailureReason')}")
            return bool(found) and not state.endswith("ing")

        self._await(is_done)
        return self._state(resource_id, inputs, found)

    def _await(self, is_done: Any) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_done():
            if time.monotonic() > deadline:
                raise FailedThingError(f"`{self.token}` took longer than {WAIT_SECONDS:g} s")
            time.sleep(POLL_SECONDS)

    def _found(self, resource_id: str, inputs: Values) -> dict[str, Any] | None:
        body, _ = self._body(inputs)
        view = self._view(inputs, body=body, resource_id=resource_id)
        found: dict[str, Any] = dict(view["key"])
        for call in self.row.read:
            try:
                part = self._call(call, view)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
            if part is None:
                return None
            found.update(part)
        return None if self.row.gone and _search(self.row.gone, found) else found

    def _as_found(self, inputs: Values, found: Mapping[str, Any]) -> Values:
        body, places = self._body(inputs)
        now = dict(inputs)
        for name in inputs.keys() - self.row.silent - self._unread:
            expression = self.row.told.get(name)
            place = expression or places[name]
            wish = inputs[name] if expression else _search(places[name], body)
            have = _search(place, found)
            if have is None:
                del now[name]
            elif not same(wish, have):
                now[name] = _restored(have, inputs[name])
        return now

    def _state(self, resource_id: str, inputs: Values, found: Mapping[str, Any]) -> Values:
        view = self._view(inputs, resource_id=resource_id, found=found)
        outputs = {name: _search(path, view) for name, path in self.row.outputs.items()}
        known = {name: value for name, value in outputs.items() if value is not None}
        tags = {"tagsAll": self._tags(inputs)} if self._tagging else {}
        return {**inputs, **known, **tags, "region": self.client.region, "id": resource_id}

    # --- tags ---

    @cached_property
    def _tagging(self) -> Tagging | None:
        if "tags" not in sdk.inputs_shape(self.token).members:
            return None
        return TAGGING[self.row.tagging or self.row.service]

    @cached_property
    def _tagged_inline(self) -> bool:
        taken = members(self.row.service, self.row.create.operation)
        return bool({"Tags", "tags"} & taken) and "tags" not in self._translation.elsewhere

    def _tags(self, inputs: Values) -> dict[str, str]:
        override = (inputs.get("overrideProvider") or {}).get("defaultTags")
        defaults = self.default_tags if override is None else override.get("tags") or {}
        own = inputs.get("tags") or {}
        if isinstance(own, list):
            own = {tag["key"]: tag["value"] for tag in own}
        return {**defaults, **own}

    def _own(self, tags: Mapping[str, str], inputs: Values) -> dict[str, str]:
        """Return `tags` without those that the provider's configuration adds."""
        declared = inputs.get("tags") or {}
        named = {tag["key"] for tag in declared} if isinstance(declared, list) else set(declared)
        added = self._tags({**inputs, "tags": {}})
        return {k: text for k, text in tags.items() if k in named or added.get(k) != text}

    def _native_form(self, tags: Mapping[str, str]) -> Any:
        if not self.token.startswith("aws-native:"):
            return dict(tags)
        return [{"key": key, "value": value} for key, value in tags.items()]

    def _listed(self, view: Mapping[str, Any]) -> dict[str, str] | None:
        if self._tagging is None:
            return None
        try:
            return self._tagging.plain(self._call(self._tagging.list, view))
        except ClientError as error:
            if is_missing(error):
                return {}
            raise

    # --- calls ---

    @cached_property
    def _translation(self) -> Translation:
        if self.row.shape is not None:
            return Translation(shape=self.row.shape)
        return TRANSLATIONS[self.token]

    @cached_property
    def _unread(self) -> frozenset[str]:
        told = self.row.told.keys()
        return (self._translation.local | {"tags"}) - told

    def _body(self, inputs: Values) -> tuple[dict[str, Any], Mapping[str, str]]:
        known = {k: v for k, v in inputs.items() if k not in {"__defaults", "tags"}}
        tags = self._tags(inputs) if self._tagging else {}
        return api_body(self._translation, {**known, **({"tags": tags} if tags else {})})

    def _sent(
        self, inputs: Values, resource_id: str = "", old: Values | None = None
    ) -> dict[str, Any]:
        """Return the body of a request that makes or changes; only then are assets readable."""
        body, _ = self._body(inputs)
        if self.row.prepare is None:
            return body
        view = self._view(inputs, body=body, resource_id=resource_id, old=old)
        return {**body, **self.row.prepare(view)}

    def _view(
        self,
        inputs: Values,
        *,
        body: Mapping[str, Any] | None = None,
        resource_id: str = "",
        state: Values | None = None,
        old: Values | None = None,
        found: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        tags = self._tags(inputs) if self._tagging else {}
        before = (state or {}).get("tagsAll") or {}
        parts = resource_id.split(self.row.separator, len(self.row.id) - 1)
        view: dict[str, Any] = {
            "input": inputs,
            "old": old or {},
            "body": body or {},
            "id": resource_id,
            "key": dict(zip(self.row.id, parts, strict=True)) if resource_id else {},
            "state": state or {},
            "found": found or {},
            "tags": self._tagging.form(tags) if self._tagging else [],
            "gone": sorted(before.keys() - tags.keys()),
            "region": self.client.region,
            "account": self.account,
        }
        return {**view, "arn": self._arn(view)}

    def _arn(self, view: Mapping[str, Any]) -> Any:
        output = self.row.outputs.get("arn")
        return (_search(output, view) if output else None) or view["state"].get("arn")

    def _made(self, answer: Any, view: Mapping[str, Any]) -> str:
        if self.row.made:
            return str(_search(self.row.made, answer))
        return self.row.separator.join(str(view["body"][member]) for member in self.row.id)

    def _calls(self, calls: Iterable[Call], view: Mapping[str, Any]) -> None:
        for call in calls:
            if not call.when or _search(call.when, view):
                self._call(call, view)

    def _call(self, call: Call, view: Mapping[str, Any]) -> Any:
        taken = members(self.row.service, call.operation)
        pool = {**view["body"], **view["key"]}
        given = {name: _search(path, view) for name, path in call.given.items()}
        known = {name: value for name, value in pool.items() if name in taken} | given
        answer = self.client(
            self.row.service,
            call.operation,
            **{name: value for name, value in known.items() if value is not None},
        )
        at = call.at % view["key"] if "%(" in call.at else call.at
        return _search(at, answer)


def _search(path: str, document: Any) -> Any:
    return jmespath.search(path, document)


def _restored(value: Any, like: Any) -> Any:
    """Return what the API tells as an input, in the form of the input it stands for."""
    if isinstance(like, str) and isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _restored(item, None) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item, None) for item in value]
    return value


def _only_tags(old: Values, inputs: Values) -> bool:
    return all(
        old.get(name) == inputs.get(name) for name in (old.keys() | inputs.keys()) - {"tags"}
    )
