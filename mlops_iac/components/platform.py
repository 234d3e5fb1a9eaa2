"""The component of kind Platform."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.grants import Purpose
from mlops_iac.outputs import PlatformOutputs


class Platform(Component[PlatformOutputs]):
    """The foundation that every other component stands on.

    Fields are those of `mlops_iac.Platform`.
    """

    kind: ClassVar[str] = "Platform"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    artifact_root: pulumi.Output[str]
    """URI (folder on `local`) under which everything the stack makes is stored."""
    image_registry: pulumi.Output[str | None]
    """Address that runtime images are pushed to."""
    tracking_uri: pulumi.Output[str | None]
    """MLflow tracking URI."""
    workspace: pulumi.Output[str | None]
    """Workspace that things live in, where the target has one."""
    encryption_key: pulumi.Output[str | None]
    """Key of the stack; `None` while the cloud owns the key."""
    identities: Mapping[Purpose, pulumi.Output[str]]
    """Identity per purpose."""
    native: Mapping[str, pulumi.Output[Any]]
    """Facts that only adapters of the same provider read; never exported."""
    pulumi_providers: tuple[pulumi.ProviderResource, ...]
    """Explicit Pulumi providers that every other component of this platform uses."""
