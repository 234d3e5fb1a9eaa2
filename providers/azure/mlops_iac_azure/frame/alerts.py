"""Alerts on our own metrics, and the action groups that people subscribe to."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import monitor

from mlops_iac.provider import BuildContext
from mlops_iac_azure import names
from mlops_iac_azure.frame.loop_rights import foundation
from mlops_iac_azure.monitors.telling import NAMESPACE

_SHORT_NAME = 12
"""Longest short name of an action group, which stands in messages."""
_WARNING = 2
_EVERY, _OF = "PT1M", "PT5M"
_CRITERIA = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"


def add_alert(
    context: BuildContext, metric: str, dimensions: Mapping[str, list[str]], description: str
) -> monitor.MetricAlert:
    """Register the one alert of a component, which any point above zero raises.

    Args:
        context: the component.
        metric: one of ours.
        dimensions: the points that are meant; `*` is any.
        description: of the alert, for who gets it.
    """
    base = foundation(context)
    criterion = monitor.MetricCriteriaArgs(
        criterion_type="StaticThresholdCriterion",
        name=metric,
        metric_namespace=NAMESPACE,
        metric_name=metric,
        # The metric is there with its first point.
        skip_metric_validation=True,
        operator="GreaterThan",
        threshold=0.5,
        time_aggregation="Maximum",
        dimensions=[
            monitor.MetricDimensionArgs(name=name, operator="Include", values=values)
            for name, values in dimensions.items()
        ],
    )
    return monitor.MetricAlert(
        context.name("alert"),
        resource_group_name=base.group,
        rule_name=context.physical_name(names.ALERT, context.component),
        # Alerts on metrics are of no region.
        location="global",
        description=description,
        enabled=True,
        severity=_WARNING,
        scopes=[base.workspace_id],
        evaluation_frequency=_EVERY,
        window_size=_OF,
        auto_mitigate=True,
        criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type=_CRITERIA, all_of=[criterion]
        ),
        actions=[monitor.MetricAlertActionArgs(action_group_id=_people(context).id)],
        tags=context.tags,
        opts=context.opts("name"),
    )


def _people(context: BuildContext) -> pulumi.CustomResource:
    """Register whom an alert tells: nobody, until somebody adds an address of his."""
    return monitor.ActionGroup(
        context.name("people"),
        resource_group_name=foundation(context).group,
        action_group_name=context.physical_name(names.ALERT, context.component, "people"),
        group_short_name=context.component[:_SHORT_NAME],
        location="global",
        enabled=True,
        tags=context.tags,
        # People add themselves beside us.
        opts=context.opts("name", ignore_changes=_RECEIVERS),
    )


_RECEIVERS = [
    "armRoleReceivers",
    "automationRunbookReceivers",
    "azureAppPushReceivers",
    "azureFunctionReceivers",
    "emailReceivers",
    "eventHubReceivers",
    "itsmReceivers",
    "logicAppReceivers",
    "smsReceivers",
    "voiceReceivers",
    "webhookReceivers",
]
