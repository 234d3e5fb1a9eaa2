"""What an identity needs for one component: folders, tables, actions; the narrowest scope."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac_azure import facts, ids, names, place
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.grants import BuiltInRole
from mlops_iac_azure.loop_grants import READ_BLOBS, WRITE_BLOBS
from mlops_iac_azure.serving import captures

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_LISTED = (
    f"ActionMatches{{'{_BLOBS}/read'}} AND NOT SubOperationMatches{{'Blob.List'}}",
    f"ActionMatches{{'{_BLOBS}/write'}}",
    f"ActionMatches{{'{_BLOBS}/add/action'}}",
    f"ActionMatches{{'{_BLOBS}/delete'}}",
)
"""What a condition bounds; lists are of the container as a whole.

https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples
"""


def foundation(context: BuildContext) -> Foundation:
    """Return what the platform has made."""
    return Foundation.read(context.built_platform.native)


@dataclass(frozen=True)
class Who:
    """An identity."""

    key: str
    """Its id, as a plan knows it."""
    principal: pulumi.Input[str]
    """How Azure names it in assignments."""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What a role may do."""

    actions: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    condition: str | None = None
    """On which blobs."""


Scope = tuple[str, pulumi.Input[str]]
"""What a role is assigned on: its id as a plan knows it, and the same once it is there."""


def worker(context: BuildContext, purpose: Purpose = Purpose.PIPELINE) -> Who:
    """Return an identity of the stack, that of the pipelines when none is named."""
    return Who(facts.identity_id(context, purpose), foundation(context).principal(purpose))


def let_write(context: BuildContext, folder: str, who: Who) -> pulumi.Resource:
    """Let an identity write below a folder of the stack's store, and nothing else."""
    container = f"{facts.account_id(context)}/blobServices/default/containers/{place.CONTAINER}"
    scope = (container, foundation(context).container_id)
    rights = Rights(data=WRITE_BLOBS, condition=only_below(f"{folder}/"))
    return let_do(context, "writer", rights, who, scope)


def let_read_captures(context: BuildContext, endpoint: str, who: Who) -> pulumi.Resource:
    """Let an identity read what an endpoint's data collector has written."""
    container = f"{facts.account_id(context)}/blobServices/default/containers/{place.CAPTURES}"
    scope = (container, foundation(context).captures_id)
    rights = Rights(data=READ_BLOBS, condition=only_below(captures.prefix(endpoint)))
    return let_do(context, "reader", rights, who, scope)


def only_below(prefix: str) -> str:
    """Return the condition that blobs lie below a folder."""
    unbound = " AND ".join(f"!({one})" for one in _LISTED)
    inside = f"@Resource[{_BLOBS}:path] StringStartsWith '{prefix}'"
    return f"(({unbound}) OR ({inside}))"


def let_have(
    context: BuildContext, use: str, who: Who, role: BuiltInRole, scope: Scope
) -> pulumi.Resource:
    """Assign a role of Microsoft's; `use` says in a word what for."""
    role_id = ids.role_id(facts.subscription(context), role.id)
    return _assign(context, use, who, (role.id, role_id), scope)


def let_do(
    context: BuildContext, use: str, rights: Rights, who: Who, scope: Scope | None = None
) -> pulumi.Resource:
    """Assign a role of the component's own, of exactly these rights.

    Args:
        context: the component.
        use: what it is for, in a word: part of its names.
        rights: of the role.
        who: gets it.
        scope: on what; the workspace when left out.
    """
    group = facts.group_id(context)
    # Known to a plan, and made after the group.
    home = foundation(context).group.apply(lambda _: group)
    title = context.physical_name(names.ROLE, context.component, use)
    guid = ids.stable_guid("role", group, title)
    definition = authorization.RoleDefinition(
        context.name(f"{use}-role"),
        scope=home,
        role_definition_id=guid,
        role_name=title,
        role_type="CustomRole",
        description=f"mlops-iac: what {use} of {context.component} needs, and nothing else",
        permissions=[
            authorization.PermissionArgs(
                actions=list(rights.actions), data_actions=list(rights.data)
            )
        ],
        assignable_scopes=[home],
        opts=context.opts("name"),
    )
    role_id = known(ids.role_id(facts.subscription(context), guid), definition)
    own = (facts.workspace_id(context), foundation(context).workspace_id)
    return _assign(context, use, who, (guid, role_id), scope or own, rights.condition)


def _assign(  # noqa: PLR0913, PLR0917  an assignment has that many facts
    context: BuildContext,
    use: str,
    who: Who,
    role: tuple[str, pulumi.Input[str]],
    scope: Scope,
    condition: str | None = None,
) -> pulumi.Resource:
    return authorization.RoleAssignment(
        context.name(use),
        # A name from its parts: a retried create finds its own.
        role_assignment_name=ids.stable_guid("assignment", scope[0], who.key, role[0]),
        principal_id=who.principal,
        # Said outright, so that Azure does not look for a principal that is not replicated yet.
        principal_type="ServicePrincipal",
        role_definition_id=role[1],
        scope=scope[1],
        condition=condition,
        condition_version=None if condition is None else "2.0",
        opts=context.opts("name"),
    )
