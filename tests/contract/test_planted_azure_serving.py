"""A fault planted into what a model and an endpoint on Azure register, or send, is caught.

Proves that the contract tests would see the adapter's slip in the frame, in deployments, traffic,
autoscale settings, assets and container apps. The samples are our own registrations, whole.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule
from tests.providers.azure.harness import Recording, record
from tests.providers.azure.scenarios import SCENARIOS

_PROPERTIES = "properties"
_COLLECTION = "properties.dataCollector.collections.request"
_TRIGGER = "profiles[0].rules[0].metricTrigger"
_ONLINE, _SHADOW, _APP = "pinned-canary-key", "pinned-shadow", "serverless"
_ML = "Microsoft.MachineLearningServices/workspaces"

REGISTERED: list[tuple[str, str, str, object, Rule]] = [
    # scenario, resource, path, planted value, rule
    (_ONLINE, "score-endpoint", "endpointName", "1-score", Rule.PATTERN),
    (_ONLINE, "score-endpoint", "properties.authMode", "key", Rule.ENUM),
    (_ONLINE, "score-endpoint", "properties.authMode", REMOVED, Rule.REQUIRED),
    (_ONLINE, "score-endpoint", "properties.publicNetworkAccess", "On", Rule.ENUM),
    (_ONLINE, "score-endpoint", "properties.access", "Enabled", Rule.UNKNOWN),
    (_ONLINE, "score-endpoint", "location", "West Europe", Rule.PATTERN),
    (_ONLINE, "score-serving-environment", "name", "-score", Rule.PATTERN),
    (_ONLINE, "late-model", "name", "late model", Rule.PATTERN),
    (_ONLINE, "late-model", "properties.stage", "Approved", Rule.UNKNOWN),
    (_ONLINE, "score-logs", "resourceUri", "score", Rule.PATTERN),
    (_APP, "score-apps", "appLogsConfiguration.target", "logs", Rule.UNKNOWN),
    (_APP, "score-apps", "workloadProfiles[0].workloadProfileType", REMOVED, Rule.REQUIRED),
    (_APP, "score-apps", "environmentName", "-score", Rule.PATTERN),
    (_APP, "score-token-reader", "roleDefinitionId", "Key Vault Secrets User", Rule.PATTERN),
    (_APP, "score-deployer-role", "permissions[0].actions[0]", "Microsoft.App/*", Rule.PATTERN),
]

SENT: list[tuple[str, str, str, object, Rule]] = [
    # scenario, what the request is about, path in its body, planted value, rule
    (_ONLINE, f"{_ML}/onlineEndpoints/deployments", "properties.instanceType", 4, Rule.TYPE),
    (_ONLINE, f"{_ML}/onlineEndpoints/deployments", "sku.capacity", 0, Rule.MIN),
    (_ONLINE, f"{_ML}/onlineEndpoints/deployments", "location", REMOVED, Rule.REQUIRED),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        "properties.endpointComputeType",
        "Own",
        Rule.DISCRIMINATOR,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        "properties.requestSettings.requestTimeout",
        "30s",
        Rule.PATTERN,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        "properties.egressPublicNetworkAccess",
        "No",
        Rule.ENUM,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        f"{_COLLECTION}.dataCollectionMode",
        "On",
        Rule.ENUM,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        f"{_COLLECTION}.percent",
        25,
        Rule.UNKNOWN,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        "properties.dataCollector.rollingRate",
        "PT1H",
        Rule.ENUM,
    ),
    (
        _ONLINE,
        f"{_ML}/onlineEndpoints/deployments",
        "properties.readinessProbe.retries",
        3,
        Rule.UNKNOWN,
    ),
    (_ONLINE, f"{_ML}/onlineEndpoints", "properties.authMode", "aad_token", Rule.ENUM),
    (_SHADOW, f"{_ML}/onlineEndpoints", "properties.mirrorTraffic", {"c4": 60}, Rule.MAX),
    (_SHADOW, f"{_ML}/onlineEndpoints", "properties.traffic", {"m3": 101}, Rule.MAX),
    (_ONLINE, f"{_ML}/environments/versions", "properties.osType", "linux", Rule.ENUM),
    (_ONLINE, f"{_ML}/environments/versions", "properties.command", [], Rule.UNKNOWN),
    (
        _ONLINE,
        f"{_ML}/environments/versions",
        "properties.inferenceConfig.scoringRoute.path",
        REMOVED,
        Rule.REQUIRED,
    ),
    (_ONLINE, f"{_ML}/data/versions", "properties.dataType", "folder", Rule.DISCRIMINATOR),
    (_ONLINE, f"{_ML}/data/versions", "properties.dataUri", REMOVED, Rule.REQUIRED),
    (_ONLINE, "Microsoft.Insights/autoscaleSettings", f"{_TRIGGER}.operator", ">", Rule.ENUM),
    (_ONLINE, "Microsoft.Insights/autoscaleSettings", f"{_TRIGGER}.timeGrain", REMOVED,
     Rule.REQUIRED),
    (_ONLINE, "Microsoft.Insights/autoscaleSettings", "profiles[0].capacity", 3, Rule.TYPE),
    (_ONLINE, "Microsoft.Insights/autoscaleSettings",
     f"{_TRIGGER}.dimensions[0].DimensionName", REMOVED, Rule.REQUIRED),
    (_APP, "Microsoft.App/containerApps", "configuration.activeRevisionsMode", "All", Rule.ENUM),
    (_APP, "Microsoft.App/containerApps", "configuration.ingress.port", 80, Rule.UNKNOWN),
    (_APP, "Microsoft.App/containerApps", "template.containers[0].cpu", 1, Rule.UNKNOWN),
    (_APP, "Microsoft.App/containerApps", "template.containers[0].probes[0].type", "Health",
     Rule.ENUM),
    (_APP, "Microsoft.App/containerApps", "template.scale.minReplicas", "0", Rule.TYPE),
]  # fmt: skip

_AT = {
    "properties.mirrorTraffic": "properties.mirrorTraffic.c4",
    "properties.traffic": "properties.traffic.m3",
    f"{_TRIGGER}.dimensions[0].DimensionName": f"{_TRIGGER}.dimensions[0].dimensionName",
}
"""Where a fault is told that shows at another place."""


@cache
def _recorded(scenario: str) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        return record(SCENARIOS[scenario].plan(Path(folder)))


@pytest.mark.parametrize(("scenario", "name", "path", "value", "rule"), REGISTERED)
def test_a_planted_fault_is_caught(
    scenario: str, name: str, path: str, value: object, rule: Rule
) -> None:
    (one,) = [record for record in _recorded(scenario).records if record.name == name]

    findings = checks.azure(one.type, planted(one.document()["inputs"], path, value))

    assert_found(findings, path, rule)


@pytest.mark.parametrize(("scenario", "kind", "path", "value", "rule"), SENT)
def test_a_fault_planted_into_a_request_is_caught(
    scenario: str, kind: str, path: str, value: object, rule: Rule
) -> None:
    inputs = _recorded(scenario).one("ModelDeployment").document()["inputs"]
    request: dict[str, Any] = next(
        one for one in inputs["requests"] if one["operation"] == f"PUT {kind}"
    )
    is_lifted = not kind.startswith(_ML)
    spot = f"{_PROPERTIES}.{path}" if is_lifted else path

    changed = planted(request["body"], spot, value)
    findings = checks.request(request["api"], request["operation"], changed, request["params"])

    assert_found(findings, _AT.get(path, path), rule)
