"""One service account per purpose, with exactly its grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlops_iac.provider import Grant, Purpose
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import ACT_AS, Binding, On, bindings, permissions

_BOUND = frozenset({On.BUCKET, On.FOLDERS, On.PROJECT, On.REPOSITORY})
"""Where the platform binds roles; components and service agents have theirs beside them."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """What roles are bound on: both by name, which another stack's platform tells too."""

    bucket: sdk.pulumi.Input[str]
    repository: sdk.pulumi.Input[str]


def add_identities(
    foundation: Foundation, stores: Stores
) -> Mapping[Purpose, sdk.pulumi.Output[str]]:
    """Make the service accounts; return their addresses, each ready with its grants."""
    accounts = {
        purpose: new_account(foundation, purpose.value, purpose.value) for purpose in Purpose
    }
    granted = {purpose: _grants(foundation, purpose, accounts, stores) for purpose in Purpose}
    return {purpose: ready(account, granted[purpose]) for purpose, account in accounts.items()}


def member(email: sdk.pulumi.Input[str]) -> sdk.pulumi.Output[str]:
    """Return how a policy names a service account."""
    return sdk.pulumi.Output.concat("serviceAccount:", email)


def ready(
    account: sdk.gcp.serviceaccount.Account, granted: Sequence[sdk.pulumi.CustomResource]
) -> sdk.pulumi.Output[str]:
    """Return the address of an account, known once it has its grants."""
    return sdk.pulumi.Output.all(account.email, *[grant.id for grant in granted]).apply(
        lambda values: str(values[0])
    )


def new_account(foundation: Foundation, use: str, does: str) -> sdk.gcp.serviceaccount.Account:
    """Make a service account; `does` says what for, to people."""
    context = foundation.context
    return sdk.gcp.serviceaccount.Account(
        foundation.name(use),
        account_id=context.physical_name(names.SERVICE_ACCOUNT, use, context.component),
        project=foundation.project,
        display_name=f"{context.project} {context.stack} {use}",
        description=f"mlops-iac: {does} of {context.project} ({context.stack})",
        opts=foundation.opts(""),
    )


def _grants(
    foundation: Foundation,
    purpose: Purpose,
    accounts: Mapping[Purpose, sdk.gcp.serviceaccount.Account],
    stores: Stores,
) -> list[sdk.pulumi.CustomResource]:
    who = member(accounts[purpose].email)
    granted: list[sdk.pulumi.CustomResource] = []
    for grant, binding in bindings(purpose):
        name = f"{purpose.value}-{_slug(grant)}"
        if binding.role and binding.on in _BOUND:
            granted.append(bind(foundation, name, binding, stores, who))
        if binding.acts_as is not None:
            on = accounts[binding.acts_as]
            granted.append(_act_as(foundation, f"{name}-as-{binding.acts_as}", on, who))
    if own := permissions(purpose):
        role = _custom_role(foundation, purpose, own)
        granted.append(_on_project(foundation, f"{purpose.value}-role", role.name, who))
    return granted


def _slug(grant: Grant) -> str:
    return grant.value.replace(" ", "-")


def bind(
    foundation: Foundation,
    name: str,
    binding: Binding,
    stores: Stores,
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    """Bind a role where its row says."""
    if binding.on is On.REPOSITORY:
        return _on_repository(foundation, name, binding, stores.repository, who)
    if binding.on is On.PROJECT:
        return _on_project(foundation, name, binding.role, who)
    return _on_bucket(foundation, name, binding, stores.bucket, who)


def _on_bucket(
    foundation: Foundation,
    name: str,
    binding: Binding,
    bucket: sdk.pulumi.Input[str],
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    return sdk.gcp.storage.BucketIAMMember(
        foundation.name(name),
        bucket=bucket,
        role=binding.role,
        member=who,
        condition=_only(foundation, binding.folders) if binding.on is On.FOLDERS else None,
        opts=foundation.opts(""),
    )


def _only(
    foundation: Foundation, folders: Sequence[str]
) -> sdk.gcp.storage.BucketIAMMemberConditionArgs:
    objects = f"projects/_/buckets/{facts.bucket(foundation.context)}/objects/"
    starts = [f'resource.name.startsWith("{objects}{folder}")' for folder in folders]
    title = f"{', '.join(folder.rstrip('/') for folder in folders)} only"
    return sdk.gcp.storage.BucketIAMMemberConditionArgs(title=title, expression=" || ".join(starts))


def _on_repository(
    foundation: Foundation,
    name: str,
    binding: Binding,
    repository: sdk.pulumi.Input[str],
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    return sdk.gcp.artifactregistry.RepositoryIamMember(
        foundation.name(name),
        repository=repository,
        project=foundation.project,
        location=foundation.region,
        role=binding.role,
        member=who,
        opts=foundation.opts(""),
    )


def _on_project(
    foundation: Foundation, name: str, role: sdk.pulumi.Input[str], who: sdk.pulumi.Output[str]
) -> sdk.pulumi.CustomResource:
    return sdk.gcp.projects.IAMMember(
        foundation.name(name),
        project=foundation.project,
        role=role,
        member=who,
        opts=foundation.opts(""),
    )


def _act_as(
    foundation: Foundation,
    name: str,
    account: sdk.gcp.serviceaccount.Account,
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    return sdk.gcp.serviceaccount.IAMMember(
        foundation.name(name),
        service_account_id=account.name,
        role=ACT_AS,
        member=who,
        opts=foundation.opts(""),
    )


def _custom_role(
    foundation: Foundation, purpose: Purpose, own: tuple[str, ...]
) -> sdk.gcp.projects.IAMCustomRole:
    context = foundation.context
    return sdk.gcp.projects.IAMCustomRole(
        foundation.name(f"{purpose.value}-permissions"),
        role_id=context.physical_name(names.ROLE, context.component, purpose.value),
        project=foundation.project,
        title=f"{context.project} {context.stack} {purpose.value}",
        description=f"mlops-iac: what {purpose.value} needs, and nothing else",
        permissions=list(own),
        stage="GA",
        opts=foundation.opts(""),
    )
