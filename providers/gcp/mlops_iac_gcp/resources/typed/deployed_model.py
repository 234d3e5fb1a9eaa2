"""`DeployedModel`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class DeployedModel(VertexResource):
    """Deploys, resizes in place, replaces by deploying first, and strands no traffic."""

    token = "mlops-iac:gcp:DeployedModel"  # noqa: S105
    outputs = (
        "deployedId",
        "modelVersionId",
    )
    deployed_id: pulumi.Output[Any]
    model_version_id: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str],
        automatic_resources: pulumi.Input[Json] | None = None,
        checkpoint_id: pulumi.Input[str] | None = None,
        dedicated_resources: pulumi.Input[Json] | None = None,
        deployed_model_id: pulumi.Input[str] | None = None,
        disable_container_logging: pulumi.Input[bool] | None = None,
        disable_explanations: pulumi.Input[bool] | None = None,
        display_name: pulumi.Input[str] | None = None,
        enable_access_logging: pulumi.Input[bool] | None = None,
        explanation_spec: pulumi.Input[Json] | None = None,
        faster_deployment_config: pulumi.Input[Json] | None = None,
        force: pulumi.Input[bool] | None = None,
        gdc_connected_model: pulumi.Input[str] | None = None,
        model: pulumi.Input[str] | None = None,
        service_account: pulumi.Input[str] | None = None,
        shared_resources: pulumi.Input[str] | None = None,
        speculative_decoding_spec: pulumi.Input[Json] | None = None,
        system_labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            endpoint: Name of the endpoint: `projects/P/locations/L/endpoints/E`.
            automatic_resources: A description of resources that to large degree are decided by
                Vertex AI, and require only a modest additional configuration.
            checkpoint_id: The checkpoint id of the model.
            dedicated_resources: A description of resources that are dedicated to the DeployedModel,
                and that need a higher degree of manual configuration.
            deployed_model_id: 1 to 10 digits; see `deployed_model_id`.
            disable_container_logging: For custom-trained Models and AutoML Tabular Models, the
                container of the DeployedModel instances will send `stderr` and `stdout` streams to
                Cloud Logging by default. Please note that the logs incur cost, which are subject to
                Cloud Logging pricing. User can disable container logging by setting this flag to
                true.
            disable_explanations: If true, deploy the model without explainable feature, regardless
                the existence of Model.explanation_spec or explanation_spec.
            display_name: The display name of the DeployedModel. If not provided upon creation, the
                Model's display_name is used.
            enable_access_logging: If true, online prediction access logs are sent to Cloud Logging.
                These logs are like standard server access logs, containing information like
                timestamp and latency for each prediction request. Note that logs may incur a cost,
                especially if your project receives prediction requests at a high queries per second
                rate (QPS). Estimate your costs before enabling this option.
            explanation_spec: Explanation configuration for this DeployedModel. When deploying a
                Model using EndpointService.DeployModel, this value overrides the value of
                Model.explanation_spec. All fields of explanation_spec are optional in the request.
                If a field of explanation_spec is not populated, the value of the same field of
                Model.explanation_spec is inherited.
            faster_deployment_config: Configuration for faster model deployment.
            force: Whether it is undeployed although it has traffic.
            gdc_connected_model: GDC pretrained / Gemini model name. The model name is a plain model
                name, e.g. gemini-1.5-flash-002.
            model: The resource name of the Model that this is the deployment of. Note that the
                Model may be in a different location than the DeployedModel's Endpoint. The resource
                name may contain version id or version alias to specify the version.
            service_account: The service account that the DeployedModel's container runs as. Specify
                the email address of the service account. If this service account is not specified,
                the container runs as a service account that doesn't have access to the resource
                project. Users deploying the Model must have the `iam.serviceAccounts.actAs`
                permission on this service account.
            shared_resources: The resource name of the shared DeploymentResourcePool to deploy on.
                Format:
                `projects/{project}/locations/{location}/deploymentResourcePools/{deployment_resource_pool}`
            speculative_decoding_spec: Spec for configuring speculative decoding.
            system_labels: System labels to apply to Model Garden deployments. System labels are
                managed by Google for internal use only.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "endpoint": endpoint,
            "automaticResources": automatic_resources,
            "checkpointId": checkpoint_id,
            "dedicatedResources": dedicated_resources,
            "deployedModelId": deployed_model_id,
            "disableContainerLogging": disable_container_logging,
            "disableExplanations": disable_explanations,
            "displayName": display_name,
            "enableAccessLogging": enable_access_logging,
            "explanationSpec": explanation_spec,
            "fasterDeploymentConfig": faster_deployment_config,
            "force": force,
            "gdcConnectedModel": gdc_connected_model,
            "model": model,
            "serviceAccount": service_account,
            "sharedResources": shared_resources,
            "speculativeDecodingSpec": speculative_decoding_spec,
            "systemLabels": system_labels,
        }
        super().__init__(resource_name, inputs, opts)
