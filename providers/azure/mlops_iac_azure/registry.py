"""Versions in the model registry: registered once, read, decided, named by aliases.

An Azure ML model is a container of versions, which are ours. A version's `stage` tells whether it
is approved, its tag `mlops-iac.aliases` what it is called; Azure ML itself refuses nothing. What a
version cannot hold (who decided and why, metrics, the digest) lies beside, in
`models/<model>/versions/<number>.json` of the stack's store. The number of a version is claimed
by that record: of two runs that register at the same time, only one can write it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_azure import documents, rest
from mlops_iac_azure import place as paths
from mlops_iac_azure.faults import found
from mlops_iac_azure.rest import Pause
from mlops_iac_azure.session import Place

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
STAGES: Mapping[str, str] = {PENDING: "Pending", APPROVED: "Approved", REJECTED: "Rejected"}
"""`stage` of a version by what is decided of it."""
RUN, IMAGE, ARTIFACT = "mlops-iac.run", "mlops-iac.image", "mlops-iac.artifact"
"""Properties of a version, which never change: the run that made it, what serves it, its folder."""
ALIASES = "mlops-iac.aliases"
"""Tag of a version: its names, comma separated."""
CHAMPION = "champion"
"""Alias that the first approved version of a model takes by itself."""
REGULATED = "regulated"
_DECIDED = {stage: status for status, stage in STAGES.items()}
_CLAIM = "run"
"""Member of a record: who has claimed the number."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A registered model, which may have no version yet."""

    name: str
    """Id in Azure Resource Manager: `/subscriptions/…/models/…`."""
    component: str
    bucket: str
    """The stack's store."""


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

    @property
    def name(self) -> str:
        """Id of the version."""
        return version_id(self.model, self.number)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is kept of a version beside Azure ML's registry."""

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
    """What was declared of a registered model; `models/<model>/model.json` in the store."""

    component: str
    approval: str
    trust_pickle: bool
    profile: str


def model_of(bucket: str, component: str, name: str) -> Model:
    """Return a registered model by where its records lie and its id."""
    return Model(name=name, component=component, bucket=bucket)


def version_id(model: Model, number: int) -> str:
    """Return the id of a version."""
    return f"{model.name}/versions/{number}"


def run_label(run: str) -> str:
    """Return a run's id or key as a property holds it: lower case, at most 63 characters."""
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
        place: subscription and workspace.
        model: the registered model.
        request: body of `model_request.register_version`: `model` with `artifactUri`, `imageUri`
            and the `body` of the version; all other members of `model` are no matter.
        run: id of the run; who repeats a run's upload is given the version that is there.
        record: what is kept beside.
        pause: waits before a try that follows a passing fault.

    Raises:
        ApiError: Azure ML refuses the version.
        UnreachedError: no answer has come, several times.
    """
    label = run_label(run)
    known = _of_run(place, model, label)
    number = known.number if known is not None else _claimed(place, model, label)
    if known is None:
        body = _body(place, request["model"], label)
        rest.call(place, "PUT", version_id(model, number), body, pause=pause)
    facts = {name: told for name, told in vars(record).items() if told is not None}
    _note(place, model, number, facts)
    return number


def listed(place: Place, model: Model) -> list[Listed]:
    """Return the versions of a model, newest first, in numeric order: ten comes after nine.

    A model that is not there (yet) has none.
    """
    known = (item for item in _all(place, model) if not item["properties"].get("isArchived"))
    return sorted((_listed(model, item) for item in known), key=lambda item: -item.number)


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
    _note(place, item.model, item.number, facts)


def set_alias(place: Place, model: Model, alias: str, number: int) -> None:
    """Point an alias at a version; first at the new one, then away from the others."""
    for item in sorted(listed(place, model), key=lambda item: item.number != number):
        names = set(item.aliases) - {alias} | ({alias} if item.number == number else set())
        if names != set(item.aliases):
            _change(place, item, tags={ALIASES: ",".join(sorted(names))})


def remove(place: Place, item: Listed, *, pause: Pause = time.sleep) -> None:
    """Archive one version, and remove its record: its number is never given again."""
    _change(place, item, pause=pause, isArchived=True)
    documents.remove(place, item.model.bucket, record_path(item.model, item.number))


def remove_all(place: Place, model: Model, *, pause: Pause = time.sleep) -> None:
    """Archive every version of a model, and remove their records."""
    for item in listed(place, model):
        _change(place, item, pause=pause, isArchived=True, tags={ALIASES: ""})
    for path in documents.paths(place, model.bucket, f"{_records(model)}/"):
        documents.remove(place, model.bucket, path)


def record_path(model: Model, number: int) -> str:
    """Return where in the store the record of a version lies."""
    return f"{_records(model)}/{number}.json"


def policy_path(model: Model) -> str:
    """Return where in the store lies what was declared of a model."""
    return f"models/{model.component}/model.json"


def _records(model: Model) -> str:
    return f"models/{model.component}/versions"


def _all(place: Place, model: Model) -> list[dict[str, Any]]:
    """Return what Azure ML tells of the versions of a model, the archived ones among them."""
    path, query = f"{model.name}/versions", {"listViewType": "All"}

    def items() -> list[dict[str, Any]]:
        return [item for item in rest.listed(place, path, query=query) if item["name"].isdecimal()]

    return found(items) or []


def _claimed(place: Place, model: Model, label: str) -> int:
    """Return a number that no other run can take; the one that this run has claimed before."""
    made = {int(item["name"]) for item in _all(place, model)}
    claimed = _recorded(place, model)
    for number in sorted(claimed - made):
        if _claim(place, model, number, label):
            return number
    number = max(made | claimed, default=0) + 1
    while not _claim(place, model, number, label):
        number += 1
    return number


def _recorded(place: Place, model: Model) -> set[int]:
    names = documents.paths(place, model.bucket, f"{_records(model)}/")
    numbers = (name.rpartition("/")[2].removesuffix(".json") for name in names)
    return {int(number) for number in numbers if number.isdecimal()}


def _claim(place: Place, model: Model, number: int, label: str) -> bool:
    path = record_path(model, number)
    told, generation = documents.read_generation(place, model.bucket, path)
    if told is not None:
        return told.get(_CLAIM) == label
    claim = {_CLAIM: label, "metrics": {}}
    return documents.write(place, model.bucket, path, claim, generation=generation)


def _body(place: Place, wish: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return a version as Azure ML takes it."""
    properties, artifact = wish["body"]["properties"], wish["artifactUri"]
    kept = {
        **properties.get("properties", {}),
        RUN: label,
        IMAGE: wish["imageUri"],
        ARTIFACT: artifact,
    }
    address = _in_datastore(place, artifact)
    return {"properties": {**properties, "modelUri": address, "properties": kept}}


def _in_datastore(place: Place, artifact: str) -> str:
    """Return how Azure ML names a folder of the store: by the workspace's datastore."""
    if not paths.is_ours(artifact):
        return artifact
    return (
        f"azureml://subscriptions/{place.subscription}/resourcegroups/{place.group}/workspaces/"
        f"{place.workspace}/datastores/{paths.DATASTORE}/paths/{paths.split(artifact)[1]}"
    )


def _of_run(place: Place, model: Model, label: str) -> Listed | None:
    return next((item for item in listed(place, model) if item.run == label), None)


def _listed(model: Model, item: Mapping[str, Any]) -> Listed:
    told = item["properties"]
    kept, tags = told.get("properties") or {}, told.get("tags") or {}
    return Listed(
        model=model,
        number=int(item["name"]),
        # A version of another stage is never deployed unseen.
        status=_DECIDED.get(told.get("stage") or "", PENDING),
        aliases=tuple(name for name in tags.get(ALIASES, "").split(",") if name),
        created=(item.get("systemData") or {}).get("createdAt", ""),
        artifact=kept.get(ARTIFACT, ""),
        image=kept.get(IMAGE, ""),
        run=kept.get(RUN),
    )


def _described(place: Place, item: Listed) -> Version:
    return Version(**vars(item), **vars(_record(place, item.model, item.number)))


def _record(place: Place, model: Model, number: int) -> Record:
    return Record(**_known(documents.read(place, model.bucket, record_path(model, number))))


def _known(told: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {each.name for each in fields(Record)}
    return {key: value for key, value in (told or {}).items() if key in known}


def _note(place: Place, model: Model, number: int, facts: Mapping[str, Any]) -> None:
    path, is_kept = record_path(model, number), False
    while not is_kept:
        # Who approves and who registers may write at the same time: neither forgets the other.
        told, generation = documents.read_generation(place, model.bucket, path)
        noted = vars(Record(**{**_known(told), **facts}))
        document = {**(told or {}), **noted, "metrics": dict(noted["metrics"])}
        is_kept = documents.write(place, model.bucket, path, document, generation=generation)


def _change(
    place: Place,
    item: Listed,
    *,
    tags: Mapping[str, str] | None = None,
    pause: Pause = time.sleep,
    **members: Any,
) -> None:
    """Change what may change of a version: it is sent whole, as Azure ML told it."""
    told = rest.call(place, "GET", item.name, pause=pause)["properties"]
    known = {key: value for key, value in told.items() if key != "provisioningState"}
    changed = {**known, **members, "tags": {**(known.get("tags") or {}), **(tags or {})}}
    rest.call(place, "PUT", item.name, {"properties": changed}, pause=pause)


def _decide(place: Place, current: Version, status: str, approver: str, comment: str) -> Version:
    _check_decision(place, current, status, approver)
    # The record first: a version that is approved always tells by whom.
    note(place, current, approver=approver, comment=comment)
    _change(place, current, stage=STAGES[status])
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
