"""The program's side of our custom resources; the one place here that subclasses Pulumi's."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from mlops_iac.version import PLUGIN_DOWNLOAD_URL, VERSION


class CustomResource(pulumi.CustomResource):
    """A resource of `pulumi-resource-mlops-iac`."""

    def __init__(
        self,
        token: str,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        properties = {**dict.fromkeys(outputs), **inputs}
        origin = pulumi.ResourceOptions(version=VERSION, plugin_download_url=PLUGIN_DOWNLOAD_URL)
        super().__init__(token, name, properties, pulumi.ResourceOptions.merge(opts, origin))


class PlatformProvider(pulumi.ProviderResource):
    """The explicit `mlops-iac` provider: one target instance, credentials by reference only."""

    def __init__(self, name: str, config: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        origin = pulumi.ResourceOptions(version=VERSION, plugin_download_url=PLUGIN_DOWNLOAD_URL)
        super().__init__(
            "mlops-iac", name, dict(config), pulumi.ResourceOptions.merge(opts, origin)
        )
