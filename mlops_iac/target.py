"""Which target a component goes to, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_iac.specs.platform import Platform, Profile


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target instance: a provider, and where in it."""

    name: str
    """The name a user picks."""
    region: str | None = None
    account: str | None = None
    role: str | None = None
    profile: Profile = Profile.DEV
    endpoints: Mapping[str, str] | None = None
    """API addresses by service instead of the cloud's own; tests point them at a stand-in."""


@dataclass(frozen=True, kw_only=True)
class TargetConfig:
    """What the stack's configuration says about targets (`mlops-iac:target`, `:targets`)."""

    target: str | None = None
    by_kind: Mapping[str, str] | None = None
    region: str | None = None
    account: str | None = None


def resolve(
    kind: str, declared: str | None, inherited: str | None, config: TargetConfig
) -> str | None:
    """Return the target of a component of `kind`, or `None` when nobody names one.

    The first that speaks wins: the component's own argument, the configuration for this kind,
    the nearest ancestor (the platform), the configuration for the stack.
    """
    by_kind = config.by_kind or {}
    return declared or by_kind.get(kind) or inherited or config.target


def target_instance(name: str, platform: Platform, config: TargetConfig) -> Target:
    """Return the record from which every explicit Pulumi provider of a platform is made."""
    return Target(
        name=name,
        region=platform.region or config.region,
        account=platform.account or config.account,
        role=platform.role,
        profile=platform.profile,
    )
