"""Plans of every kind, in careful profiles, under Microsoft's built-in policies for Azure ML.

Limit: a policy is evaluated here, on what a plan registers; Azure's own engine is not run. What a
policy looks at in the data plane is listed with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.judges import arm, waivers
from tests.judges.azure_policy import RESOURCE_MODES, Policy, Resource, broken, policies
from tests.judges.waivers import AZURE_POLICIES_APART, Failed, left_over
from tests.providers.azure.harness import record
from tests.providers.azure.scenarios import SCENARIOS

CAREFUL = ("complete-prod", "complete-regulated")
_JUDGED = [policy for policy in policies() if policy.mode in RESOURCE_MODES]
_LOGS = "Microsoft.OperationalInsights/workspaces"
_COMPUTE = f"{arm.WORKSPACE}/computes"
_NOTEBOOK = {"computeType": "ComputeInstance", "osImageMetadata": {"isLatestOsImageVersion": False}}
_ENDPOINT: Mapping[str, Any] = {
    "type": "Microsoft.Network/privateEndpoints",
    "properties": {"privateLinkServiceConnections": [{"groupIds": ["amlworkspace"]}]},
}
PLANTED: Mapping[str, Mapping[str, Any]] = {
    "ComputeInstanceUpdates_Audit": {"type": _COMPUTE, "properties": _NOTEBOOK},
    "DisableLocalAuth_Audit": {"type": _COMPUTE, "properties": {"computeType": "AmlCompute"}},
    "DisableLocalAuth_Modify": {"type": _COMPUTE, "properties": {"computeType": "AmlCompute"}},
    "IdleShutdown_Audit": {"type": _COMPUTE, "properties": _NOTEBOOK},
    "Vnet_Audit": {"type": _COMPUTE, "properties": {"computeType": "AmlCompute"}},
    "Workspace_PrivateDnsZones_DINE": _ENDPOINT,
}
"""What somebody might have written; a bare workspace for policies that are not here."""


def test_nothing_breaks_a_policy_that_is_not_waived(tmp_path: Path) -> None:
    plans = [arm.resources(record(SCENARIOS[name].plan(tmp_path)).records) for name in CAREFUL]

    failed = [
        Failed(policy.name, f"{found['type']}.{found['name']}", policy.title)
        for planned in plans
        for policy in _JUDGED
        for found in broken(_assigned(policy, planned), planned)
    ]

    assert left_over(failed, waivers.AZURE_POLICY["azure"]) == ([], [])


@pytest.mark.parametrize("policy", _JUDGED, ids=lambda policy: policy.name)
def test_each_policy_finds_what_is_careless(policy: Policy) -> None:
    bare = {"type": arm.WORKSPACE, "id": "/w", "name": "w", "properties": {}}
    careless = {"id": "/w", "name": "w", **PLANTED.get(policy.name, bare)}

    assert list(broken(_assigned(policy, [careless]), [careless])) == [careless]


def test_each_policy_is_judged_or_listed_with_a_reason() -> None:
    """All 26 that Microsoft has for Machine Learning; this test fails when a file is forgotten."""
    apart = {policy.name for policy in policies()} - {policy.name for policy in _JUDGED}

    assert len(policies()) == 26
    assert apart == set(AZURE_POLICIES_APART)


def _assigned(policy: Policy, resources: Sequence[Resource]) -> Policy:
    """Return a policy as a careful organisation assigns it."""
    logs = next((each["id"] for each in resources if each["type"] == _LOGS), "/logs")
    wished = {
        "isolationMode": "AllowOnlyApprovedOutbound",
        "logAnalytics": logs,
        "profileName": "mlops-iac",
    }
    known = {name: wished.get(name, value) for name, value in policy.parameters.items()}
    return replace(policy, parameters=known)
