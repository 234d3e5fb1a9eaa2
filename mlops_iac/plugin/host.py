"""The life of a resource as the engine asks for it, on plain values; knows no wire.

Handlers never meet secrets' marks, unknown values, versions of state or private keys: all that is
settled here.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from mlops_iac.custom import Change, Existing, Handler, InputFailure
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.calls import HostCall
from mlops_iac.plugin.failures import Partial, explained
from mlops_iac.plugin.folders import state_folder
from mlops_iac.plugin.journal import CREATED, Journal
from mlops_iac.plugin.records import STAMP, Record, opened, public, remarked, sealed
from mlops_iac.plugin.redaction import Redactor
from mlops_iac.plugin.registry import handler as handler_of
from mlops_iac.plugin.values import UNKNOWN, has_unknown, plain, secret_texts

Values = Mapping[str, Any]
"""Decoded properties: `Secret` and `UNKNOWN` may stand anywhere."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """The resource that a call is about."""

    urn: str
    id: str = ""
    timeout: float = 0
    """Seconds that the program allows the call; 0 when it sets no limit."""

    @property
    def token(self) -> str:
        """Type token; a URN is `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """Logical name."""
        return self.urn.split("::", 3)[3]

    @property
    def handler(self) -> Handler:
        """The handler of its type."""
        return handler_of(self.token)


@dataclass(kw_only=True)
class Host:
    """Serves one provider instance."""

    tell: Callable[[str, str], None]
    """Takes a URN and a message to the engine's display."""
    cancelled: Event = field(default_factory=Event)
    config: Values = field(default_factory=dict)

    def check(self, resource: Resource, news: Values) -> Sequence[InputFailure]:
        """Return what is wrong with the known inputs."""
        with self._explaining("check of", resource, news):
            return tuple(resource.handler.check(public(_known(news))))

    def diff(self, resource: Resource, state: Values, olds: Values, news: Values) -> Change:
        """Return what the new inputs change; one that is not known yet counts as a change."""
        with self._explaining("diff of", resource, {**state, **olds, **news}):
            Journal(self._folder, resource.urn).confirm(resource.id)
            handler = resource.handler
            record = opened(handler, state, resource.name)
            return _with_stamp(_change(handler, record, olds, news), record)

    def create(self, resource: Resource, inputs: Values, *, preview: bool) -> tuple[str, Values]:
        """Create the resource; a preview knows neither its id nor its outputs."""
        if preview:
            return "", {}
        handler = resource.handler
        with self._calling("create of", resource, inputs, inputs) as call:
            _refuse_unknown(resource, inputs)
            resource_id, state = handler.create(public(inputs), call)
            answer = sealed(handler, state, inputs)
            if call.book.read():
                call.book.write(CREATED, resource.name, handler.token, {"id": resource_id})
            return resource_id, answer

    def read(
        self, resource: Resource, state: Values, inputs: Values
    ) -> tuple[str, Values, Values] | None:
        """Return id, state and inputs as they are in the world, or `None` when it is gone."""
        handler = resource.handler
        known = {**state, **inputs}
        with self._calling("read of", resource, known, inputs) as call:
            call.book.confirm(resource.id)
            record = opened(handler, state, resource.name)
            found = handler.read(resource.id, record.state, call)
            return None if found is None else _found(handler, found, record, known, inputs)

    def update(
        self,
        resource: Resource,
        state: Values,
        olds: Values,
        news: Values,
        *,
        preview: bool,
    ) -> Values:
        """Change the resource in place; a preview knows only the handler's stable outputs."""
        handler = resource.handler
        known = {**state, **olds, **news}
        with self._calling("update of", resource, known, news) as call:
            record = opened(handler, state, resource.name)
            if record.is_old and not record.is_partial and _is_same(handler, record, olds, news):
                return sealed(handler, record.state, known)
            if preview:
                return _previewed(handler, state)
            _refuse_unknown(resource, news)
            changed = handler.update(resource.id, record.state, public(news), call)
            answer = sealed(handler, changed, known)
            call.book.clear()
            return answer

    def delete(self, resource: Resource, state: Values, olds: Values) -> None:
        """Remove the resource."""
        handler = resource.handler
        with self._calling("delete of", resource, {**state, **olds}, olds) as call:
            record = opened(handler, state, resource.name)
            handler.delete(resource.id, record.state, call)
            call.book.clear()

    @property
    def _folder(self) -> Path:
        return state_folder(plain(self.config))

    @contextmanager
    def _explaining(self, doing: str, resource: Resource, known: Values) -> Generator[None]:
        try:
            yield
        except Exception as error:
            redactor = self._redactor(known)
            doing = f"{doing} `{resource.name}`"
            raise explained(error, doing, redactor, self._folder) from error

    @contextmanager
    def _calling(
        self, doing: str, resource: Resource, known: Values, inputs: Values
    ) -> Generator[HostCall]:
        redactor = self._redactor(known)
        call = HostCall(
            urn=resource.urn,
            name=resource.name,
            token=resource.token,
            config=public(self.config),
            timeout=resource.timeout,
            cancelled=self.cancelled,
            tell=self.tell,
            book=Journal(self._folder, resource.urn),
            redactor=redactor,
        )
        try:
            # A call that waited for a free thread must not begin after the user stopped the run.
            call.check_cancelled()
            yield call
        except Exception as error:
            partial = _partial(resource.handler, call, known, inputs)
            doing = f"{doing} `{resource.name}`"
            raise explained(error, doing, redactor, self._folder, partial) from error

    def _redactor(self, known: Values) -> Redactor:
        return Redactor(secret_texts(known) | secret_texts(self.config))


def _known(values: Values) -> dict[str, Any]:
    return {key: value for key, value in values.items() if not has_unknown(value)}


def _change(handler: Handler, record: Record, olds: Values, news: Values) -> Change:
    unknown = {key for key, value in news.items() if has_unknown(value)}
    old, new = (
        {key: value for key, value in public(values).items() if key not in unknown}
        for values in (olds, news)
    )
    change = handler.diff(record.state, old, new)
    # An unknown value is never listed as a replacement: it may turn out to be equal, and the
    # engine would refuse the preview of a protected resource.
    changed = {*change.changed, *change.replaces, *(unknown - handler.ignore)}
    return Change(
        changed=tuple(sorted(changed)),
        replaces=tuple(sorted(change.replaces)),
        delete_before_replace=change.delete_before_replace,
    )


def _with_stamp(change: Change, record: Record) -> Change:
    if change.changed or not record.needs_writing:
        return change
    return Change(changed=(STAMP,))


def _is_same(handler: Handler, record: Record, olds: Values, news: Values) -> bool:
    return not _change(handler, record, olds, news).changed


def _previewed(handler: Handler, state: Values) -> dict[str, Any]:
    return {
        key: value if key == STAMP or key in handler.stable_outputs else UNKNOWN
        for key, value in state.items()
    }


def _found(
    handler: Handler, found: Existing, record: Record, known: Values, inputs: Values
) -> tuple[str, Values, Values]:
    state = sealed(
        handler,
        found.state,
        known,
        stamp=record.stamp or None,
        is_partial=record.is_partial,
    )
    return found.id, state, remarked(found.inputs, inputs)


def _partial(handler: Handler, call: HostCall, known: Values, inputs: Values) -> Partial | None:
    if call.began is None:
        return None
    resource_id, state = call.began
    return Partial(
        id=resource_id, state=sealed(handler, state, known, is_partial=True), inputs=inputs
    )


def _refuse_unknown(resource: Resource, inputs: Values) -> None:
    unknown = sorted(key for key, value in inputs.items() if has_unknown(value))
    if unknown:
        named = ", ".join(f"`{key}`" for key in unknown)
        raise MlopsError(
            f"`{resource.name}` cannot be made: {named} not known yet",
            remedy="look for an earlier failure of a resource that it depends on",
        )
