"""How a handler's state looks in Pulumi's state: stamped with its version, secrets marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.custom import Handler, Properties
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.redaction import Redactor
from mlops_iac.plugin.values import Secret, has_secret, plain, secret_texts
from mlops_iac.version import VERSION

STAMP = "__schema"
"""Private key: the program and the handler never see it."""
PRIVATE = "__"


class NewerStateError(MlopsError):
    """The state was written by a newer version than this one."""

    code = "plugin.newer-state"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A resource's state as a handler takes it."""

    state: Properties
    stamp: Mapping[str, Any]
    is_old: bool
    """Whether it was migrated, and should be written in the present form."""
    is_partial: bool
    """Whether the call that should have finished the resource failed."""

    @property
    def needs_writing(self) -> bool:
        """Whether an update is due although no input changed."""
        return self.is_old or self.is_partial


def opened(handler: Handler, properties: Mapping[str, Any], name: str) -> Record:
    """Return the state in `properties` in the handler's present form.

    Raises:
        NewerStateError: a newer version wrote it.
    """
    stamp = plain(properties.get(STAMP)) or {}
    version = int(stamp.get("version", handler.schema_version))
    if version > handler.schema_version:
        writer = stamp.get("writer", "unknown")
        raise NewerStateError(
            f"the state of `{name}` has schema version {version}, written by `mlops-iac` {writer}; "
            f"this one knows up to {handler.schema_version}",
            remedy=f"upgrade `mlops-iac` to at least {writer}",
        )
    state: Properties = public(properties)
    is_old = version < handler.schema_version
    return Record(
        state=handler.migrate(state, version) if is_old else state,
        stamp=stamp,
        is_old=is_old,
        is_partial=bool(stamp.get("partial", False)),
    )


def sealed(
    handler: Handler,
    state: Properties,
    known: Mapping[str, Any],
    *,
    stamp: Mapping[str, Any] | None = None,
    is_partial: bool = False,
) -> dict[str, Any]:
    """Return `state` ready for Pulumi: stamped, and every secret marked.

    Secret are the handler's `secret_outputs`, whatever has the name of a secret property in
    `known` (inputs and earlier state), and texts that contain one of their values.
    """
    redactor = Redactor(secret_texts(known))
    names = handler.secret_outputs | {key for key, value in known.items() if has_secret(value)}
    marked = {
        key: Secret(value) if key in names else _marked(value, redactor)
        for key, value in state.items()
    }
    fresh = {"version": handler.schema_version, "writer": VERSION}
    # An unchanged stamp keeps its writer: else an upgrade would show as drift of every resource.
    is_same = stamp is not None and stamp.get("version") == handler.schema_version
    mark = dict(stamp) if stamp is not None and is_same else fresh
    return {**marked, STAMP: {**mark, "partial": True} if is_partial else mark}


def public(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain properties without private keys."""
    return {key: plain(value) for key, value in properties.items() if not key.startswith(PRIVATE)}


def remarked(inputs: Properties, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs read from the world, secret where those in `known` were."""
    redactor = Redactor(secret_texts(known))
    names = {key for key, value in known.items() if has_secret(value)}
    return {
        key: Secret(value) if key in names else _marked(value, redactor)
        for key, value in inputs.items()
    }


def _marked(value: Any, redactor: Redactor) -> Any:
    match value:
        case str() if redactor.contains(value):
            return Secret(value)
        case Mapping():
            return {key: _marked(item, redactor) for key, item in value.items()}
        case list() | tuple():
            return [_marked(item, redactor) for item in value]
        case _:
            return value
