"""What Checkov has no rule for, and who judges it instead. An entry that it has one for fails."""

from collections.abc import Mapping

_CONTROLS = "our table `tests/judges/controls.py`"
_CONTRACT = "no security property of its own; its inputs are judged by AWS's models"

TYPES: Mapping[str, str] = {
    "aws-native_sagemaker_Artifact": _CONTRACT,
    "aws-native_sagemaker_ModelQualityJobDefinition": _CONTROLS,
    "aws_cloudwatch_event_rule": _CONTRACT,
    "aws_cloudwatch_event_target": _CONTRACT,
    "aws_ecr_lifecycle_policy": _CONTRACT,
    "aws_flow_log": "CKV2_AWS_11 asks the network for it",
    "aws_kms_alias": _CONTRACT,
    "aws_route_table_association": _CONTRACT,
    "aws_s3_bucket_logging": "CKV_AWS_18 asks the bucket for it",
    "aws_s3_object": "CKV_AWS_145 asks its bucket for the key",
    "aws_sagemaker_feature_group": _CONTROLS,
    "aws_sagemaker_mlflow_app": _CONTRACT,
    "aws_sagemaker_mlflow_tracking_server": _CONTRACT,
    "aws_sagemaker_model_package_group": _CONTRACT,
    "aws_sagemaker_model_card": _CONTRACT,
    "aws_sagemaker_monitoring_schedule": _CONTROLS,
    "aws_sagemaker_pipeline": "its steps are judged as calls",
    "aws_vpc_endpoint": _CONTROLS,
}
"""By Terraform's name, or by the token with underscores where Terraform has none."""

REQUESTS: Mapping[str, str] = {
    "CreateEndpoint": _CONTRACT,
    "CreateHyperParameterTuningJob": _CONTROLS,
    "CreateModelPackage": _CONTRACT,
    "CreateProcessingJob": _CONTROLS,
    "CreateTrainingJob": _CONTROLS,
    "PutScalingPolicy": _CONTRACT,
    "StartBuild": "its project is judged",
    "StartPipelineExecution": "the steps of its pipeline are judged",
    "UpdateEndpoint": _CONTRACT,
}
"""Calls of custom resources and of pipeline steps."""

_BLUEPRINT = "the blueprint's constraints, `tests/judges/blueprint.py`"
_DISCOVERY = (
    "no security property of its own; its inputs are judged by Google's discovery documents"
)
_GRANT = "its roles and members: `tests/providers/gcp/test_platform.py` and the blueprint's"

GOOGLE_TYPES: Mapping[str, str] = {
    "google_bigquery_dataset_iam_member": _GRANT,
    "google_cloud_run_v2_service": _BLUEPRINT,
    "google_cloud_run_v2_service_iam_member": _GRANT,
    "google_colab_schedule": _BLUEPRINT,
    "google_compute_address": _DISCOVERY,
    "google_compute_global_address": _DISCOVERY,
    "google_compute_network_attachment": _DISCOVERY,
    "google_dns_record_set": _DISCOVERY,
    "google_eventarc_trigger": _DISCOVERY,
    "google_logging_project_bucket_config": _BLUEPRINT,
    "google_monitoring_alert_policy": _DISCOVERY,
    "google_monitoring_metric_descriptor": _DISCOVERY,
    "google_monitoring_notification_channel": _DISCOVERY,
    "google_network_connectivity_service_connection_policy": _DISCOVERY,
    "google_project_iam_custom_role": _GRANT,
    "google_project_service": _BLUEPRINT,
    "google_project_service_identity": _DISCOVERY,
    "google_service_account": _DISCOVERY,
    "google_service_account_iam_member": _GRANT,
    "google_sql_database": "its instance is judged",
    "google_storage_bucket_object": "CKV_GCP_62, 78 and 114 ask its bucket",
    "google_vertex_ai_feature_group": _DISCOVERY,
    "google_vertex_ai_feature_group_feature": _DISCOVERY,
    "google_vertex_ai_feature_online_store": _BLUEPRINT,
    "google_vertex_ai_feature_online_store_featureview": _DISCOVERY,
    "google_workflows_workflow": _DISCOVERY,
}

GOOGLE_REQUESTS: Mapping[str, str] = {
    "aiplatform.projects.locations.customJobs.create": _BLUEPRINT,
    "aiplatform.projects.locations.endpoints.deployModel": _DISCOVERY,
    "aiplatform.projects.locations.endpoints.patch": _DISCOVERY,
    "aiplatform.projects.locations.endpoints.undeployModel": _DISCOVERY,
    "aiplatform.projects.locations.endpoints.update": _DISCOVERY,
    "aiplatform.projects.locations.models.upload": _BLUEPRINT,
    "aiplatform.projects.locations.pipelineJobs.create": _BLUEPRINT,
    "cloudbuild.projects.locations.builds.create": _DISCOVERY,
    "run.projects.locations.services.create": _BLUEPRINT,
    "run.projects.locations.services.patch": _DISCOVERY,
}

_ARM = "no security property of its own; its inputs are judged by Azure's REST models"
_POLICIES = "Microsoft's policies, `tests/judges/test_azure_policy.py`"
_ROLES = "its roles and scopes: `tests/providers/azure/test_identity.py`"
_POSTURE = "network, authentication and retention: `tests/providers/azure/`"

AZURE_TYPES: Mapping[str, str] = {
    "Microsoft.Authorization/roleAssignments": _ROLES,
    "Microsoft.ContainerRegistry/registries/agentPools": _ARM,
    "Microsoft.EventGrid/systemTopics": _ARM,
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": _ARM,
    "Microsoft.Insights/actionGroups": _ARM,
    "Microsoft.Insights/autoscaleSettings": _ARM,
    "Microsoft.Insights/components": _POSTURE,
    "Microsoft.Insights/diagnosticSettings": _POLICIES,
    "Microsoft.Insights/metricAlerts": _ARM,
    "Microsoft.Logic/workflows": _ARM,
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints": _POSTURE,
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments": _ARM,
    "Microsoft.MachineLearningServices/workspaces/computes": _POLICIES,
    "Microsoft.MachineLearningServices/workspaces/data": _ARM,
    "Microsoft.MachineLearningServices/workspaces/data/versions": _ARM,
    "Microsoft.MachineLearningServices/workspaces/datastores": _ARM,
    "Microsoft.MachineLearningServices/workspaces/environments": _ARM,
    "Microsoft.MachineLearningServices/workspaces/environments/versions": _ARM,
    "Microsoft.MachineLearningServices/workspaces/jobs": _POSTURE,
    "Microsoft.MachineLearningServices/workspaces/models": _ARM,
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints": _POSTURE,
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments": _POSTURE,
    "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections": _POLICIES,
    "Microsoft.MachineLearningServices/workspaces/schedules": _ARM,
    "Microsoft.ManagedIdentity/userAssignedIdentities": _ARM,
    "Microsoft.Network/privateDnsZones": _ARM,
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": _ARM,
    "Microsoft.Network/privateEndpoints": _ARM,
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": _POLICIES,
    "Microsoft.OperationalInsights/workspaces": _POSTURE,
    "Microsoft.Resources/resourceGroups": _ARM,
    "Microsoft.Storage/storageAccounts/blobServices": _POSTURE,
    "Microsoft.Storage/storageAccounts/managementPolicies": _ARM,
    "Microsoft.Storage/storageAccounts/tableServices/tables": _ARM,
}
"""By Azure's own name; requests of custom resources stand for the types that they make."""
