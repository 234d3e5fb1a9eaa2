"""`FeatureMonitor`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class FeatureMonitor(VertexResource):
    """What is watched of a feature group's values."""

    token = "mlops-iac:gcp:FeatureMonitor"  # noqa: S105
    outputs = (
        "name",
        "createTime",
    )
    name: pulumi.Output[Any]
    create_time: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        feature_group: pulumi.Input[str],
        feature_selection_config: pulumi.Input[Json],
        schedule_config: pulumi.Input[Json],
        description: pulumi.Input[str] | None = None,
        feature_monitor_id: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            feature_group: Name of the group: `projects/P/locations/L/featureGroups/G`.
            feature_selection_config: Feature selection config for the FeatureMonitor.
            schedule_config: Schedule config for the FeatureMonitor.
            description: Description of the FeatureMonitor.
            feature_monitor_id: Id of the monitor; made when left out.
            labels: The labels with user-defined metadata to organize your FeatureMonitor. Label
                keys and values can be no longer than 64 characters (Unicode codepoints), can only
                contain lowercase letters, numeric characters, underscores and dashes. International
                characters are allowed. See https://goo.gl/xmQnxf for more information on and
                examples of labels.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "featureGroup": feature_group,
            "featureSelectionConfig": feature_selection_config,
            "scheduleConfig": schedule_config,
            "description": description,
            "featureMonitorId": feature_monitor_id,
            "labels": labels,
        }
        super().__init__(resource_name, inputs, opts)
