"""The foundation: resource group, stores, identities, workspace."""

import re
from collections.abc import Iterator
from typing import ClassVar

from mlops_iac.collecting import Collecting
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExistingKey, ExistingNetwork, Platform
from mlops_iac_azure import ids
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.own_network import zone_problems
from mlops_iac_azure.posture import is_private

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TAG_NAME = 128
"""Storage accounts take no longer tag names; other resources take 512."""
_TAG_VALUE = 256
_TAG_CHARACTERS = r"<>%&\?/"
_TAG_PREFIXES = ("microsoft", "azure", "windows")
_DNS_TAGS = 15
"""Most tags on a DNS zone."""
_SUBNETS = 2
TAG_SOURCE = "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"


class PlatformAdapter:
    """Maps `Platform`."""

    shares: ClassVar[tuple[str, ...]] = Foundation.names()
    """Native facts that other stacks on the platform need; identities are each stack's own."""

    def check(self, spec: Platform, scope: Scope) -> Iterator[Problem]:
        """Yield what Azure refuses of a platform."""
        yield from _place_problems(spec, scope)
        yield from _tag_problems(spec, scope)
        yield from zone_problems(spec)
        yield from _network_problems(spec)
        yield from _key_problems(spec)

    def build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        """Register the foundation."""
        from mlops_iac_azure.frame.platform import build_platform
        from mlops_iac_azure.frame.sharing import register_guard

        watched = Collecting.of(context)
        outputs = build_platform(spec, watched)
        register_guard(watched, outputs.pulumi_providers[-1])
        return outputs

    def join(self, spec: Platform, context: BuildContext) -> PlatformOutputs:  # noqa: ARG002
        """Register what a stack has of its own on another's platform: mark and identities."""
        from mlops_iac_azure.frame.sharing import join_platform

        assert context.shared is not None  # noqa: S101  why it is called
        return join_platform(context, context.shared)


def _place_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    for field, value, what in (
        ("account", scope.target.account, "an Azure subscription"),
        ("role", scope.target.role, "the client id of a managed identity or service principal"),
    ):
        if value is not None and not _GUID.fullmatch(value):
            yield Problem(
                code=f"{field}.malformed",
                component=spec.name,
                field=field,
                value=value,
                message=f"`{value}` is no GUID",
                rule=f"names {what} by its GUID",
                remedy="`az account show` prints the subscription"
                if field == "account"
                else "`az identity show` prints `clientId`",
            )


def _tag_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    for key, value in spec.tags.items():
        fault = _tag_fault(key, value)
        if fault:
            yield Problem(
                code="tags.illegal",
                component=spec.name,
                field=f"tags.{key}",
                value=value,
                message=fault,
                rule=TAG_SOURCE,
                remedy="shorten or rename the tag",
            )
    if is_private(spec) and len(scope.tags) > _DNS_TAGS:
        yield Problem(
            code="tags.too-many",
            component=spec.name,
            field="tags",
            value=len(spec.tags),
            message=f"private DNS zones would carry {len(scope.tags)} tags, our two included",
            rule=f"a DNS zone takes {_DNS_TAGS} tags",
            remedy=f"declare at most {_DNS_TAGS - 2} tags with a network",
        )


def _tag_fault(key: str, value: str) -> str:
    if not 0 < len(key) <= _TAG_NAME:
        return f"the tag's name has {len(key)} characters, 1 to {_TAG_NAME} are taken"
    if len(value) > _TAG_VALUE:
        return f"the tag's value has {len(value)} characters, {_TAG_VALUE} are taken"
    if any(character in _TAG_CHARACTERS for character in key):
        return f"the tag's name holds one of `{_TAG_CHARACTERS}`"
    if key.lower().startswith(_TAG_PREFIXES):
        return f"tag names that begin with {', '.join(_TAG_PREFIXES)} are Azure's own"
    return ""


def _network_problems(spec: Platform) -> Iterator[Problem]:
    network = spec.network
    if not isinstance(network, ExistingNetwork):
        return
    if isinstance(network.network, str) and not ids.NETWORK_ID.fullmatch(network.network):
        yield _malformed(spec, "network.network", network.network, "virtual network")
    for index, subnet in enumerate(network.subnets):
        if isinstance(subnet, str) and not ids.SUBNET_ID.fullmatch(subnet):
            yield _malformed(spec, f"network.subnets.{index}", subnet, "subnet")
    if len(network.subnets) > _SUBNETS:
        yield Problem(
            code="network.too-many-subnets",
            component=spec.name,
            field="network.subnets",
            value=len(network.subnets),
            message=f"{len(network.subnets)} subnets are named",
            rule="jobs run in the first subnet, private endpoints lie in the last",
            remedy="name one subnet for both, or two",
        )
    if network.security_groups:
        yield Problem(
            code="network.security-groups",
            component=spec.name,
            field="network.security_groups",
            value=len(network.security_groups),
            message="security groups cannot be given to jobs or endpoints",
            rule="on Azure a network security group belongs to a subnet",
            remedy="attach the group to the subnet, and leave the field out",
        )


def _key_problems(spec: Platform) -> Iterator[Problem]:
    encryption = spec.encryption
    if not isinstance(encryption, ExistingKey) or not isinstance(encryption.key, str):
        return
    if not ids.KEY_ID.fullmatch(encryption.key):
        yield _malformed(spec, "encryption.key", encryption.key, "Key Vault key")


def _malformed(spec: Platform, field: str, value: str, what: str) -> Problem:
    return Problem(
        code="id.malformed",
        component=spec.name,
        field=field,
        value=value,
        message=f"`{value}` is no id of a {what}",
        rule="is an Azure Resource Manager id, `/subscriptions/…/resourceGroups/…/providers/…`",
        remedy="`az resource list --query '[].id'` prints ids",
    )
