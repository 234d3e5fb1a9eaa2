"""One role per purpose, with exactly its grants; and one for the MLflow service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs.platform import ExistingKey
from mlops_iac.specs.types import is_output
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.facts import KEY_OF_OUTPUT, facts
from mlops_iac_aws.grants import Facts, policy, trust
from mlops_iac_aws.objects import after_platform
from mlops_iac_aws.policy_parts import MANAGED_COUNT, MANAGED_LIMIT, Document, parts

_DESCRIPTIONS = {
    Purpose.TRAINING: "Runs training jobs",
    Purpose.SERVING: "Runs model endpoints",
    Purpose.PIPELINE: "Starts runs, registers and deploys versions",
    names.TRACKING_ROLE: "Runs MLflow",
    names.BUILD_ROLE: "Builds images",
    names.FLOW_LOG_ROLE: "Logs the traffic of the network",
}


def register_identity(
    context: BuildContext, provider: sdk.pulumi.ProviderResource, use: Purpose | str
) -> sdk.aws.iam.RolePolicy:
    """Register the role for `use` and return its policy, which later resources wait for."""
    role = sdk.aws.iam.Role(
        context.name(f"{use}-role"),
        name=names.role(context, use),
        description=f"{_DESCRIPTIONS[use]} of {context.project} in {context.stack}",
        assume_role_policy=json.dumps(trust(place.account(context), *_assumed_by(context, use))),
        force_detach_policies=True,
        tags=context.tags,
        opts=context.opts(provider=provider),
    )
    found = parts(_policy(context, use))
    owner = _Owner(role=role, use=use, provider=provider)
    attached = [
        _attached(context, owner, number, document)
        for number, document in enumerate(found.managed, start=2)
    ]
    return sdk.aws.iam.RolePolicy(
        context.name(f"{use}-policy"),
        name=f"{use}-grants",
        role=role.name,
        policy=_written(context, found.inline),
        # What leaves this policy is allowed by another one before.
        opts=context.opts(provider=provider, depends_on=attached),
    )


@dataclass(frozen=True, kw_only=True)
class _Owner:
    role: sdk.aws.iam.Role
    use: Purpose | str
    provider: sdk.pulumi.ProviderResource


def _attached(
    context: BuildContext, owner: _Owner, number: int, document: Document
) -> sdk.aws.iam.RolePolicyAttachment:
    """Register a managed policy and attach it.

    Its name has its content's hash: another content is attached before this one goes.
    """
    use = owner.use
    managed = sdk.aws.iam.Policy(
        context.name(f"{use}-policy-{number}"),
        name=names.policy(context, use, document),
        description=f"{_DESCRIPTIONS[use]} of {context.project} in {context.stack}, part {number}",
        policy=_written(context, document),
        tags=context.tags,
        opts=context.opts(provider=owner.provider),
    )
    return sdk.aws.iam.RolePolicyAttachment(
        context.name(f"{use}-policy-{number}-attached"),
        role=owner.role.name,
        policy_arn=managed.arn,
        opts=context.opts(provider=owner.provider),
    )


def _assumed_by(context: BuildContext, use: Purpose | str) -> tuple[str, str]:
    """Return for whose sake, and by which service, a role is assumed."""
    if use == names.BUILD_ROLE:
        return place.builder_arn(context), f"codebuild.{place.DNS_SUFFIX}"
    if use == names.FLOW_LOG_ROLE:
        flows = place.arn(context, "ec2", "vpc-flow-log/*")
        return flows, f"vpc-flow-logs.{place.DNS_SUFFIX}"
    return place.arn(context, "sagemaker", "*"), place.SERVICE_PRINCIPAL


def register_component_role(
    context: BuildContext, name: str, use: str, description: str, own: Facts
) -> sdk.aws.iam.RolePolicy:
    """Register a role that one component has for itself; return its policy.

    Args:
        context: the component.
        name: part of the role's name.
        use: row of `SERVICE_STATEMENTS`.
        description: what the role is for.
        own: facts that narrow it to the component, beside those of the stack.
    """
    role = sdk.aws.iam.Role(
        context.name(f"{use}-role"),
        name=names.role(context, name),
        description=description,
        assume_role_policy=json.dumps(trust(place.account(context), *_assumed_by(context, use))),
        force_detach_policies=True,
        tags=context.tags,
        opts=context.opts("name", depends_on=after_platform(context)),
    )
    return sdk.aws.iam.RolePolicy(
        context.name(f"{use}-policy"),
        name=f"{use}-grants",
        role=role.name,
        policy=identity_policy(context, use, own),
        opts=context.opts("name"),
    )


def identity_policy(
    context: BuildContext, use: Purpose | str, own: Facts | None = None
) -> sdk.pulumi.Input[str]:
    """Return the policy document of a use, narrowed to this stack and by `own` facts."""
    return _written(context, _policy(context, use, own))


def permission_problems(scope: Scope) -> Iterator[Problem]:
    """Yield a problem for a role whose permissions IAM takes in no number of policies."""
    for use in Purpose:
        found = parts(_policy(scope, use))
        if found.are_too_many:
            yield Problem(
                code="platform.too-many-permissions",
                component=scope.platform.name,
                field="name",
                value=f"{len(found.managed)} policies",
                message=f"the {use} role of this stack needs {len(found.managed)} managed policies",
                rule=f"IAM attaches {MANAGED_COUNT} of {MANAGED_LIMIT} characters to a role",
                remedy="declare some of the components in another stack on the same platform",
            )


def _policy(scope: Scope, use: Purpose | str, own: Facts | None = None) -> Document:
    return policy(use, {**facts(scope, use), **(own or {})})


def _written(context: BuildContext, document: Document) -> sdk.pulumi.Input[str]:
    text = json.dumps(document)
    encryption = context.platform.encryption
    if isinstance(encryption, ExistingKey) and is_output(encryption.key):
        key = sdk.pulumi.Output.from_input(encryption.key)
        return key.apply(lambda arn: text.replace(KEY_OF_OUTPUT, arn))
    return text
