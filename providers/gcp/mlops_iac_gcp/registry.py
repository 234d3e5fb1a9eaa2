"""Versions in the model registry: uploaded once, read, decided, named by aliases.

A Vertex model is a model, its versions are ours, its aliases are native. Vertex knows no approval:
it is a label of the version. What a label cannot hold (who decided and why, metrics, the digest)
lies beside, in `models/<model>/versions/<number>.json` of the stack's bucket.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.errors import OperationError
from mlops_iac_gcp import documents, lro, rest
from mlops_iac_gcp.errors import ApiError, UnreachedError
from mlops_iac_gcp.faults import REACH, found, is_taken
from mlops_iac_gcp.rest import Pause
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
_MODELS = "projects.locations.models"
PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
"""Values of the label `approval`."""
APPROVAL = "approval"
RUN = "mlops-iac-run"
"""Label of a version: the run that made it, as `run_label` spells it."""
CHAMPION = "champion"
"""Alias that the first approved version of a model takes by itself."""
REGULATED = "regulated"
_VERTEX_ALIAS = "default"
"""Vertex moves it by itself: it says nothing about us."""
_PAGE = 100
_TRIES = 3
_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Model:
    """A registered model, which may have no version yet."""

    name: str
    """Full name in Vertex AI: `projects/…/locations/…/models/…`."""
    component: str
    bucket: str
    """The stack's bucket."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A version as a list shows it."""

    model: Model
    number: int
    status: str
    """`pending`, `approved` or `rejected`."""
    aliases: tuple[str, ...]
    created: str
    """UTC, ISO 8601."""
    artifact: str
    """Address of the folder with its model."""
    image: str
    """Image that serves it: the one of the job that made it."""
    run: str | None
    """Label of the run that made it."""
    is_default: bool
    """Whether Vertex AI's own alias `default` is here: that version cannot be removed."""

    @property
    def name(self) -> str:
        """Full name with the version."""
        return f"{self.model.name}@{self.number}"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is kept of a version beside Vertex's registry."""

    digest: str | None = None
    """SHA-256 of the model's files."""
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    job: str | None = None
    run_key: str | None = None
    author: str | None = None
    approver: str | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Version(Listed, Record):
    """A version with all that is known of it."""


@dataclass(frozen=True, kw_only=True)
class ModelPolicy:
    """What was declared of a registered model; `models/<model>/model.json` in the bucket."""

    component: str
    approval: str
    trust_pickle: bool
    profile: str


def model_of(bucket: str, component: str, name: str) -> Model:
    """Return a registered model by where its records lie and its full name in Vertex AI."""
    return Model(name=name, component=component, bucket=bucket)


def run_label(run: str) -> str:
    """Return a run's id or key as a label may hold it: lower case, at most 63 characters."""
    return "".join(one if one.isalnum() or one in "-_" else "_" for one in run.lower())[:63]


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
    note(place, kept, **{name: told for name, told in vars(record).items() if told is not None})
    return kept.number


def listed(place: Place, model: Model) -> list[Listed]:
    """Return the versions of a model, newest first, in numeric order: ten comes after nine.

    A model that has none yet is not in Vertex AI at all: the list is empty.
    """
    params = {"name": model.name, "pageSize": _PAGE}
    pages = rest.listed(place, API, f"{_MODELS}.listVersions", params, "models")
    items = found(list, pages) or []
    return sorted((_listed(model, item) for item in items), key=lambda item: -item.number)


def versions(place: Place, model: Model) -> list[Version]:
    """Return the versions of a model with all that is known of them, newest first."""
    return [_described(place, item) for item in listed(place, model)]


def version(place: Place, model: Model, number: int) -> Version:
    """Return one version of a model.

    Raises:
        OperationError: there is none of that number.
    """
    known = listed(place, model)
    for item in known:
        if item.number == number:
            return _described(place, item)
    numbers = ", ".join(f"`{item.number}`" for item in known) or "none"
    raise OperationError(
        f"model `{model.component}` has no version `{number}`",
        remedy=f"its versions are: {numbers}",
    )


def aliased(place: Place, model: Model, alias: str) -> Listed | None:
    """Return the version that an alias names, or `None`."""
    return next((item for item in listed(place, model) if alias in item.aliases), None)


def policy(place: Place, model: Model) -> ModelPolicy:
    """Return what was declared of a model."""
    told = documents.read(place, model.bucket, policy_path(model)) or {}
    return ModelPolicy(
        component=model.component,
        approval=told.get("approval", "manual"),
        trust_pickle=bool(told.get("trust_pickle")),
        profile=told.get("profile", ""),
    )


def approve(place: Place, model: Model, number: int, *, approver: str, comment: str) -> Version:
    """Let a version be deployed; who approved, and why, is kept with it.

    Raises:
        OperationError: it was rejected before, `regulated` wants another person, or the run that
            made it is still registering it.
    """
    return _decide(place, version(place, model, number), APPROVED, approver, comment)


def reject(place: Place, model: Model, number: int, *, approver: str, comment: str) -> Version:
    """Refuse a version for good; who refused, and why, is kept with it.

    Raises:
        OperationError: an alias names it.
    """
    return _decide(place, version(place, model, number), REJECTED, approver, comment)


def note(place: Place, item: Listed, **facts: Any) -> None:
    """Keep facts with a version, beside those that are there; members of `Record` by name."""
    path, is_kept = record_path(item.model, item.number), False
    while not is_kept:
        # Who approves and who registers may write at the same time: neither forgets the other.
        told, generation = documents.read_generation(place, item.model.bucket, path)
        noted = vars(Record(**{**_known(told), **facts}))
        document = {**noted, "metrics": dict(noted["metrics"])}
        is_kept = documents.write(place, item.model.bucket, path, document, generation=generation)


def set_alias(place: Place, model: Model, alias: str, number: int) -> None:
    """Point an alias at a version; first at the new one, then away from the others."""
    _merge_alias(place, model, number, alias)
    for item in listed(place, model):
        if alias in item.aliases and item.number != number:
            _merge_alias(place, model, item.number, f"-{alias}")


def remove(place: Place, item: Listed, *, pause: Pause = time.sleep) -> None:
    """Remove one version of several, and its record."""
    if item.is_default:
        others = [other for other in listed(place, item.model) if other.number != item.number]
        _merge_alias(place, item.model, others[0].number, _VERTEX_ALIAS)
    params = {"name": item.name}
    found(lro.run, place, API, f"{_MODELS}.deleteVersion", params, pause=pause)
    documents.remove(place, item.model.bucket, record_path(item.model, item.number))


def remove_all(place: Place, model: Model, *, pause: Pause = time.sleep) -> None:
    """Remove a model with every version, and their records."""
    found(lro.run, place, API, f"{_MODELS}.delete", {"name": model.name}, pause=pause)
    for path in documents.paths(place, model.bucket, f"{_records(model)}/"):
        documents.remove(place, model.bucket, path)


def record_path(model: Model, number: int) -> str:
    """Return where in the bucket the record of a version lies."""
    return f"{_records(model)}/{number}.json"


def _records(model: Model) -> str:
    return f"models/{model.component}/versions"


def policy_path(model: Model) -> str:
    """Return where in the bucket lies what was declared of a model."""
    return f"models/{model.component}/model.json"


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
        number=int(item["versionId"]),
        # A version without the label is never deployed unseen.
        status=labels.get(APPROVAL, PENDING),
        aliases=tuple(name for name in item.get("versionAliases", ()) if name != _VERTEX_ALIAS),
        created=item.get("versionCreateTime", ""),
        artifact=item.get("artifactUri", ""),
        image=item.get("containerSpec", {}).get("imageUri", ""),
        run=labels.get(RUN),
        is_default=_VERTEX_ALIAS in item.get("versionAliases", ()),
    )


def _described(place: Place, item: Listed) -> Version:
    return Version(**vars(item), **vars(_record(place, item.model, item.number)))


def _record(place: Place, model: Model, number: int) -> Record:
    return Record(**_known(documents.read(place, model.bucket, record_path(model, number))))


def _known(told: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {each.name for each in fields(Record)}
    return {key: value for key, value in (told or {}).items() if key in known}


def _merge_alias(place: Place, model: Model, number: int, change: str) -> None:
    rest.call(
        place,
        API,
        f"{_MODELS}.mergeVersionAliases",
        {"name": f"{model.name}@{number}"},
        {"versionAliases": [change]},
    )


def _decide(place: Place, current: Version, status: str, approver: str, comment: str) -> Version:
    _check_decision(place, current, status, approver)
    # The record first: a version that is approved always tells by whom.
    note(place, current, approver=approver, comment=comment)
    told = rest.call(place, API, f"{_MODELS}.get", {"name": current.name})
    labels = {**told.get("labels", {}), APPROVAL: status}
    rest.call(
        place,
        API,
        f"{_MODELS}.patch",
        {"name": current.name, "updateMask": "labels"},
        {"name": current.name, "labels": labels, "etag": told.get("etag")},
    )
    return version(place, current.model, current.number)


def _check_decision(place: Place, current: Version, status: str, approver: str) -> None:
    name = f"version `{current.number}` of `{current.model.component}`"
    if current.status == REJECTED and status != REJECTED:
        raise OperationError(f"{name} was rejected for good", remedy="train a new version")
    if current.run is not None and current.digest is None:
        raise OperationError(f"{name} is being registered", remedy="try again in a moment")
    if status == REJECTED and current.aliases:
        raise OperationError(
            f"{name} carries the alias `{current.aliases[0]}`",
            remedy="promote another version first, then reject this one",
        )
    is_own = status == APPROVED and approver == current.author
    if is_own and policy(place, current.model).profile == REGULATED:
        raise OperationError(
            f"`{approver}` is the author of {name}",
            remedy="in the profile `regulated` somebody else approves: `--approver NAME`",
        )
