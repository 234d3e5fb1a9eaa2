"""Writing to the model registry: models, versions, decisions, aliases."""

import getpass
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import ModelVersion
from mlops_iac.wishes import CHAMPION
from mlops_iac_local import registry_reads as reads
from mlops_iac_local.errors import NotOursError
from mlops_iac_local.files import locked, read_json, utc_now
from mlops_iac_local.layout import Layout
from mlops_iac_local.ownership import TAG
from mlops_iac_local.tracking import client

POLICY = "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelPolicy:
    """What was declared of a registered model."""

    component: str
    mlflow_name: str
    approval: str
    trust_pickle: bool
    profile: str


def policy(layout: Layout, model: str) -> ModelPolicy:
    """Return the declared policy of a model.

    Raises:
        OperationError: there is no such model here.
    """
    document = read_json(layout.model(model) / POLICY)
    if document is None:
        raise OperationError(
            f"there is no registered model `{model}` in this stack",
            remedy="run `mlops-iac up` first, and name a `RegisteredModel` of the declaration",
        )
    return ModelPolicy(**{key: document[key] for key in ModelPolicy.__dataclass_fields__})


def versions(layout: Layout, model: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first."""
    return reads.versions(layout, model, policy(layout, model).mlflow_name)


def version(layout: Layout, model: str, number: int) -> ModelVersion:
    """Return one version of a model.

    Raises:
        OperationError: there is none of that number.
    """
    known = versions(layout, model)
    for candidate in known:
        if candidate.version == number:
            return candidate
    listed = ", ".join(f"`{item.version}`" for item in known) or "none"
    raise OperationError(
        f"model `{model}` has no version `{number}`", remedy=f"its versions are: {listed}"
    )


def aliased(layout: Layout, model: str, alias: str) -> ModelVersion | None:
    """Return the version that `alias` names, or `None`."""
    return next((item for item in versions(layout, model) if alias in item.aliases), None)


def adopt_or_create_model(
    layout: Layout, name: str, urn: str, description: str, tags: Mapping[str, str]
) -> None:
    """Make the registered model `name` with the mark of `urn`, or bring ours up to date.

    Raises:
        NotOursError: a model of that name carries another mark.
    """
    with locked(layout.lock("registry")):
        found = reads.model_tags(layout, name)
        if found is None:
            client(layout).create_registered_model(
                name, tags={**tags, TAG: urn}, description=description
            )
            return
        if found.get(TAG) != urn:
            raise NotOursError(f"MLflow has a registered model `{name}` that is not ours")
        client(layout).update_registered_model(name, description)
        _set_tags(layout, name, found, {**tags, TAG: urn})


def _set_tags(
    layout: Layout, name: str, found: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    for key in found.keys() - wanted.keys():
        client(layout).delete_registered_model_tag(name, key)
    for key, value in wanted.items():
        if found.get(key) != value:
            client(layout).set_registered_model_tag(name, key, value)


def delete_model(layout: Layout, name: str, urn: str) -> None:
    """Remove a registered model of ours with all its versions; nothing when it is gone."""
    with locked(layout.lock("registry")):
        found = reads.model_tags(layout, name)
        if found is not None and found.get(TAG) == urn:
            client(layout).delete_registered_model(name)


def register_version(  # noqa: PLR0913
    layout: Layout,
    model: str,
    *,
    source: Path,
    digest: str,
    run_id: str,
    metrics: Mapping[str, Any],
) -> ModelVersion:
    """Add the version that a run made, or return it when the run has one already.

    It is approved at once when the model's approval is automatic, else pending.
    """
    known = policy(layout, model)
    with locked(layout.lock("registry")):
        for candidate in versions(layout, model):
            if candidate.run_id == run_id:
                return _with_alias(layout, known, candidate)
        is_automatic = known.approval == "automatic"
        tags = {
            reads.STATUS_TAG: reads.APPROVED if is_automatic else reads.PENDING,
            reads.DIGEST_TAG: digest,
            reads.METRICS_TAG: json.dumps(dict(metrics), sort_keys=True),
            reads.AUTHOR_TAG: getpass.getuser(),
        }
        if is_automatic:
            tags |= {reads.APPROVER_TAG: "automatic", reads.DECIDED_TAG: utc_now()}
        made = client(layout).create_model_version(
            known.mlflow_name, str(source), run_id=run_id, tags=tags
        )
        return _with_alias(layout, known, version(layout, model, int(made.version)))


def note_gates(
    layout: Layout, model: str, number: int, verdicts: Sequence[Mapping[str, Any]]
) -> None:
    """Keep with a version what each gate said of it."""
    with locked(layout.lock("registry")):
        name, said = policy(layout, model).mlflow_name, json.dumps(list(verdicts), sort_keys=True)
        client(layout).set_model_version_tag(name, str(number), reads.GATES_TAG, said)


def decide(  # noqa: PLR0913
    layout: Layout, model: str, number: int, status: str, *, approver: str, comment: str
) -> ModelVersion:
    """Approve or reject a version; who decided, when and why is kept with it.

    Raises:
        OperationError: it was decided otherwise before, or `regulated` wants another person.
    """
    known = policy(layout, model)
    with locked(layout.lock("registry")):
        current = version(layout, model, number)
        _check_decision(known, current, status, approver)
        tags = {
            reads.STATUS_TAG: status,
            reads.APPROVER_TAG: approver,
            reads.COMMENT_TAG: comment,
            reads.DECIDED_TAG: utc_now(),
        }
        # The status comes last: a version is never approved without its approver.
        for key in sorted(tags, key=lambda key: key == reads.STATUS_TAG):
            client(layout).set_model_version_tag(known.mlflow_name, str(number), key, tags[key])
        return _with_alias(layout, known, version(layout, model, number))


def _check_decision(known: ModelPolicy, current: ModelVersion, status: str, approver: str) -> None:
    name = f"version `{current.version}` of `{known.component}`"
    if current.status == reads.REJECTED and status != reads.REJECTED:
        raise OperationError(f"{name} was rejected for good", remedy="train a new version")
    if current.status == reads.APPROVED and status == reads.REJECTED and current.aliases:
        raise OperationError(
            f"{name} carries the alias `{current.aliases[0]}`",
            remedy="promote another version first, then reject this one",
        )
    is_same = approver == current.author and status == reads.APPROVED
    if known.profile == "regulated" and is_same:
        raise OperationError(
            f"`{approver}` is the author of {name}",
            remedy="in the profile `regulated` somebody else approves: `--approver NAME`",
        )


def set_alias(layout: Layout, model: str, alias: str, number: int) -> None:
    """Point `alias` at a version."""
    with locked(layout.lock("registry")):
        name = policy(layout, model).mlflow_name
        client(layout).set_registered_model_alias(name, alias, str(number))


def _with_alias(layout: Layout, known: ModelPolicy, current: ModelVersion) -> ModelVersion:
    """Give the first approved version the alias `champion`."""
    model = known.component
    if current.status != reads.APPROVED or aliased(layout, model, CHAMPION) is not None:
        return current
    client(layout).set_registered_model_alias(known.mlflow_name, CHAMPION, str(current.version))
    return version(layout, model, current.version)
