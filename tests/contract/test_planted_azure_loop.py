"""A fault planted into what a feature group, a monitor and a policy register is caught.

Proves that the contract tests would see the adapter's slip in roles, tables, alerts, schedules,
subscriptions and workflows. The samples are our own registrations, whole.
"""

from typing import Any

import pytest
from mlops_iac_azure.events import workflow

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.scenario import check_document
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule
from tests.providers.azure.loop.declared import whole

_CONDITION = "criteria.allOf[0]"
_FILTER = "filter.advancedFilters[0]"
_ACTIONS = "definition.actions"
_START = f"{_ACTIONS}.asked.else.actions.start"
_ANSWER = f"{_ACTIONS}.asked.actions.answer"
_JOBS = "https://management.azure.com/subscriptions/s/jobs"

FAULTS: list[tuple[str, str, object, Rule]] = [
    # resource, path, planted value, rule
    ("weather-online", "tableName", "shop-weather", Rule.PATTERN),
    ("weather-online", "accountName", REMOVED, Rule.REQUIRED),
    ("weather-online", "name", "t", Rule.UNKNOWN),
    ("weather-history", "properties.dataType", "folder", Rule.ENUM),
    ("weather-history", "properties.dataType", REMOVED, Rule.REQUIRED),
    ("weather-history", "properties.columns", {}, Rule.UNKNOWN),
    ("weather-history", "name", "-weather", Rule.PATTERN),
    ("weather-writer", "condition", "path StringStartsWith 'features/'", Rule.PATTERN),
    ("weather-writer", "conditionVersion", "1.0", Rule.ENUM),
    ("weather-writer", "principalType", "ManagedIdentity", Rule.ENUM),
    ("weather-table-writer", "roleDefinitionId", "Storage Table Contributor", Rule.PATTERN),
    ("weather-filling-role", "permissions[0].actions[0]", "*", Rule.PATTERN),
    ("watch-telling-role", "permissions[0].dataActions[0]", "Microsoft.Insights/*", Rule.PATTERN),
    ("watch-telling-role", "permissions[0].dataAction", [], Rule.UNKNOWN),
    ("watch-alert", "severity", 5, Rule.MAX),
    ("watch-alert", "evaluationFrequency", "PT2M", Rule.ENUM),
    ("watch-alert", "windowSize", "5m", Rule.ENUM),
    ("watch-alert", "scopes", REMOVED, Rule.REQUIRED),
    ("watch-alert", f"{_CONDITION}.operator", ">", Rule.ENUM),
    ("watch-alert", f"{_CONDITION}.timeAggregation", "Max", Rule.ENUM),
    ("watch-alert", f"{_CONDITION}.metricName", REMOVED, Rule.REQUIRED),
    ("watch-alert", f"{_CONDITION}.threshold", "0.5", Rule.TYPE),
    ("watch-alert", f"{_CONDITION}.dimensions[0].operator", REMOVED, Rule.REQUIRED),
    ("watch-people", "groupShortName", "monitor-watch", Rule.PATTERN),
    ("watch-people", "enabled", "yes", Rule.TYPE),
    ("platform-events", "resourceGroupName", REMOVED, Rule.REQUIRED),
    ("platform-events", "source", "flights", Rule.PATTERN),
    ("renew-alarm", f"{_FILTER}.key", "runTags.alarm", Rule.PATTERN),
    ("renew-alarm", f"{_FILTER}.values", "yes", Rule.TYPE),
    ("renew-alarm", f"{_FILTER}.operatorType", "Equals", Rule.DISCRIMINATOR),
    ("renew-alarm", "filter.includedEventTypes[0]", "RunCompleted", Rule.PATTERN),
    ("renew-alarm", "retryPolicy.maxDeliveryAttempts", 31, Rule.MAX),
    ("renew-alarm", "retryPolicy.eventTimeToLiveInMinutes", 0, Rule.MIN),
    ("renew-alarm", "destination.maxEventsPerBatch", 0, Rule.MIN),
    ("renew-alarm", "eventDeliverySchema", "EventGrid", Rule.ENUM),
    ("renew-alarm", "systemTopicName", REMOVED, Rule.REQUIRED),
    ("renew-ended", "eventSubscriptionName", "renew_ended", Rule.PATTERN),
    ("renew-workflow", "state", "Running", Rule.ENUM),
    ("renew-workflow", "identity.type", "User", Rule.ENUM),
    ("renew-workflow", "workflowName", "renew workflow", Rule.PATTERN),
    ("renew-workflow", "definition.triggers", REMOVED, Rule.REQUIRED),
    ("renew-workflow", "definition.steps", {}, Rule.UNKNOWN),
    ("renew-workflow", "definition.triggers.event.type", "Webhook", Rule.ENUM),
    ("renew-workflow", f"{_START}.inputs.uri", REMOVED, Rule.REQUIRED),
    ("renew-workflow", f"{_START}.inputs.uri", "https://a/@{concat('a'}", Rule.FORMAT),
    ("renew-workflow", f"{_START}.inputs.authentication.type", "Basic", Rule.ENUM),
    ("renew-workflow", f"{_ANSWER}.inputs.statusCode", REMOVED, Rule.REQUIRED),
    ("renew-workflow", f"{_ACTIONS}.asked.type", "Condition", Rule.ENUM),
    ("renew-workflow", f"{_ACTIONS}.asked.runAfter", {"none": ["Succeeded"]}, Rule.UNKNOWN),
]

_FOUND_AT = {
    f"{_START}.inputs.uri": f"{_START}.inputs",
    f"{_ACTIONS}.asked.runAfter": f"{_ACTIONS}.asked.runAfter.none",
}
"""Where a fault is told that shows at another place."""

SCHEDULES: list[tuple[str, object, Rule]] = [
    ("properties.trigger.triggerType", "Period", Rule.DISCRIMINATOR),
    ("properties.trigger.frequency", "Minutes", Rule.ENUM),
    ("properties.trigger.interval", REMOVED, Rule.REQUIRED),
    ("properties.action.actionType", "Run", Rule.DISCRIMINATOR),
    ("properties.action.jobDefinition", REMOVED, Rule.REQUIRED),
    ("properties.enabled", True, Rule.UNKNOWN),
]


def _inputs(name: str) -> tuple[str, dict[str, Any]]:
    (one,) = [record for record in whole().records if record.name == name]
    inputs = one.document()["inputs"]
    if name == "renew-workflow":
        inputs = {**inputs, "definition": workflow(_JOBS, "renew", {"jobType": "Pipeline"}, "i")}
    return one.type, inputs


def test_what_features_monitors_and_policies_register_has_no_finding() -> None:
    own = [r.document() for r in whole().records if r.custom]

    assert [str(finding) for finding in check_document("azure", own)] == []
    assert checks.azure(*_inputs("renew-workflow")) == []


@pytest.mark.parametrize(("name", "path", "value", "rule"), FAULTS)
def test_a_planted_fault_is_caught(name: str, path: str, value: object, rule: Rule) -> None:
    token, inputs = _inputs(name)

    findings = checks.azure(token, planted(inputs, path, value))

    place = path if value is REMOVED else _FOUND_AT.get(path, path)
    assert_found(findings, place, rule)


@pytest.mark.parametrize(("path", "value", "rule"), SCHEDULES)
@pytest.mark.parametrize("name", ["watch-schedule", "renew-schedule"])
def test_a_fault_planted_into_a_schedule_is_caught(
    name: str, path: str, value: object, rule: Rule
) -> None:
    _, inputs = _inputs(name)
    (request,) = inputs["requests"]

    changed = planted(request["body"], path, value)
    findings = checks.request(request["api"], request["operation"], changed, request["params"])

    assert_found(findings, path, rule)
