"""`mlops-iac:gcp:Model`: a model of Vertex AI's registry, with a version for each content.

A change of content uploads a version beside the old ones; labels, aliases and descriptions change
in place. Versions that others upload are left alone. Two labels tell the resource's own: whose the
version is, and of which content, so that an upload whose answer was lost is not repeated.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, InputFailure, Properties
from mlops_iac.names import content_hash, physical_name
from mlops_iac_gcp import lro, names, rest
from mlops_iac_gcp.errors import ApiError, GcpError, NotOursError, UnreachedError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.resources import shapes
from mlops_iac_gcp.resources.collection import IMPORTED, differing
from mlops_iac_gcp.resources.comparing import seen
from mlops_iac_gcp.resources.working import MARK, Work, work_of

API, MODELS = "aiplatform.v1", "projects.locations.models"
CONTENT = "mlops-iac-content"
"""Label that says which content a version is of."""
DEFAULT = "default"
"""Vertex AI's own alias: what a model's name without a version means."""
_MODEL_FIELDS = ("displayName", "description")
_VERSION_FIELDS = ("labels", "versionDescription")
_ALIASES = "versionAliases"
_ID, _RETAIN, _ACCOUNT = "modelId", "retain", "uploadServiceAccount"
_REPLACING = frozenset({_ID, "encryptionSpec"})
_OWN = frozenset({_ID, _RETAIN, _ACCOUNT})
_IN_PLACE = frozenset({*_MODEL_FIELDS, *_VERSION_FIELDS, _ALIASES})
_FIELDS = shapes.writable(API, "Model") - {"name", "etag"}
_LENGTH = 20
_SERVER_ERRORS = 500
"""Lowest HTTP status that leaves open whether something was done."""


class ModelHandler(Handler):
    """Uploads a version when content changes; the rest changes in place."""

    token = "mlops-iac:gcp:Model"  # noqa: S105
    replace_on = _REPLACING
    stable_outputs = frozenset({"name"})

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse what the API's own document refuses."""
        strange = [
            InputFailure(property=key, reason=f"a model has no `{key}`")
            for key in sorted(inputs.keys() - _FIELDS - _OWN)
        ]
        return [*strange, *shapes.failures(API, "Model", inputs)]

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare by property; only id and key make another model."""
        changed = differing(state, old, new)
        replaces = tuple(key for key in changed if key in _REPLACING)
        # A model of the same id must go first.
        return Change(
            changed=changed,
            replaces=replaces,
            delete_before_replace=bool(replaces) and _ID not in replaces,
        )

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Upload the first version, or adopt what an interrupted call has uploaded."""
        work = _work(call)
        name = self._made(work, inputs)
        call.exists(name, {**inputs, "name": name})
        return name, self._converged(work, name, {}, inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the declared version as it is; the default one after an import."""
        work, (name, _, asked) = _work(call), resource_id.partition("@")
        versions = _versions(work, name)
        world = _version(versions, asked or str(state.get("versionId") or ""))
        if world is None:
            return None
        known = {key: state[key] for key in state if key in _FIELDS | _OWN}
        inputs = _declared(world, known) if known else _importable(name, world)
        mark = {} if known else {IMPORTED: content_hash(inputs)}
        return Existing(id=name, state={**_state(name, inputs, world), **mark}, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Upload a version when content has changed, and bring the rest in line."""
        return self._converged(_work(call), resource_id, state, inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Delete the model with its versions; Vertex AI refuses while one is deployed."""
        work = _work(call)
        answer = found(work.ask, API, f"{MODELS}.delete", {"name": resource_id})
        if answer is not None:
            work.end_of(API, answer, f"delete of {resource_id}")

    # --- uploading

    def _made(self, work: Work, inputs: Properties) -> str:
        ended = work.resumed(API)
        if ended is not None and "model" in ended:
            return str(ended["model"])
        wanted = inputs.get(_ID) or physical_name(names.MODEL, [work.call.name], content=work.mark)
        name = f"{work.place.parent}/models/{wanted}"
        work.call.journal("create", id=wanted)
        while True:
            try:
                return _uploaded(work, inputs, {"modelId": wanted})
            except ApiError as error:
                if not is_taken(error):
                    raise
            if found(work.ask, API, f"{MODELS}.get", {"name": name}) is not None:
                break
            # Its upload, whose answer was lost, still goes on; should it fail, the next will not.
            work.call.wait(lro.FIRST_POLL_SECONDS)
        if inputs.get(_ID) and not _is_ours(work, name, wanted):
            raise NotOursError(
                f"model `{name}` exists and is not of this resource",
                remedy=f"choose another `{_ID}`, or import it by its name",
            )
        return name

    def _converged(
        self, work: Work, name: str, state: Properties, inputs: Properties
    ) -> dict[str, Any]:
        content = _content(inputs)
        # An upload that an interrupted call has begun ends first: its version is then there.
        work.resumed(API)
        world = _of_content(work, name, content)
        if world is None and state.get(IMPORTED) and not _differs(state, inputs):
            # Imported, and as declared: it is this content's version, and gets its labels below.
            world = _version(_versions(work, name), str(state["versionId"]))
        if world is None:
            work.call.log(f"uploading a version of {name}")
            world = _added(work, name, inputs, content)
        if world is None:
            raise GcpError(f"`{name}` has no version of the content that was just uploaded to it")
        number = str(world["versionId"])
        _patched(work, name, world, inputs)
        _aliased(work, f"{name}@{number}", world, state, inputs)
        if inputs.get(_RETAIN) is False:
            _pruned(work, name, number)
        now = _version(_versions(work, name), number)
        return _state(name, inputs, now or world)


def _work(call: Call) -> Work:
    return work_of(call, {})


def _content(inputs: Properties) -> str:
    kept = _FIELDS - _IN_PLACE
    return content_hash({key: inputs[key] for key in sorted(kept & inputs.keys())}, _LENGTH)


def _uploaded(work: Work, inputs: Properties, where: Mapping[str, str]) -> str:
    """Upload a version and return the model's name."""
    model = {key: inputs[key] for key in sorted(_FIELDS & inputs.keys())}
    body: dict[str, Any] = {
        "model": {**shapes.spelled(API, "Model", model), "labels": _labels(work, inputs)},
        **where,
    }
    if inputs.get(_ACCOUNT):
        body["serviceAccount"] = inputs[_ACCOUNT]
    # With an id of ours a second upload is refused; a second version would be one too many.
    answer = work.ask(
        API,
        f"{MODELS}.upload",
        {"parent": work.place.parent},
        body,
        repeatable="modelId" in where,
    )
    return str(work.end_of(API, answer, "upload of a model")["model"])


def _added(work: Work, name: str, inputs: Properties, content: str) -> dict[str, Any] | None:
    """Upload one more version; one whose answer is lost is looked for, not uploaded twice."""
    try:
        _uploaded(work, inputs, {"parentModel": name})
    except (ApiError, UnreachedError) as error:
        if isinstance(error, ApiError) and error.http < _SERVER_ERRORS:
            raise
        work.others(API, name)
        world = _of_content(work, name, content)
        if world is None:
            raise
        return world
    return _of_content(work, name, content)


def _labels(work: Work, inputs: Properties) -> dict[str, str]:
    own = {MARK: work.mark, CONTENT: _content(inputs)}
    return {**(inputs.get("labels") or {}), **own}


def _is_ours(work: Work, name: str, wanted: str) -> bool:
    has_mark = any(
        version.get("labels", {}).get(MARK) == work.mark for version in _versions(work, name)
    )
    return has_mark or any(each["facts"].get("id") == wanted for each in work.call.intents())


# --- versions


def _versions(work: Work, name: str) -> list[dict[str, Any]]:
    def listed() -> list[dict[str, Any]]:
        return list(
            rest.listed(work.place, API, f"{MODELS}.listVersions", {"name": name}, "models")
        )

    return found(listed) or []


def _version(versions: Sequence[dict[str, Any]], asked: str) -> dict[str, Any] | None:
    """Return a version by number or alias; the default one when that is gone, or none is asked."""
    for wanted in (asked, DEFAULT):
        for version in versions:
            if wanted and wanted in {version["versionId"], *version.get(_ALIASES, ())}:
                return version
    return None


def _of_content(work: Work, name: str, content: str) -> dict[str, Any] | None:
    ours = [
        version
        for version in _versions(work, name)
        if version.get("labels", {}).get(MARK) == work.mark
        and version["labels"].get(CONTENT) == content
    ]
    return max(ours, key=lambda version: int(version["versionId"]), default=None)


def _patched(work: Work, name: str, world: Mapping[str, Any], inputs: Properties) -> None:
    # One request changes either the model or the version, never both.
    # https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.models/patch
    _patch(work, name, world, {key: inputs.get(key) for key in _MODEL_FIELDS})
    wish = {**{key: inputs.get(key) for key in _VERSION_FIELDS}, "labels": _labels(work, inputs)}
    _patch(work, f"{name}@{world['versionId']}", world, wish)


def _patch(work: Work, name: str, world: Mapping[str, Any], wish: Mapping[str, Any]) -> None:
    differs = [key for key in wish if (world.get(key) or None) != (wish[key] or None)]
    if differs:
        parameters = {"name": name, "updateMask": ",".join(differs)}
        body = {key: wish[key] for key in differs if wish[key] is not None}
        work.ask(API, f"{MODELS}.patch", parameters, body)


def _aliased(
    work: Work, version: str, world: Mapping[str, Any], state: Properties, inputs: Properties
) -> None:
    now, wish = set(world.get(_ALIASES, ())), set(inputs.get(_ALIASES) or ())
    # Of those that it has, only those that this resource had given are taken away again.
    gone = now & set(state.get(_ALIASES) or ()) - wish - {DEFAULT}
    merged = [*sorted(wish - now), *(f"-{alias}" for alias in sorted(gone))]
    if merged:
        body = {_ALIASES: merged}
        work.ask(API, f"{MODELS}.mergeVersionAliases", {"name": version}, body)


def _pruned(work: Work, name: str, kept: str) -> None:
    """Delete this resource's other versions, except those that an endpoint serves."""
    _default(work, f"{name}@{kept}", kept, _versions(work, name))
    for version in _versions(work, name):
        is_ours = version.get("labels", {}).get(MARK) == work.mark
        if is_ours and version["versionId"] != kept and not version.get("deployedModels"):
            parameters = {"name": f"{name}@{version['versionId']}"}
            answer = work.ask(API, f"{MODELS}.deleteVersion", parameters)
            work.end_of(API, answer, f"delete of {parameters['name']}")


def _default(work: Work, name: str, kept: str, versions: Sequence[Mapping[str, Any]]) -> None:
    # The default version of a model cannot be deleted.
    if any(DEFAULT in each.get(_ALIASES, ()) for each in versions if each["versionId"] == kept):
        return
    work.ask(API, f"{MODELS}.mergeVersionAliases", {"name": name}, {_ALIASES: [DEFAULT]})


# --- reading


def _declared(world: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    fresh = {key: seen(world.get(key), known[key]) for key in _FIELDS & known.keys()}
    if "labels" in fresh:
        fresh["labels"] = _own_labels(world)
    if _ALIASES in fresh:
        given = set(world.get(_ALIASES, ()))
        fresh[_ALIASES] = [alias for alias in known[_ALIASES] or () if alias in given]
    return {**known, **fresh}


def _differs(state: Properties, inputs: Properties) -> bool:
    old = {key: value for key, value in state.items() if key in _FIELDS - _IN_PLACE}
    return any(seen(old.get(key), inputs[key]) != inputs[key] for key in old.keys() & inputs.keys())


def _importable(name: str, world: Mapping[str, Any]) -> dict[str, Any]:
    given = [alias for alias in world.get(_ALIASES, ()) if alias != DEFAULT]
    known = {**world, "labels": _own_labels(world), _ALIASES: given}
    fields = sorted(_FIELDS & known.keys())
    inputs = {key: known[key] for key in fields if known[key] not in ({}, [], "")}
    return {**inputs, _ID: name.rpartition("/")[2]}


def _own_labels(world: Mapping[str, Any]) -> dict[str, str]:
    labels = world.get("labels", {})
    return {key: value for key, value in labels.items() if key not in {MARK, CONTENT}}


def _state(name: str, inputs: Properties, world: Mapping[str, Any]) -> dict[str, Any]:
    number = str(world["versionId"])
    outputs = {"name": name, "versionId": number, "versionName": f"{name}@{number}"}
    return {**inputs, **outputs, "createTime": world.get("versionCreateTime")}
