"""Identities, one per purpose, and exactly the roles they need."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, managedidentity

from mlops_iac.provider import Purpose
from mlops_iac_azure import facts, ids, names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.grants import BuiltInRole


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user-assigned managed identity: no secret, usable only by what it is attached to."""

    key: str
    """What it is for; part of its logical name."""
    resource: managedidentity.UserAssignedIdentity
    id: str

    @property
    def known_id(self) -> pulumi.Output[str]:
        """The id as an output of the identity."""
        return known(self.id, self.resource)


def build_identity(site: Site, key: str, field: str = "") -> Identity:
    """Register one identity."""
    name = facts.identity(site.context, key)
    resource = managedidentity.UserAssignedIdentity(
        site.logical(f"{key}-identity"),
        resource_group_name=site.group,
        resource_name_=name,
        location=site.location,
        tags=site.tags,
        opts=site.opts(field),
    )
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return Identity(key=key, resource=resource, id=site.id(kind, name))


def build_identities(site: Site) -> dict[Purpose, Identity]:
    """Register one identity for each purpose."""
    return {purpose: build_identity(site, purpose.value) for purpose in Purpose}


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a role is assigned on."""

    key: str
    """Short name, for logical names."""
    scope: str
    """What it is known by in a plan; names the assignment."""
    output: pulumi.Output[str]
    """Its id."""
    is_ours: bool = True
    """Whether it lies in the platform's resource group."""

    @classmethod
    def made(cls, key: str, scope: str, resource: pulumi.Resource) -> "Target":
        """Return what this stack makes."""
        return cls(key=key, scope=scope, output=known(scope, resource))

    def below(self, key: str, path: str) -> "Target":
        """Return a part of it, of which only the path is known."""
        scope = f"{self.scope}/{path}"
        found = self.output.apply(lambda id_: f"{id_}/{path}")
        return Target(key=key, scope=scope, output=found, is_ours=self.is_ours)

    @classmethod
    def shared(cls, key: str, scope: str) -> "Target":
        """Return what another stack has made in the platform's resource group."""
        return cls(key=key, scope=scope, output=known(scope))

    @classmethod
    def foreign(cls, key: str, scope: pulumi.Input[str]) -> "Target":
        """Return what somebody else owns; its id may be unknown until deployment."""
        output = pulumi.Output.from_input(scope)
        named = scope if isinstance(scope, str) else f"existing {key}"
        return cls(key=key, scope=named, output=output, is_ours=False)


def assign(  # noqa: PLR0913  a role assignment has that many facts
    site: Site,
    identity: Identity,
    role: BuiltInRole,
    target: Target,
    field: str = "",
    *,
    condition: str | None = None,
) -> authorization.RoleAssignment:
    """Register that `identity` has a built-in role on `target`, as far as a condition goes."""
    slug = role.title.split(" (")[0].lower().replace(" ", "-")
    role_id = known(ids.role_id(site.subscription, role.id))
    found = _Role(slug, role.id, role_id, condition)
    return _assign(site, identity, found, target, field)


def assign_actions(
    site: Site, identity: Identity, actions: Sequence[str], target: Target, field: str = ""
) -> authorization.RoleAssignment:
    """Register a role of exactly `actions`, and that `identity` has it on `target`.

    The role can be assigned in the resource group of the target only: the narrowest place that
    a custom role may have.
    """
    # Each stack on a platform has roles of its own there.
    scope = site.context
    title = scope.physical_name(names.ROLE, scope.platform.name, identity.key, target.key)
    guid = ids.stable_guid("role", site.group_id, title)
    home = (
        site.known(site.group_id)
        if target.is_ours
        else target.output.apply(lambda id_: id_.partition("/providers/")[0])
    )
    definition = authorization.RoleDefinition(
        site.logical(f"{identity.key}-{target.key}-role"),
        scope=home,
        role_definition_id=guid,
        role_name=title,
        role_type="CustomRole",
        description=f"what {identity.key} of {site.context.project} may do on the {target.key}",
        permissions=[authorization.PermissionArgs(actions=list(actions))],
        assignable_scopes=[home],
        opts=site.opts(field),
    )
    role_id = known(ids.role_id(site.subscription, guid), definition)
    return _assign(site, identity, _Role("actions", guid, role_id), target, field)


@dataclass(frozen=True)
class _Role:
    slug: str
    key: str
    id: pulumi.Output[str]
    condition: str | None = None


def _assign(
    site: Site, identity: Identity, role: _Role, target: Target, field: str
) -> authorization.RoleAssignment:
    return authorization.RoleAssignment(
        site.logical(f"{identity.key}-{role.slug}-on-{target.key}"),
        # A name from its parts: a retried create finds its own (`RoleAssignmentExists`).
        role_assignment_name=ids.stable_guid("assignment", target.scope, identity.id, role.key),
        principal_id=identity.resource.principal_id,
        # Said outright, so that Azure does not look for a principal that is not replicated yet.
        principal_type="ServicePrincipal",
        role_definition_id=role.id,
        scope=target.output,
        condition=role.condition,
        condition_version=None if role.condition is None else "2.0",
        opts=site.opts(field),
    )
