"""What the REST models of Azure ML do not say: paths, and the rules of names.

Names: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules;
Azure ML's own from `azure-mgmt-machinelearningservices` 2.0.0b2 (path patterns) and `azure-ai-ml`
(endpoint names), as in `shared/reference/mapping.md` 5.1 and 8.3.
"""

from collections.abc import Mapping

from tests.contract.walkers import cron, logic
from tests.contract.walkers.rules import Check, between, one_of, pattern

ML = "azure-native:machinelearningservices:"
_PAGE = "Azure resource name rules"

MODELS: Mapping[str, str] = {
    "BatchDeployment": "BatchDeployment",
    "BatchEndpoint": "BatchEndpoint",
    "CodeContainer": "CodeContainer",
    "CodeVersion": "CodeVersion",
    "ComponentContainer": "ComponentContainer",
    "ComponentVersion": "ComponentVersion",
    "Compute": "ComputeResource",
    "DataContainer": "DataContainer",
    "DataVersion": "DataVersionBase",
    "Datastore": "Datastore",
    "EnvironmentContainer": "EnvironmentContainer",
    "EnvironmentVersion": "EnvironmentVersion",
    "Job": "JobBase",
    "ModelContainer": "ModelContainer",
    "ModelVersion": "ModelVersion",
    "OnlineDeployment": "OnlineDeployment",
    "OnlineEndpoint": "OnlineEndpoint",
    "Registry": "Registry",
    "Schedule": "Schedule",
    "Workspace": "Workspace",
}
"""REST model by the resource's name in the SDK."""

PATH = frozenset(
    {"resourceGroupName", "workspaceName", "registryName", "endpointName", "deploymentName"}
    | {"computeName", "name", "version", "id"}
)
"""Inputs that stand in the address."""

OWN_SHAPE = frozenset({"identity.userAssignedIdentities", "skipValidation"})
"""Inputs that the SDK sends otherwise and its types judge: identities are a list of ids, sent as
a map (pulumi-azure-native, "user assigned identities" of the 2.0 migration guide; the argument's
type in 3.29); `skipValidation` is a query parameter of `datastores` (REST API 2025-12-01)."""

SCHEDULE_RUN = "POST Microsoft.ContainerRegistry/registries/scheduleRun"
TASK_RUN = "azure-native:containerregistry:TaskRun"
"""Resource of the SDK that holds a request of `SCHEDULE_RUN` (api `azure.registry`)."""
REQUESTS: Mapping[str, str] = {
    "Microsoft.App/containerApps": "azure-native:app:ContainerApp",
    "Microsoft.Insights/autoscaleSettings": "azure-native:monitor:AutoscaleSetting",
}
"""SDK resource by ARM type of requests outside Azure ML: its arguments are the body's members,
lifted out of `properties` (apis `azure.app` and `azure.monitor`)."""

WIRE: Mapping[str, str] = {
    "DimensionName": "dimensionName",
    "Operator": "operator",
    "Values": "values",
}
"""SDK's name of a member that begins with a capital on the wire: those of a dimension by which
autoscale reads a metric (REST API 2022-10-01, `ScaleRuleMetricDimension`)."""

TYPES: Mapping[str, str] = {
    "batchEndpoints": "BatchEndpoint",
    "batchEndpoints/deployments": "BatchDeployment",
    "codes": "CodeContainer",
    "codes/versions": "CodeVersion",
    "components": "ComponentContainer",
    "components/versions": "ComponentVersion",
    "computes": "ComputeResource",
    "data": "DataContainer",
    "data/versions": "DataVersionBase",
    "datastores": "Datastore",
    "environments": "EnvironmentContainer",
    "environments/versions": "EnvironmentVersion",
    "jobs": "JobBase",
    "models": "ModelContainer",
    "models/versions": "ModelVersion",
    "onlineEndpoints": "OnlineEndpoint",
    "onlineEndpoints/deployments": "OnlineDeployment",
    "schedules": "Schedule",
}
"""REST model by the type below `Microsoft.MachineLearningServices/workspaces/`."""

_WORKSPACE = pattern(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", "Azure ML workspace names")
_ASSET = pattern(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}", "azure-mgmt-machinelearningservices paths")
_ENDPOINT = pattern(
    r"(?=.{3,32}$)[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?", "azure-ai-ml endpoint schema, 3 to 32"
)
_GROUP = pattern(r"[-\p{L}\p{N}_.()]{0,89}[-\p{L}\p{N}_()]", _PAGE)
_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_RESOURCE_ID = pattern(
    r"/(subscriptions/[^/]+(/resourceGroups/[^/]+)?)(/providers/[^/]+(/[^/]+/[^/]+)+)?(/.*)?"
    r"|/providers/.+",
    "ARM resource ids",
)
_ACCOUNT = pattern(r"[a-z0-9]{3,24}", _PAGE)
_VAULT = pattern(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]", _PAGE)

EVERYWHERE: Mapping[str, Check] = {
    "resourceGroupName": _GROUP,
    "location": pattern(r"[a-z]+[a-z0-9]*|global", "Azure locations, as `westeurope`"),
    "workspaceName": _WORKSPACE,
}
"""Rules of inputs that mean the same in every resource."""

_EVENT_SUBSCRIPTION: Mapping[str, Check] = {
    "eventSubscriptionName": pattern(r"[a-zA-Z0-9-]{3,64}", _PAGE),
    "retryPolicy.maxDeliveryAttempts": between(1, 30, "EventSubscription.retryPolicy"),
    "retryPolicy.eventTimeToLiveInMinutes": between(1, 1440, "EventSubscription.retryPolicy"),
    # A `.` in a key leads to a member: a tag of such a name could not be asked for.
    "filter.advancedFilters[].key": pattern(
        r"(?i)id|topic|source|subject|eventtype|type|dataversion|specversion|data(\.[^.]+)+",
        "https://learn.microsoft.com/azure/event-grid/event-filtering#key",
    ),
    "filter.includedEventTypes[]": pattern(
        r"Microsoft\.[A-Za-z]+\.[A-Za-z]+", "Event Grid: types of system topics' events"
    ),
    "destination.maxEventsPerBatch": between(1, 5000, "WebHookEventSubscriptionDestination"),
}

# The workspaces of Log Analytics and of Azure ML share an argument's name, not its rule.
_LOG_WORKSPACE = pattern(r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]", _PAGE)
_DATA_ACTION = pattern(
    r"[A-Za-z]+\.[A-Za-z]+(/[A-Za-z]+)+/(read|write|delete|action|Write)",
    "Azure operations; ours hold no wildcard",
)
_WINDOWS = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D")
_METRIC_ALERTS = (
    "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-metric-alert-rule"
)
_VERSION = pattern(r"[a-zA-Z0-9][a-zA-Z0-9._\-]{0,254}", "azure-mgmt-machinelearningservices paths")

CHECKS: Mapping[str, Mapping[str, Check]] = {
    **{
        f"{ML}{name}": {"name": _ASSET, "version": _VERSION}
        for name in MODELS
        if name.endswith(("Container", "Version"))
    },
    f"{ML}Workspace": {
        "storageAccount": _RESOURCE_ID,
        "keyVault": _RESOURCE_ID,
        "applicationInsights": _RESOURCE_ID,
        "containerRegistry": _RESOURCE_ID,
    },
    f"{ML}OnlineEndpoint": {
        "endpointName": _ENDPOINT,
        "properties.traffic.*": between(0, 100, "OnlineEndpoint.traffic: per cent"),
        "properties.mirrorTraffic.*": between(0, 50, "OnlineEndpoint.mirrorTraffic: at most 50"),
    },
    f"{ML}OnlineDeployment": {
        "endpointName": _ENDPOINT,
        "deploymentName": _ENDPOINT,
        "properties.requestSettings.requestTimeout": pattern(
            r"P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", "ISO 8601 durations"
        ),
        "sku.capacity": between(1, 1000, "managed deployments keep one instance (mapping.md 5.2)"),
    },
    f"{ML}Schedule": {"properties.trigger.expression": cron.ncrontab},
    f"{ML}Registry": {"registryName": pattern(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{1,32}", "registries")},
    f"{ML}Compute": {"computeName": pattern(r"[a-zA-Z][a-zA-Z0-9-]{2,31}", f"{_PAGE}: clusters")},
    "azure-native:storage:StorageAccount": {"accountName": _ACCOUNT},
    "azure-native:storage:Blob": {
        "accountName": _ACCOUNT,
        "blobName": pattern(r"(?s)(?!.*[./]$).{1,1024}", "blob names, at most 1024 characters"),
    },
    "azure-native:storage:BlobServiceProperties": {"accountName": _ACCOUNT},
    "azure-native:storage:BlobContainer": {
        "accountName": _ACCOUNT,
        "containerName": pattern(
            r"\$(root|web|logs)|(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", _PAGE
        ),
    },
    "azure-native:storage:ManagementPolicy": {"accountName": _ACCOUNT},
    "azure-native:keyvault:Vault": {
        "vaultName": _VAULT,
        "properties.tenantId": pattern(_GUID, "Key Vault: tenantId is a GUID"),
        "properties.softDeleteRetentionInDays": between(7, 90, "Key Vault: 7 to 90 days"),
    },
    "azure-native:keyvault:Key": {
        "vaultName": _VAULT,
        "keyName": pattern(r"[a-zA-Z0-9-]{1,127}", _PAGE),
    },
    "azure-native:containerregistry:Registry": {
        "registryName": pattern(r"[a-zA-Z0-9]{5,50}", _PAGE)
    },
    "azure-native:managedidentity:UserAssignedIdentity": {
        "resourceName": pattern(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}", _PAGE)
    },
    "azure-native:authorization:RoleAssignment": {
        "roleAssignmentName": pattern(_GUID, "role assignments are named by GUID"),
        "roleDefinitionId": pattern(
            rf"(/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/{_GUID}",
            "role definition ids",
        ),
        "principalId": pattern(_GUID, "principals are named by GUID"),
        "scope": _RESOURCE_ID,
        "conditionVersion": one_of(("2.0",), "conditions of role assignments"),
        "condition": pattern(
            r"\(\(.+?\) OR \(@(Resource|Request)\[[^\]]+\] String\w+ '[^']+'"
            r"( OR @(Resource|Request)\[[^\]]+\] String\w+ '[^']+')*\)\)",
            "https://learn.microsoft.com/azure/role-based-access-control/conditions-format",
        ),
    },
    "azure-native:authorization:RoleDefinition": {
        "roleDefinitionId": pattern(_GUID, "role definitions are named by GUID"),
        "roleName": pattern(r"[^/%]{1,128}", "Azure custom roles: at most 128 characters"),
        "permissions[].actions[]": pattern(
            r"[A-Za-z]+\.[A-Za-z]+(/[A-Za-z]+)+/(read|write|delete|action)",
            "Azure operations; ours hold no wildcard",
        ),
        "permissions[].dataActions[]": _DATA_ACTION,
        "scope": _RESOURCE_ID,
    },
    "azure-native:applicationinsights:Component": {
        "resourceName": pattern(r"[^%&\\?/]{0,259}[^%&\\?/. ]", _PAGE),
        "workspaceResourceId": _RESOURCE_ID,
        "retentionInDays": between(30, 730, "Component.retentionInDays"),
    },
    "azure-native:operationalinsights:Workspace": {
        "workspaceName": _LOG_WORKSPACE,
        "retentionInDays": between(7, 730, "Workspace.retentionInDays"),
    },
    "azure-native:network:VirtualNetwork": {
        "virtualNetworkName": pattern(r"[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])", _PAGE)
    },
    "azure-native:network:PrivateEndpoint": {
        "privateEndpointName": pattern(r"[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])", _PAGE)
    },
    "azure-native:network:NetworkSecurityGroup": {
        "securityRules[].priority": between(100, 4096, "SecurityRule.priority: 100 to 4096")
    },
    "azure-native:network:SecurityRule": {
        "priority": between(100, 4096, "SecurityRule.priority: 100 to 4096")
    },
    "azure-native:network:Subnet": {},
    "azure-native:network:NatGateway": {},
    "azure-native:network:PublicIPAddress": {},
    "azure-native:privatedns:PrivateZone": {},
    "azure-native:privatedns:VirtualNetworkLink": {},
    "azure-native:privatedns:PrivateRecordSet": {},
    "azure-native:network:PrivateDnsZoneGroup": {},
    "azure-native:monitor:AutoscaleSetting": {"targetResourceUri": _RESOURCE_ID},
    "azure-native:monitor:DiagnosticSetting": {"resourceUri": _RESOURCE_ID},
    "azure-native:monitor:ActionGroup": {
        "groupShortName": pattern(r".{1,12}", "ActionGroup.groupShortName: at most 12")
    },
    "azure-native:monitor:MetricAlert": {
        "severity": between(0, 4, "alerts: severity 0 to 4"),
        "evaluationFrequency": one_of(_WINDOWS[:5], _METRIC_ALERTS),
        "windowSize": one_of(_WINDOWS, _METRIC_ALERTS),
        "scopes[]": _RESOURCE_ID,
    },
    "azure-native:monitor:ScheduledQueryRule": {
        "severity": between(0, 4, "alerts: severity 0 to 4")
    },
    "azure-native:eventgrid:SystemTopic": {
        "systemTopicName": pattern(r"[a-zA-Z0-9-]{3,128}", _PAGE),
        "source": _RESOURCE_ID,
    },
    "azure-native:eventgrid:SystemTopicEventSubscription": _EVENT_SUBSCRIPTION,
    "azure-native:eventgrid:EventSubscription": _EVENT_SUBSCRIPTION,
    "azure-native:logic:Workflow": {
        "workflowName": pattern(r"[a-zA-Z0-9_.()-]{1,80}", _PAGE),
        "definition": logic.definition,
    },
    "azure-native:app:ManagedEnvironment": {
        "environmentName": pattern(
            r"[a-z]([a-z0-9-]{0,58}[a-z0-9])", "container apps' environments"
        )
    },
    "azure-native:app:ContainerApp": {
        "containerAppName": pattern(
            r"(?!.*--)(?=.{2,32}$)[a-z][a-z0-9-]*[a-z0-9]", "container apps: 2 to 32 characters"
        ),
        "template.scale.minReplicas": between(0, 1000, "ContainerApp.template.scale"),
        "template.scale.maxReplicas": between(1, 1000, "ContainerApp.template.scale"),
    },
    "azure-native:app:Job": {},
    "azure-native:containerregistry:AgentPool": {
        "agentPoolName": pattern(r"[a-zA-Z0-9-]{3,20}", "registries' agent pools: 3 to 20")
    },
    "azure-native:containerregistry:TaskRun": {
        "runRequest.timeout": between(300, 28800, "az acr build: 8 hours at most"),
        "runRequest.type": one_of(("DockerBuildRequest",), "what our builds are"),
        "runRequest.imageNames[]": pattern(
            r"[a-z0-9]+([._/-][a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
            "https://distribution.github.io/distribution/spec/api/",
        ),
    },
    "azure-native:containerregistry:Task": {
        "taskName": pattern(r"[a-zA-Z0-9-_]{5,50}", "registry tasks: 5 to 50 characters")
    },
    "azure-native:keyvault:Secret": {
        "vaultName": _VAULT,
        "secretName": pattern(r"[a-zA-Z0-9-]{1,127}", _PAGE),
    },
    "azure-native:managedidentity:FederatedIdentityCredential": {},
    "azure-native:authorization:ManagementLockByScope": {},
    "azure-native:operationalinsights:Table": {},
    "azure-native:storage:Table": {
        "accountName": _ACCOUNT,
        "tableName": pattern(r"[a-zA-Z][a-zA-Z0-9]{2,62}", _PAGE),
    },
    "azure-native:storage:TableServiceProperties": {"accountName": _ACCOUNT},
    "azure-native:resources:ResourceGroup": {},
    "azure-native:consumption:Budget": {
        "amount": between(0.01, 1e12, "Budget.amount"),
        "scope": _RESOURCE_ID,
    },
    **{
        f"{ML}{name}": {}
        for name in ("BatchDeployment", "BatchEndpoint", "Datastore", "Job", "WorkspaceConnection")
    },
}
"""Rules by token and input. A token that stands neither here nor in `MODELS` is unknown."""
