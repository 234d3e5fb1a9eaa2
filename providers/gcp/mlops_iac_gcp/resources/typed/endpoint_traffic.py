"""`EndpointTraffic`, for Pulumi programs; written by `tools/gcp_resources.py`."""

from collections.abc import Mapping

import pulumi

from mlops_iac_gcp.resources.typed.base import VertexResource


class EndpointTraffic(VertexResource):
    """Sets an endpoint's split; the last word is the program's."""

    token = "mlops-iac:gcp:EndpointTraffic"  # noqa: S105
    outputs = ()

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str],
        traffic_split: pulumi.Input[Mapping[str, pulumi.Input[int]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            endpoint: Name of the endpoint: `projects/P/locations/L/endpoints/E`.
            traffic_split: Whole percentages by deployed model's id, 100 in all.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "endpoint": endpoint,
            "trafficSplit": traffic_split,
        }
        super().__init__(resource_name, inputs, opts)
