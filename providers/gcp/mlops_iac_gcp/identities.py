"""One service account per purpose, with exactly its grants."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_iac.provider import Grant, Purpose
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import ACT_AS, Binding, On, bindings, permissions

RUNS_FOLDER = "runs/"
"""Where runs may write; everything else in the bucket they only read."""


def add_identities(
    foundation: Foundation,
    bucket: sdk.gcp.storage.Bucket,
    repository: sdk.gcp.artifactregistry.Repository,
) -> Mapping[Purpose, sdk.pulumi.Output[str]]:
    """Make the service accounts; return their addresses, each ready with its grants."""
    accounts = {purpose: _account(foundation, purpose) for purpose in Purpose}
    granted = {
        purpose: _grants(foundation, purpose, accounts, bucket, repository) for purpose in Purpose
    }
    return {purpose: _ready(account, granted[purpose]) for purpose, account in accounts.items()}


def member(email: sdk.pulumi.Input[str]) -> sdk.pulumi.Output[str]:
    """Return how a policy names a service account."""
    return sdk.pulumi.Output.concat("serviceAccount:", email)


def _ready(
    account: sdk.gcp.serviceaccount.Account, granted: list[sdk.pulumi.CustomResource]
) -> sdk.pulumi.Output[str]:
    return sdk.pulumi.Output.all(account.email, *[grant.id for grant in granted]).apply(
        lambda values: str(values[0])
    )


def _account(foundation: Foundation, purpose: Purpose) -> sdk.gcp.serviceaccount.Account:
    context = foundation.context
    return sdk.gcp.serviceaccount.Account(
        foundation.name(purpose.value),
        account_id=context.physical_name(names.SERVICE_ACCOUNT, purpose.value, context.component),
        project=foundation.project,
        display_name=f"{context.project} {context.stack} {purpose.value}",
        description=f"mlops-iac: {purpose.value} of {context.project} ({context.stack})",
        opts=foundation.opts(""),
    )


def _grants(
    foundation: Foundation,
    purpose: Purpose,
    accounts: Mapping[Purpose, sdk.gcp.serviceaccount.Account],
    bucket: sdk.gcp.storage.Bucket,
    repository: sdk.gcp.artifactregistry.Repository,
) -> list[sdk.pulumi.CustomResource]:
    who = member(accounts[purpose].email)
    granted: list[sdk.pulumi.CustomResource] = []
    for grant, binding in bindings(purpose):
        name = f"{purpose.value}-{_slug(grant)}"
        if binding.on in {On.BUCKET, On.RUNS}:
            granted.append(_on_bucket(foundation, name, binding, bucket, who))
        elif binding.on is On.REPOSITORY:
            granted.append(_on_repository(foundation, name, binding, repository, who))
        elif binding.on is On.PROJECT and binding.role:
            granted.append(_on_project(foundation, name, binding.role, who))
        if binding.acts_as is not None:
            granted.append(_act_as(foundation, name, accounts[binding.acts_as], who))
    if own := permissions(purpose):
        role = _custom_role(foundation, purpose, own)
        granted.append(_on_project(foundation, f"{purpose.value}-role", role.name, who))
    return granted


def _slug(grant: Grant) -> str:
    return grant.value.replace(" ", "-")


def _on_bucket(
    foundation: Foundation,
    name: str,
    binding: Binding,
    bucket: sdk.gcp.storage.Bucket,
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    objects = f"projects/_/buckets/{facts.bucket(foundation.context)}/objects/{RUNS_FOLDER}"
    only_runs = sdk.gcp.storage.BucketIAMMemberConditionArgs(
        title="runs only", expression=f'resource.name.startsWith("{objects}")'
    )
    return sdk.gcp.storage.BucketIAMMember(
        foundation.name(name),
        bucket=bucket.name,
        role=binding.role,
        member=who,
        condition=only_runs if binding.on is On.RUNS else None,
        opts=foundation.opts(""),
    )


def _on_repository(
    foundation: Foundation,
    name: str,
    binding: Binding,
    repository: sdk.gcp.artifactregistry.Repository,
    who: sdk.pulumi.Output[str],
) -> sdk.pulumi.CustomResource:
    return sdk.gcp.artifactregistry.RepositoryIamMember(
        foundation.name(name),
        repository=repository.repository_id,
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
        foundation.name(f"{name}-act-as"),
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
