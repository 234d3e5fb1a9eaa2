"""`BatchPredictionJob`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class BatchPredictionJob(VertexResource):
    """Predictions for a whole table or folder."""

    token = "mlops-iac:gcp:BatchPredictionJob"  # noqa: S105
    outputs = (
        "name",
        "state",
        "createTime",
        "startTime",
        "endTime",
        "error",
        "modelVersionId",
        "outputInfo",
        "completionStats",
    )
    name: pulumi.Output[Any]
    state: pulumi.Output[Any]
    create_time: pulumi.Output[Any]
    start_time: pulumi.Output[Any]
    end_time: pulumi.Output[Any]
    error: pulumi.Output[Any]
    model_version_id: pulumi.Output[Any]
    output_info: pulumi.Output[Any]
    completion_stats: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        display_name: pulumi.Input[str],
        input_config: pulumi.Input[Json],
        output_config: pulumi.Input[Json],
        cancel_on_stop: pulumi.Input[bool] | None = None,
        dedicated_resources: pulumi.Input[Json] | None = None,
        disable_container_logging: pulumi.Input[bool] | None = None,
        encryption_spec: pulumi.Input[Json] | None = None,
        explanation_spec: pulumi.Input[Json] | None = None,
        generate_explanation: pulumi.Input[bool] | None = None,
        instance_config: pulumi.Input[Json] | None = None,
        key: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        manual_batch_tuning_parameters: pulumi.Input[Json] | None = None,
        model: pulumi.Input[str] | None = None,
        model_parameters: pulumi.Input[Any] | None = None,
        on_delete: pulumi.Input[str] | None = None,
        service_account: pulumi.Input[str] | None = None,
        unmanaged_container_model: pulumi.Input[Json] | None = None,
        wait: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            display_name: The user-defined name of this BatchPredictionJob.
            input_config: Input configuration of the instances on which predictions are performed.
                The schema of any single instance may be specified via the Model's PredictSchemata's
                instance_schema_uri.
            output_config: The Configuration specifying where output predictions should be written.
                The schema of any single prediction may be specified as a concatenation of Model's
                PredictSchemata's instance_schema_uri and prediction_schema_uri.
            cancel_on_stop: Whether stopping an `up` that waits also cancels the run.
            dedicated_resources: The config of resources used by the Model during the batch
                prediction. If the Model supports DEDICATED_RESOURCES this config may be provided
                (and the job will use these resources), if the Model doesn't support
                AUTOMATIC_RESOURCES, this config must be provided.
            disable_container_logging: For custom-trained Models and AutoML Tabular Models, the
                container of the DeployedModel instances will send `stderr` and `stdout` streams to
                Cloud Logging by default. Please note that the logs incur cost, which are subject to
                Cloud Logging pricing. User can disable container logging by setting this flag to
                true.
            encryption_spec: Customer-managed encryption key options for a BatchPredictionJob. If
                this is set, then all resources created by the BatchPredictionJob will be encrypted
                with the provided encryption key.
            explanation_spec: Explanation configuration for this BatchPredictionJob. Can be
                specified only if generate_explanation is set to `true`. This value overrides the
                value of Model.explanation_spec. All fields of explanation_spec are optional in the
                request. If a field of the explanation_spec object is not populated, the
                corresponding field of the Model.explanation_spec object is inherited.
            generate_explanation: Generate explanation with the batch prediction results. When set
                to `true`, the batch prediction output changes based on the `predictions_format`
                field of the BatchPredictionJob.output_config object: * `bigquery`: output includes
                a column named `explanation`.
            instance_config: Configuration for how to convert batch prediction input instances to
                the prediction instances that are sent to the Model.
            key: Another key is another run of the same declaration.
            labels: The labels with user-defined metadata to organize BatchPredictionJobs. Label
                keys and values can be no longer than 64 characters (Unicode codepoints), can only
                contain lowercase letters, numeric characters, underscores and dashes. International
                characters are allowed. See https://goo.gl/xmQnxf for more information and examples
                of labels.
            manual_batch_tuning_parameters: Parameters configuring the batch behavior. Currently
                only applicable when dedicated_resources are used (in other cases Vertex AI does the
                tuning itself).
            model: The name of the Model resource that produces the predictions via this job, must
                share the same ancestor Location. Starting this job has no impact on any existing
                deployments of the Model and their resources. Exactly one of model,
                unmanaged_container_model, or endpoint must be set. The model resource name may
                contain version id or version alias to specify the version.
            model_parameters: The parameters that govern the predictions. The schema of the
                parameters may be specified via the Model's PredictSchemata's parameters_schema_uri.
            on_delete: `keep` the history (when left out), `cancel` the run, or `delete` it.
            service_account: The service account that the DeployedModel's container runs as. If not
                specified, a system generated one will be used, which has minimal permissions and
                the custom container, if used, may not have enough permission to access other Google
                Cloud resources. Users deploying the Model must have the `iam.serviceAccounts.actAs`
                permission on this service account.
            unmanaged_container_model: Contains model information necessary to perform batch
                prediction without requiring uploading to model registry. Exactly one of model,
                unmanaged_container_model, or endpoint must be set.
            wait: `submitted` (when left out), or `finished`: `up` waits for the end.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "displayName": display_name,
            "inputConfig": input_config,
            "outputConfig": output_config,
            "cancelOnStop": cancel_on_stop,
            "dedicatedResources": dedicated_resources,
            "disableContainerLogging": disable_container_logging,
            "encryptionSpec": encryption_spec,
            "explanationSpec": explanation_spec,
            "generateExplanation": generate_explanation,
            "instanceConfig": instance_config,
            "key": key,
            "labels": labels,
            "manualBatchTuningParameters": manual_batch_tuning_parameters,
            "model": model,
            "modelParameters": model_parameters,
            "onDelete": on_delete,
            "serviceAccount": service_account,
            "unmanagedContainerModel": unmanaged_container_model,
            "wait": wait,
        }
        super().__init__(resource_name, inputs, opts)
