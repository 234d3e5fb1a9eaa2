"""Logs and metrics: Log Analytics, Application Insights, diagnostic settings."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import applicationinsights, monitor, operationalinsights

from mlops_iac_azure import names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import Site


@dataclass(frozen=True, kw_only=True)
class Logs:
    """Where logs go."""

    analytics_id: pulumi.Output[str]
    customer_id: pulumi.Output[str]
    """The GUID that queries name Log Analytics by."""
    insights_id: pulumi.Output[str]


def build_logs(site: Site) -> Logs:
    """Register Log Analytics and, on it, Application Insights."""
    name = site.name(names.LOG_ANALYTICS)
    analytics = operationalinsights.Workspace(
        site.logical("logs"),
        resource_group_name=site.group,
        workspace_name=name,
        location=site.location,
        sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
        retention_in_days=site.posture.log_days,
        features=operationalinsights.WorkspaceFeaturesArgs(
            disable_local_auth=site.spec.profile.protects_data,
            enable_log_access_using_only_resource_permissions=True,
        ),
        tags=site.tags,
        opts=site.kept("profile"),
    )
    analytics_id = known(site.id("Microsoft.OperationalInsights/workspaces", name), analytics)
    component_name = site.name(names.INSIGHTS)
    component = applicationinsights.Component(
        site.logical("insights"),
        resource_group_name=site.group,
        resource_name_=component_name,
        location=site.location,
        kind="web",
        application_type="web",
        ingestion_mode="LogAnalytics",
        workspace_resource_id=analytics_id,
        tags=site.tags,
        opts=site.opts("profile"),
    )
    insights_id = known(site.id("Microsoft.Insights/components", component_name), component)
    return Logs(
        analytics_id=analytics_id, customer_id=analytics.customer_id, insights_id=insights_id
    )


def send_logs(
    name: str,
    uri: pulumi.Input[str],
    analytics_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    metrics: bool = True,
) -> monitor.DiagnosticSetting:
    """Register that all logs and metrics of the resource at `uri` go to Log Analytics."""
    return monitor.DiagnosticSetting(
        name,
        name="mlops-iac",
        resource_uri=uri,
        workspace_id=analytics_id,
        logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
        metrics=[monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)]
        if metrics
        else None,
        opts=opts,
    )
