"""Versions in the model registry: read, decided, named by aliases.

A model package group is a model; a model package in it a version. SageMaker has no aliases: the
stage in a version's life cycle is one, and its description lists all where a version has several.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.registry import APPROVED, CHAMPION, PENDING, REJECTED, ModelPolicy, check_decision
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients

STATUSES: Mapping[str, str] = {
    "PendingManualApproval": PENDING,
    "Approved": APPROVED,
    "Rejected": REJECTED,
}
"""Our word for each `ModelApprovalStatus`."""

JOB = "mlops-iac-job"
RUN_KEY = "mlops-iac-run-key"
DIGEST = "mlops-iac-digest"
METRIC = "mlops-iac-metric/"
AUTHOR = "mlops-iac-author"
APPROVER = "mlops-iac-approver"
"""Keys of `CustomerMetadataProperties`; `METRIC` is followed by the metric's name."""

_CURRENT, _RETIRED = "Current", "Retired"
_LISTED = "Aliases: "


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A version as a list shows it."""

    group: str
    number: int
    arn: str
    status: str
    """`pending`, `approved` or `rejected`."""
    aliases: tuple[str, ...]
    created: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, kw_only=True)
class Version(Listed):
    """A version with all that the registry knows of it."""

    model_data: str
    """Address of its `model.tar.gz`."""
    digest: str | None
    """SHA-256 of the model's files; `None` until `facts.digest` was asked once."""
    job: str | None
    run_key: str | None
    metrics: Mapping[str, float]
    author: str | None
    approver: str | None
    comment: str | None


@dataclass(frozen=True, kw_only=True)
class GroupPolicy(ModelPolicy):
    """What was declared of a registered model; it stands in the tags of its group."""

    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def listed(clients: Clients, group: str) -> list[Listed]:
    """Return the versions of a model, newest first, in numeric order: ten comes after nine.

    Raises:
        OperationError: there is no such model.
    """
    pages = clients("sagemaker").get_paginator("list_model_packages")
    answer = found(lambda: list(pages.paginate(ModelPackageGroupName=group)))
    if answer is None:
        raise OperationError(
            f"there is no model package group `{group}`", remedy="run `mlops-iac up` first"
        )
    items = [_listed(group, item) for page in answer for item in page["ModelPackageSummaryList"]]
    return sorted(items, key=lambda item: -item.number)


def versions(clients: Clients, group: str) -> list[Version]:
    """Return the versions of a model with all that is known of them, newest first."""
    return [_described(clients, item) for item in listed(clients, group)]


def version(clients: Clients, group: str, number: int) -> Version:
    """Return one version of a model.

    Raises:
        OperationError: there is none of that number.
    """
    known = listed(clients, group)
    for item in known:
        if item.number == number:
            return _described(clients, item)
    numbers = ", ".join(f"`{item.number}`" for item in known) or "none"
    raise OperationError(
        f"model package group `{group}` has no version `{number}`",
        remedy=f"its versions are: {numbers}",
    )


def aliased(clients: Clients, group: str, alias: str) -> Listed | None:
    """Return the version that an alias names, or `None`."""
    return next((item for item in listed(clients, group) if alias in item.aliases), None)


def policy(clients: Clients, group: str) -> GroupPolicy:
    """Return what was declared of a model."""
    sagemaker = clients("sagemaker")
    known = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    arn = known["ModelPackageGroupArn"]
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return GroupPolicy(
        component=tags.get("mlops-iac-model", group),
        approval=tags.get("mlops-iac-approval", "manual"),
        trust_pickle=tags.get("mlops-iac-trust-pickle") == "true",
        profile=tags.get("mlops-iac-profile", ""),
        tags=tags,
    )


def approve(clients: Clients, group: str, number: int, *, approver: str, comment: str) -> Version:
    """Let a version be deployed; who approved, and why, is kept with it.

    Raises:
        OperationError: it was rejected before, or `regulated` wants another person.
    """
    current = version(clients, group, number)
    return _decide(clients, current, "Approved", approver=approver, comment=comment)


def reject(clients: Clients, group: str, number: int, *, approver: str, comment: str) -> Version:
    """Refuse a version for good; who refused, and why, is kept with it.

    Raises:
        OperationError: an alias names it.
    """
    current = version(clients, group, number)
    return _decide(clients, current, "Rejected", approver=approver, comment=comment)


def note(clients: Clients, item: Listed, properties: Mapping[str, str]) -> None:
    """Keep facts with a version, beside those that are there."""
    clients("sagemaker").update_model_package(
        ModelPackageArn=item.arn, CustomerMetadataProperties=dict(properties)
    )


def set_alias(clients: Clients, group: str, alias: str, number: int) -> None:
    """Point an alias at a version; first at the new one, then away from the others.

    Use `serving.move_alias`, which also keeps the copy in the bucket.
    """
    known = listed(clients, group)
    target = next(item for item in known if item.number == number)
    if alias not in target.aliases:
        _set_stage(clients, target, (*target.aliases, alias))
    for item in known:
        if alias in item.aliases and item.number != number:
            _set_stage(clients, item, tuple(name for name in item.aliases if name != alias))


def _set_stage(clients: Clients, item: Listed, aliases: Sequence[str]) -> None:
    # A stage cannot be taken away, only replaced.
    names = sorted(aliases, key=lambda name: (name != CHAMPION, name))
    stage = {
        "Stage": names[0] if names else _RETIRED,
        "StageStatus": _CURRENT if names else _RETIRED,
        "StageDescription": f"{_LISTED}{' '.join(names)}" if names else "",
    }
    clients("sagemaker").update_model_package(ModelPackageArn=item.arn, ModelLifeCycle=stage)


def _aliases(life_cycle: Mapping[str, str] | None) -> tuple[str, ...]:
    if not life_cycle or life_cycle["StageStatus"] == _RETIRED:
        return ()
    description = life_cycle.get("StageDescription", "")
    if description.startswith(_LISTED):
        return tuple(description.removeprefix(_LISTED).split())
    return (life_cycle["Stage"],)


def _listed(group: str, item: Mapping[str, Any]) -> Listed:
    return Listed(
        group=group,
        number=int(item["ModelPackageVersion"]),
        arn=item["ModelPackageArn"],
        # A version without a status is never deployed unseen.
        status=STATUSES.get(item.get("ModelApprovalStatus", ""), PENDING),
        aliases=_aliases(item.get("ModelLifeCycle")),
        created=item["CreationTime"].isoformat(timespec="milliseconds"),
    )


def _described(clients: Clients, item: Listed) -> Version:
    known = clients("sagemaker").describe_model_package(ModelPackageName=item.arn)
    facts = known.get("CustomerMetadataProperties", {})
    return Version(
        **vars(item),
        model_data=known["InferenceSpecification"]["Containers"][0].get("ModelDataUrl", ""),
        digest=facts.get(DIGEST),
        job=facts.get(JOB),
        run_key=facts.get(RUN_KEY),
        metrics=dict(_metrics(facts)),
        author=facts.get(AUTHOR),
        approver=facts.get(APPROVER),
        comment=known.get("ApprovalDescription"),
    )


def _metrics(facts: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for key, value in facts.items():
        if key.startswith(METRIC):
            yield key.removeprefix(METRIC), float(value)


def _decide(
    clients: Clients, current: Version, status: str, *, approver: str, comment: str
) -> Version:
    name = f"version `{current.number}` of `{current.group}`"
    decided = STATUSES[status]
    check_decision(name, current, decided, approver, lambda: policy(clients, current.group).profile)
    clients("sagemaker").update_model_package(
        ModelPackageArn=current.arn,
        ModelApprovalStatus=status,
        ApprovalDescription=comment,
        CustomerMetadataProperties={APPROVER: approver},
    )
    return version(clients, current.group, current.number)
