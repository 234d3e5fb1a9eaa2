"""`ModelMonitor`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class ModelMonitor(VertexResource):
    """What is watched of a model's versions, and by which thresholds."""

    token = "mlops-iac:gcp:ModelMonitor"  # noqa: S105
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
        display_name: pulumi.Input[str] | None = None,
        encryption_spec: pulumi.Input[Json] | None = None,
        explanation_spec: pulumi.Input[Json] | None = None,
        model_monitor_id: pulumi.Input[str] | None = None,
        model_monitoring_schema: pulumi.Input[Json] | None = None,
        model_monitoring_target: pulumi.Input[Json] | None = None,
        notification_spec: pulumi.Input[Json] | None = None,
        output_spec: pulumi.Input[Json] | None = None,
        tabular_objective: pulumi.Input[Json] | None = None,
        training_dataset: pulumi.Input[Json] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            display_name: The display name of the ModelMonitor. The name can be up to 128 characters
                long and can consist of any UTF-8.
            encryption_spec: Customer-managed encryption key spec for a ModelMonitor. If set, this
                ModelMonitor and all sub-resources of this ModelMonitor will be secured by this key.
            explanation_spec: Optional model explanation spec. It is used for feature attribution
                monitoring.
            model_monitor_id: Id of the monitor; made when left out.
            model_monitoring_schema: Monitoring Schema is to specify the model's features,
                prediction outputs and ground truth properties. It is used to extract pertinent data
                from the dataset and to process features based on their properties. Make sure that
                the schema aligns with your dataset, if it does not, we will be unable to extract
                data from the dataset.
            model_monitoring_target: The entity that is subject to analysis. Currently only models
                in Vertex AI Model Registry are supported. If you want to analyze the model which is
                outside the Vertex AI, you could register a model in Vertex AI Model Registry using
                just a display name.
            notification_spec: Optional default notification spec, it can be overridden in the
                ModelMonitoringJob notification spec.
            output_spec: Optional default monitoring metrics/logs export spec, it can be overridden
                in the ModelMonitoringJob output spec. If not specified, a default Google Cloud
                Storage bucket will be created under your project.
            tabular_objective: Optional default tabular model monitoring objective.
            training_dataset: Optional training dataset used to train the model. It can serve as a
                reference dataset to identify changes in production.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "displayName": display_name,
            "encryptionSpec": encryption_spec,
            "explanationSpec": explanation_spec,
            "modelMonitorId": model_monitor_id,
            "modelMonitoringSchema": model_monitoring_schema,
            "modelMonitoringTarget": model_monitoring_target,
            "notificationSpec": notification_spec,
            "outputSpec": output_spec,
            "tabularObjective": tabular_objective,
            "trainingDataset": training_dataset,
        }
        super().__init__(resource_name, inputs, opts)
