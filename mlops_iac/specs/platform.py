"""The foundation that every other kind stands on."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.types import Input
from mlops_iac.specs.variants import by_keys


class Profile(StrEnum):
    """How careful the defaults are."""

    DEV = "dev"
    """Cheap, still private and encrypted; `destroy` removes everything."""
    PROD = "prod"
    """Redundant and logged; what holds data is protected from `destroy`."""
    REGULATED = "regulated"
    """`prod`, and the controls that cost or restrict most."""

    @property
    def protects_data(self) -> bool:
        """Whether stores with data survive `destroy`."""
        return self is not Profile.DEV


class PublicNetwork(Part):
    """The target's own network; access is by identity."""

    mode: Literal["public"] = "public"


class ExistingNetwork(Part):
    """Jobs and endpoints run inside a network that the platform team owns."""

    mode: Literal["existing"] = "existing"
    network: Input[str]
    """Identifier of the VPC / virtual network, in the target's own form."""
    subnets: tuple[Input[str], ...] = Field(min_length=1, max_length=16)
    """Subnets that workloads run in."""
    security_groups: tuple[Input[str], ...] = Field(default=(), max_length=5)
    """Firewall groups; the target's default when left out."""


class OwnNetwork(Part):
    """Jobs and endpoints run inside a network that this platform makes, without a way out.

    They reach the target's own services and nothing else: no package index, no foreign registry.
    """

    mode: Literal["own"] = "own"
    address_range: str = Field(default="10.64.0.0/16", pattern=r"^(\d{1,3}\.){3}0/(1[6-9]|2[0-4])$")
    """IPv4 range of private addresses, `/16` to `/24`; choose one that is free where networks are
    joined.
    """
    zones: int = Field(default=2, ge=2, le=3)
    """Zones of the region, each with one private subnet."""

    @field_validator("address_range")
    @classmethod
    def _is_private(cls, value: str) -> str:
        try:
            is_private = ip_network(value).is_private
        except ValueError:
            is_private = False
        if not is_private:
            raise PydanticCustomError("address_range", "is no range of private IPv4 addresses")
        return value


class ManagedKey(Part):
    """Data is encrypted with a key that the cloud owns."""

    mode: Literal["managed"] = "managed"


class CustomerKey(Part):
    """Data is encrypted with one key that this platform creates and rotates."""

    mode: Literal["customer"] = "customer"
    rotation_days: int = Field(default=90, ge=90, le=2560)
    """Days between automatic rotations."""


class ExistingKey(Part):
    """Data is encrypted with a key that exists already."""

    mode: Literal["existing"] = "existing"
    key: Input[str]
    """Identifier of the key, in the target's own form."""


Network = Annotated[
    Annotated[PublicNetwork, Tag("public")]
    | Annotated[ExistingNetwork, Tag("existing")]
    | Annotated[OwnNetwork, Tag("own")],
    by_keys(
        {"network": "existing", "subnets": "existing", "address_range": "own", "zones": "own"},
        "public",
    ),
]
Encryption = Annotated[
    Annotated[ManagedKey, Tag("managed")]
    | Annotated[CustomerKey, Tag("customer")]
    | Annotated[ExistingKey, Tag("existing")],
    by_keys({"key": "existing", "rotation_days": "customer"}, "managed"),
]


class Platform(Spec):
    """Where a stack runs: target, region, identities, network, encryption, storage, tracking."""

    kind: ClassVar[str] = "Platform"

    name: str = Field(default="platform", kw_only=False, pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """Name of the platform."""
    stack: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+/[\w.-]+$", max_length=256)
    """`organization/project/stack` that owns the platform; what it is then is read from there, and
    only `name` and `tags` can be declared beside. Without an organization that is `organization`.
    """
    target: str | None = None
    """`local`, `aws`, `gcp`, `azure`, or another installed target; else from `mlops-iac:target`."""
    region: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{1,40}$")
    """Region, in the target's own spelling; required by the clouds."""
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9:.-]{3,64}$")
    """AWS account, Google Cloud project or Azure subscription that is billed."""
    role: str | None = Field(default=None, max_length=2048)
    """Identity to assume for deploying; the caller's own when left out."""
    profile: Profile = Profile.DEV
    """How careful the defaults are."""
    network: Network = PublicNetwork()
    """Network that jobs and endpoints run in."""
    encryption: Encryption = ManagedKey()
    """Key that data at rest is encrypted with."""
    tags: Mapping[str, str] = Field(default_factory=dict, max_length=40)
    """Tags (labels) put on everything that can carry them."""
    runtime_image: str | None = Field(default=None, pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$")
    """Ready runtime image by digest; built by the platform when left out."""

    @model_validator(mode="after")
    def _is_declared_once(self) -> "Platform":
        beside = sorted(self.model_fields_set - {"name", "stack", "tags"})
        if self.stack is not None and beside:
            raise PydanticCustomError(
                "shared_platform",
                "another stack owns the platform: {fields} is declared there, not here",
                {"fields": ", ".join(f"`{name}`" for name in beside)},
            )
        return self

    @classmethod
    def from_stack(cls, stack: str, *, name: str = "platform") -> "Platform":
        """Return the platform that another stack owns: `organization/project/stack`."""
        return cls(name, stack=stack)

    asks = (
        Ask(Capability.PLATFORM_REGION, "region", lambda s: s.region is not None),
        Ask(Capability.PLATFORM_ACCOUNT, "account", lambda s: s.account is not None),
        Ask(Capability.PLATFORM_ROLE, "role", lambda s: s.role is not None),
        Ask(
            Capability.PLATFORM_EXISTING_NETWORK,
            "network",
            lambda s: isinstance(s.network, ExistingNetwork),
        ),
        Ask(
            Capability.PLATFORM_OWN_NETWORK,
            "network",
            lambda s: isinstance(s.network, OwnNetwork),
        ),
        Ask(
            Capability.PLATFORM_CUSTOMER_KEY,
            "encryption",
            lambda s: isinstance(s.encryption, CustomerKey),
        ),
        Ask(
            Capability.PLATFORM_EXISTING_KEY,
            "encryption",
            lambda s: isinstance(s.encryption, ExistingKey),
        ),
        Ask(Capability.PLATFORM_TAGS, "tags", lambda s: bool(s.tags)),
        Ask(
            Capability.PLATFORM_RUNTIME_IMAGE,
            "runtime_image",
            lambda s: s.runtime_image is not None,
        ),
    )
