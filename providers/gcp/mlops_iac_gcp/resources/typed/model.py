"""`Model`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class Model(VertexResource):
    """Uploads a version when content changes; the rest changes in place."""

    token = "mlops-iac:gcp:Model"  # noqa: S105
    outputs = (
        "name",
        "versionId",
        "versionName",
        "createTime",
    )
    name: pulumi.Output[Any]
    version_id: pulumi.Output[Any]
    version_name: pulumi.Output[Any]
    create_time: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        display_name: pulumi.Input[str],
        artifact_uri: pulumi.Input[str] | None = None,
        base_model_source: pulumi.Input[Json] | None = None,
        container_spec: pulumi.Input[Json] | None = None,
        data_stats: pulumi.Input[Json] | None = None,
        default_checkpoint_id: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        encryption_spec: pulumi.Input[Json] | None = None,
        explanation_spec: pulumi.Input[Json] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        metadata: pulumi.Input[Any] | None = None,
        metadata_schema_uri: pulumi.Input[str] | None = None,
        model_id: pulumi.Input[str] | None = None,
        pipeline_job: pulumi.Input[str] | None = None,
        predict_schemata: pulumi.Input[Json] | None = None,
        retain: pulumi.Input[bool] | None = None,
        upload_service_account: pulumi.Input[str] | None = None,
        version_aliases: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        version_description: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            display_name: The display name of the Model. The name can be up to 128 characters long
                and can consist of any UTF-8 characters.
            artifact_uri: The path to the directory containing the Model artifact and any of its
                supporting files. Not required for AutoML Models.
            base_model_source: User input field to specify the base model source. Currently it only
                supports specifing the Model Garden models and Genie models.
            container_spec: The specification of the container that is to be used when deploying
                this Model. The specification is ingested upon ModelService.UploadModel, and all
                binaries it contains are copied and stored internally by Vertex AI. Not required for
                AutoML Models.
            data_stats: Stats of data used for training or evaluating the Model. Only populated when
                the Model is trained by a TrainingPipeline with data_input_config.
            default_checkpoint_id: The default checkpoint id of a model version.
            description: The description of the Model.
            encryption_spec: Customer-managed encryption key spec for a Model. If set, this Model
                and all sub-resources of this Model will be secured by this key.
            explanation_spec: The default explanation specification for this Model. The Model can be
                used for requesting explanation after being deployed if it is populated. The Model
                can be used for batch explanation if it is populated. All fields of the
                explanation_spec can be overridden by explanation_spec of
                DeployModelRequest.deployed_model, or explanation_spec of BatchPredictionJob.
            labels: The labels with user-defined metadata to organize your Models. Label keys and
                values can be no longer than 64 characters (Unicode codepoints), can only contain
                lowercase letters, numeric characters, underscores and dashes. International
                characters are allowed. See https://goo.gl/xmQnxf for more information and examples
                of labels.
            metadata: An additional information about the Model; the schema of the metadata can be
                found in metadata_schema. Unset if the Model does not have any additional
                information.
            metadata_schema_uri: Points to a YAML file stored on Google Cloud Storage describing
                additional information about the Model, that is specific to it. Unset if the Model
                does not have any additional information. The schema is defined as an OpenAPI 3.0.2
                Schema Object. AutoML Models always have this field populated by Vertex AI, if no
                additional metadata is needed, this field is set to an empty string.
            model_id: Id of the model; made when left out.
            pipeline_job: This field is populated if the model is produced by a pipeline job.
            predict_schemata: The schemata that describe formats of the Model's predictions and
                explanations as given and returned via PredictionService.Predict and
                PredictionService.Explain.
            retain: False deletes this resource's older versions; they stay otherwise.
            upload_service_account: Service account that reads the artifact.
            version_aliases: User provided version aliases so that a model version can be referenced
                via alias (i.e.
                `projects/{project}/locations/{location}/models/{model_id}@{version_alias}` instead
                of auto-generated version id (i.e.
                `projects/{project}/locations/{location}/models/{model_id}@{version_id})`. The
                format is a-z{0,126}[a-z0-9] to distinguish from version_id.
            version_description: The description of this version.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "displayName": display_name,
            "artifactUri": artifact_uri,
            "baseModelSource": base_model_source,
            "containerSpec": container_spec,
            "dataStats": data_stats,
            "defaultCheckpointId": default_checkpoint_id,
            "description": description,
            "encryptionSpec": encryption_spec,
            "explanationSpec": explanation_spec,
            "labels": labels,
            "metadata": metadata,
            "metadataSchemaUri": metadata_schema_uri,
            "modelId": model_id,
            "pipelineJob": pipeline_job,
            "predictSchemata": predict_schemata,
            "retain": retain,
            "uploadServiceAccount": upload_service_account,
            "versionAliases": version_aliases,
            "versionDescription": version_description,
        }
        super().__init__(resource_name, inputs, opts)
