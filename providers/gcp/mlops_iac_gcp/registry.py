"""Versions in the model registry: uploaded once, read, decided, named by aliases.

A Vertex model is a model, its versions are ours, its aliases are native. Vertex knows no approval:
it is a label of the version. What a label cannot hold (who decided and why, metrics, the digest)
lies beside, in `models/<model>/versions/<number>.json` of the stack's bucket.
"""

import time
from collections.abc import Mapping
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.registry import (
    PENDING,
    Listed,
    Model,
    Record,
    Records,
    Registry,
    run_label,
)
from mlops_iac_gcp import documents, lro, rest
from mlops_iac_gcp.errors import ApiError, UnreachedError
from mlops_iac_gcp.faults import REACH, found, is_taken
from mlops_iac_gcp.rest import Pause
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
_MODELS = "projects.locations.models"
APPROVAL = "approval"
"""Label of a version: what is decided of it."""
RUN = "mlops-iac-run"
"""Label of a version: the run that made it, as `run_label` spells it."""
_VERTEX_ALIAS = "default"
"""Vertex moves it by itself: it says nothing about us."""
_PAGE = 100
_TRIES = 3
_PAUSE_SECONDS = 10.0
_RECORDS = Records(documents)


def version_id(model: Model, number: int) -> str:
    """Return the full name of a version in Vertex AI."""
    return f"{model.name}@{number}"


def upload(  # noqa: PLR0913  what each upload may say, by keyword
    place: Place,
    model: Model,
    request: Mapping[str, Any],
    *,
    run: str,
    record: Record,
    pause: Pause = time.sleep,
) -> int:
    """Register what a run made; return the version's number, the same one however often asked.

    Args:
        place: project and region.
        model: the registered model; its first version makes it in Vertex AI.
        request: body of `models.upload`; `modelId` and `parentModel` are decided here, and the
            digest that the record tells is handed to the server.
        run: id of the run; who repeats a run's upload is given the version that is there.
        record: what is kept beside.
        pause: waits before a try that follows a lost answer.

    Raises:
        ApiError: Vertex AI refuses the version.
        UnreachedError: no answer has come, several times.
    """
    label = run_label(run)
    wish = dict(request["model"])
    wish["labels"] = {**wish.get("labels", {}), RUN: label}
    wish["containerSpec"] = _with_digest(wish["containerSpec"], record.digest)
    kept, *doubles = _of_run(place, model, label) or _uploaded(
        place, model, {**request, "model": wish}, pause
    )
    # Of two that uploaded at the same time the first number stays: both see the same list.
    for double in doubles:
        remove(place, double, pause=pause)
    note(place, kept, **record.facts())
    return kept.number


def listed(place: Place, model: Model) -> list[Listed]:
    """Return the versions of a model, newest first, in numeric order: ten comes after nine.

    A model that has none yet is not in Vertex AI at all: the list is empty.
    """
    params = {"name": model.name, "pageSize": _PAGE}
    pages = rest.listed(place, API, f"{_MODELS}.listVersions", params, "models")
    items = found(list, pages) or []
    return sorted((_listed(model, item) for item in items), key=lambda item: -item.number)


def set_alias(place: Place, model: Model, alias: str, number: int) -> None:
    """Point an alias at a version; first at the new one, then away from the others."""
    _merge_alias(place, model, number, alias)
    for item in listed(place, model):
        if alias in item.aliases and item.number != number:
            _merge_alias(place, model, item.number, f"-{alias}")


def remove(place: Place, item: Listed, *, pause: Pause = time.sleep) -> None:
    """Remove one version of several, and its record."""
    told = found(rest.call, place, API, f"{_MODELS}.get", {"name": item.name}) or {}
    if _VERTEX_ALIAS in told.get("versionAliases", ()):
        # Vertex AI removes no version that it takes by default.
        others = [other for other in listed(place, item.model) if other.number != item.number]
        _merge_alias(place, item.model, others[0].number, _VERTEX_ALIAS)
    params = {"name": item.name}
    found(lro.run, place, API, f"{_MODELS}.deleteVersion", params, pause=pause)
    _RECORDS.remove(place, item.model, item.number)


def remove_all(place: Place, model: Model, *, pause: Pause = time.sleep) -> None:
    """Remove a model with every version, and their records."""
    found(lro.run, place, API, f"{_MODELS}.delete", {"name": model.name}, pause=pause)
    _RECORDS.remove_all(place, model)


def _with_digest(container: Mapping[str, Any], digest: str | None) -> dict[str, Any]:
    """Return how a version is served, with the one digest that the runtime may load."""
    env = [
        {**each, "value": digest or ""} if each["name"] == MODEL_DIGEST else each
        for each in container.get("env", ())
    ]
    return {**container, "env": env}


def _uploaded(place: Place, model: Model, request: Mapping[str, Any], pause: Pause) -> list[Listed]:
    label = request["model"]["labels"][RUN]
    for _ in range(_TRIES):
        try:
            _upload(place, model, request, pause)
        except UnreachedError:
            # It may have been carried out: look before a second one.
            pause(_PAUSE_SECONDS)
        if made := _of_run(place, model, label):
            return made
    raise UnreachedError(f"uploading to `{model.component}`: no answer has come", remedy=REACH)


def _upload(place: Place, model: Model, request: Mapping[str, Any], pause: Pause) -> None:
    """Upload as a version that follows, or as the first where there is no model yet."""
    bare = {k: v for k, v in request.items() if k not in {"modelId", "parentModel"}}
    following = {**bare, "parentModel": model.name}
    if listed(place, model):
        _send(place, model, following, pause)
        return
    try:
        _send(place, model, {**bare, "modelId": model.name.rpartition("/")[2]}, pause)
    except ApiError as error:
        # Another run has made the first version meanwhile.
        if not is_taken(error):
            raise
        _send(place, model, following, pause)


def _send(place: Place, model: Model, body: Mapping[str, Any], pause: Pause) -> None:
    params = {"parent": model.name.partition("/models/")[0]}
    lro.run(place, API, f"{_MODELS}.upload", params, body, pause=pause)


def _of_run(place: Place, model: Model, label: str) -> list[Listed]:
    return sorted(
        (item for item in listed(place, model) if item.run == label), key=lambda item: item.number
    )


def _listed(model: Model, item: Mapping[str, Any]) -> Listed:
    labels = item.get("labels", {})
    return Listed(
        model=model,
        name=version_id(model, int(item["versionId"])),
        number=int(item["versionId"]),
        # A version without the label is never deployed unseen.
        status=labels.get(APPROVAL, PENDING),
        aliases=tuple(name for name in item.get("versionAliases", ()) if name != _VERTEX_ALIAS),
        created=item.get("versionCreateTime", ""),
        artifact=item.get("artifactUri", ""),
        image=item.get("containerSpec", {}).get("imageUri", ""),
        run=labels.get(RUN),
    )


def _merge_alias(place: Place, model: Model, number: int, change: str) -> None:
    rest.call(
        place,
        API,
        f"{_MODELS}.mergeVersionAliases",
        {"name": version_id(model, number)},
        {"versionAliases": [change]},
    )


def _mark(place: Place, item: Listed, status: str) -> None:
    told = rest.call(place, API, f"{_MODELS}.get", {"name": item.name})
    labels = {**told.get("labels", {}), APPROVAL: status}
    rest.call(
        place,
        API,
        f"{_MODELS}.patch",
        {"name": item.name, "updateMask": "labels"},
        {"name": item.name, "labels": labels, "etag": told.get("etag")},
    )


_RULES = Registry(listed=listed, mark=_mark, records=_RECORDS)
versions, version, aliased = _RULES.versions, _RULES.version, _RULES.aliased
approve, reject, note, policy = _RULES.approve, _RULES.reject, _RULES.note, _RULES.policy
