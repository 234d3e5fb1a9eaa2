"""Versions in the model registry: registered once, read, decided, named by aliases.

An Azure ML model is a container of versions, which are ours. A version's `stage` tells whether it
is approved, its tag `mlops-iac.aliases` what it is called; Azure ML itself refuses nothing. What a
version cannot hold (who decided and why, metrics, the digest) lies beside, in
`models/<model>/versions/<number>.json` of the stack's store. The number of a version is claimed
by that record: of two runs that register at the same time, only one can write it.
"""

import time
from collections.abc import Mapping
from typing import Any

from mlops_iac.registry import (
    APPROVED,
    PENDING,
    REJECTED,
    Listed,
    Model,
    Record,
    Records,
    Registry,
    run_label,
)
from mlops_iac_azure import documents, numbers, rest
from mlops_iac_azure import place as paths
from mlops_iac_azure.faults import found
from mlops_iac_azure.rest import Pause
from mlops_iac_azure.session import Place

STAGES: Mapping[str, str] = {PENDING: "Pending", APPROVED: "Approved", REJECTED: "Rejected"}
"""`stage` of a version by what is decided of it."""
RUN, IMAGE, ARTIFACT = "mlops-iac.run", "mlops-iac.image", "mlops-iac.artifact"
"""Properties of a version, which never change: the run that made it, what serves it, its folder."""
ALIASES = "mlops-iac.aliases"
"""Tag of a version: its names, comma separated."""
_DECIDED = {stage: status for status, stage in STAGES.items()}
_RECORDS = Records(documents)


def version_id(model: Model, number: int) -> str:
    """Return the id of a version."""
    return f"{model.name}/versions/{number}"


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
    known = (item for item in listed(place, model) if item.run == label)
    kept = next(known, None) or _made(place, model, _body(place, request["model"], label), pause)
    note(place, kept, **record.facts())
    return kept.number


def listed(place: Place, model: Model) -> list[Listed]:
    """Return the versions of a model, newest first, in numeric order: ten comes after nine.

    A model that is not there (yet) has none.
    """
    known = (item for item in _all(place, model) if not item["properties"].get("isArchived"))
    return sorted((_listed(model, item) for item in known), key=lambda item: -item.number)


def set_alias(place: Place, model: Model, alias: str, number: int) -> None:
    """Point an alias at a version; first at the new one, then away from the others."""
    for item in sorted(listed(place, model), key=lambda item: item.number != number):
        names = set(item.aliases) - {alias} | ({alias} if item.number == number else set())
        if names != set(item.aliases):
            _change(place, item, tags={ALIASES: ",".join(sorted(names))})


def remove(place: Place, item: Listed, *, pause: Pause = time.sleep) -> None:
    """Archive one version, and remove its record: its number is never given again."""
    _change(place, item, pause=pause, isArchived=True)
    _RECORDS.remove(place, item.model, item.number)


def remove_all(place: Place, model: Model, *, pause: Pause = time.sleep) -> None:
    """Archive every version of a model, and remove their records."""
    for item in listed(place, model):
        _change(place, item, pause=pause, isArchived=True, tags={ALIASES: ""})
    _RECORDS.remove_all(place, model)


def _all(place: Place, model: Model) -> list[dict[str, Any]]:
    """Return what Azure ML tells of the versions of a model, the archived ones among them."""
    path, query = f"{model.name}/versions", {"listViewType": "All"}

    def items() -> list[dict[str, Any]]:
        return [item for item in rest.listed(place, path, query=query) if item["name"].isdecimal()]

    return found(items) or []


def _made(place: Place, model: Model, body: Mapping[str, Any], pause: Pause) -> Listed:
    """Make a version under a number of its run's own."""
    made = {int(item["name"]) for item in _all(place, model)}
    number = numbers.claimed(place, model, body["properties"]["properties"][RUN], made)
    name = version_id(model, number)
    return _listed(model, rest.call(place, "PUT", name, body, pause=pause))


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


def _listed(model: Model, item: Mapping[str, Any]) -> Listed:
    told = item["properties"]
    kept, tags = told.get("properties") or {}, told.get("tags") or {}
    return Listed(
        model=model,
        name=version_id(model, int(item["name"])),
        number=int(item["name"]),
        # A version of another stage is never deployed unseen.
        status=_DECIDED.get(told.get("stage") or "", PENDING),
        aliases=tuple(name for name in tags.get(ALIASES, "").split(",") if name),
        created=(item.get("systemData") or {}).get("createdAt", ""),
        artifact=kept.get(ARTIFACT, ""),
        image=kept.get(IMAGE, ""),
        run=kept.get(RUN),
    )


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


def _mark(place: Place, item: Listed, status: str) -> None:
    _change(place, item, stage=STAGES[status])


_RULES = Registry(listed=listed, mark=_mark, records=_RECORDS)
versions, version, aliased = _RULES.versions, _RULES.version, _RULES.aliased
approve, reject, note, policy = _RULES.approve, _RULES.reject, _RULES.note, _RULES.policy
