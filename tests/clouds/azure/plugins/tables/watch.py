"""Logs, metrics, alerts, budgets.

Names of Application Insights: `x-ms-client-name` in Microsoft.Insights/2020-02-02.
"""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import PROVIDERS, Row

_INSIGHTS = f"{PROVIDERS}/Microsoft.Insights"
_LOGS = f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/{{workspaceName}}"

WATCH: Mapping[str, Row] = {
    "azure-native:operationalinsights:Workspace": Row(
        path=_LOGS, inside="sku", immutable="location"
    ),
    "azure-native:operationalinsights:Table": Row(path=f"{_LOGS}/tables/{{tableName}}"),
    "azure-native:applicationinsights:Component": Row(
        path=f"{_INSIGHTS}/components/{{resourceName}}",
        immutable="location",
        names={
            "applicationType": "Application_Type",
            "disableIpMasking": "DisableIpMasking",
            "disableLocalAuth": "DisableLocalAuth",
            "flowType": "Flow_Type",
            "forceCustomerStorageForProfiler": "ForceCustomerStorageForProfiler",
            "hockeyAppId": "HockeyAppId",
            "immediatePurgeDataOn30Days": "ImmediatePurgeDataOn30Days",
            "ingestionMode": "IngestionMode",
            "requestSource": "Request_Source",
            "retentionInDays": "RetentionInDays",
            "samplingPercentage": "SamplingPercentage",
            "workspaceResourceId": "WorkspaceResourceId",
        },
    ),
    "azure-native:monitor:AutoscaleSetting": Row(
        path=f"{_INSIGHTS}/autoscaleSettings/{{autoscaleSettingName}}",
        inside="name",
        immutable="location",
    ),
    "azure-native:monitor:DiagnosticSetting": Row(
        path="/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    ),
    "azure-native:monitor:ActionGroup": Row(
        path=f"{_INSIGHTS}/actionGroups/{{actionGroupName}}", immutable="location"
    ),
    "azure-native:monitor:MetricAlert": Row(
        path=f"{_INSIGHTS}/metricAlerts/{{ruleName}}", immutable="location"
    ),
    "azure-native:monitor:ScheduledQueryRule": Row(
        path=f"{_INSIGHTS}/scheduledQueryRules/{{ruleName}}", immutable="location"
    ),
    "azure-native:consumption:Budget": Row(
        path="/{scope}/providers/Microsoft.Consumption/budgets/{budgetName}"
    ),
}
