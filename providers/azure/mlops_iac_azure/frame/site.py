"""Where the platform's own resources go: the providers, the resource group, options."""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import Provider as AzureProvider
from pulumi_azure_native import resources

from mlops_iac._registration import PlatformProvider
from mlops_iac.provider import BuildContext, NameRule
from mlops_iac.specs import Platform
from mlops_iac_azure import facts, ids
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.posture import Posture, posture


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every part of the platform is made with."""

    context: BuildContext
    spec: Platform
    provider: pulumi.ProviderResource
    plugin: pulumi.ProviderResource
    group_name: str
    resource_group: resources.ResourceGroup | None = None
    """`None` on a platform that another stack owns."""

    @property
    def posture(self) -> Posture:
        """The settings of the profile."""
        return posture(self.spec)

    @property
    def group(self) -> pulumi.Output[str]:
        """Name of the resource group."""
        return self.known(self.group_name)

    def known(self, value: str) -> pulumi.Output[str]:
        """Return a value as an output of the resource group."""
        return known(value, *[group for group in (self.resource_group,) if group is not None])

    @property
    def location(self) -> str:
        """The region."""
        return self.context.target.region or ""

    @property
    def subscription(self) -> str:
        """The subscription that is billed."""
        return self.context.target.account or ""

    @property
    def group_id(self) -> str:
        """Id of the resource group."""
        return ids.group_id(self.subscription, self.group_name)

    @property
    def tags(self) -> dict[str, str]:
        """Tags for everything that can carry them."""
        return self.context.tags

    def name(self, rule: NameRule, *parts: str) -> str:
        """Return the physical name of a part of this platform."""
        return self.context.platform_name(rule, *parts)

    def id(self, provider_type: str, *parts: str) -> str:
        """Return the id of a resource in the group."""
        return ids.resource_id(self.group_id, provider_type, *parts)

    def logical(self, suffix: str) -> str:
        """Return the logical name of a part."""
        return self.context.name(suffix)

    def opts(self, field: str = "", **options: Any) -> pulumi.ResourceOptions:
        """Return the options of a part: explicit provider, parent, place in the declaration."""
        return self.context.opts(field, provider=self.provider, **options)

    def own(self, field: str = "", **options: Any) -> pulumi.ResourceOptions:
        """Return the options of a part of our own plugin."""
        return self.context.opts(field, provider=self.plugin, **options)

    def kept(self, field: str = "", **options: Any) -> pulumi.ResourceOptions:
        """Return the options of a part that holds data."""
        return self.opts(field, **self.context.protected(), **options)


def build_providers(context: BuildContext) -> tuple[AzureProvider, PlatformProvider]:
    """Register the explicit providers of one target instance; no credential enters them."""
    target = context.target
    azure = AzureProvider(
        context.name("azure"),
        subscription_id=target.account,
        location=target.region,
        client_id=target.role,
        metadata_host=(target.endpoints or {}).get("metadata"),
        opts=context.opts("target"),
    )
    config = {
        "target": target.name,
        "region": target.region,
        "account": target.account,
        "group": facts.group(context),
        "workspace": facts.workspace(context),
        "role": target.role,
        "endpoints": dict(target.endpoints) if target.endpoints else None,
    }
    given = {key: value for key, value in config.items() if value is not None}
    return azure, PlatformProvider(context.name("plugin"), given, context.opts("target"))


def build_site(
    spec: Platform,
    context: BuildContext,
    provider: AzureProvider,
    plugin: PlatformProvider,
) -> Site:
    """Register the resource group that holds the platform."""
    name = facts.group(context)
    group = resources.ResourceGroup(
        context.name("group"),
        resource_group_name=name,
        location=context.target.region,
        tags=context.tags,
        opts=context.opts("region", provider=provider, **context.protected()),
    )
    return Site(
        context=context,
        spec=spec,
        provider=provider,
        plugin=plugin,
        group_name=name,
        resource_group=group,
    )


def joined_site(context: BuildContext, provider: AzureProvider, plugin: PlatformProvider) -> Site:
    """Return the site of a stack on another's platform: the group is that platform's."""
    return Site(
        context=context,
        spec=context.platform,
        provider=provider,
        plugin=plugin,
        group_name=facts.group(context),
    )
