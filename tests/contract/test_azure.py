"""Every scenario of azure, judged by Azure ML's own REST models and the SDK's types.

Proves names, types, enums, required members, nesting and discriminators of resources and of the
requests that our own resources stand for. Rules across members are in the walkers' tables only as
far as somebody wrote them down.
"""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.contract.scenario import check_document
from tests.providers.azure.harness import record
from tests.providers.azure.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_has_no_finding(scenario: str, tmp_path: Path) -> None:
    """Zero: an untranslated argument would be one too."""
    recording = record(SCENARIOS[scenario].plan(tmp_path))

    findings = check_document("azure", recording.documents())

    assert [str(finding) for finding in findings] == []


def _wildcard(inputs: dict[str, Any]) -> None:
    inputs["permissions"][0]["actions"][0] = "Microsoft.MachineLearningServices/workspaces/*/read"


def _archive(inputs: dict[str, Any]) -> None:
    inputs["properties"]["archived"] = True


def _no_job_type(inputs: dict[str, Any]) -> None:
    del inputs["requests"][0]["body"]["properties"]["jobType"]


def _identity(inputs: dict[str, Any]) -> None:
    inputs["requests"][0]["body"]["properties"]["identity"]["identityType"] = "Pipeline"


def _auth_mode(inputs: dict[str, Any]) -> None:
    inputs["requests"][-1]["body"]["properties"]["authMode"] = "aad_token"


def _scale_operator(inputs: dict[str, Any]) -> None:
    profile = inputs["requests"][-2]["body"]["properties"]["profiles"][0]
    profile["rules"][0]["metricTrigger"]["operator"] = ">"


def _capacity(inputs: dict[str, Any]) -> None:
    inputs["requests"][-2]["body"]["properties"]["profiles"][0]["capacity"] = 3


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("platform-training-workspace-role", _wildcard),
        ("late-model", _archive),
        ("delay-run", _no_job_type),
        ("delay-run", _identity),
        ("score-deployment", _auth_mode),
        ("score-deployment", _scale_operator),
        ("score-deployment", _capacity),
    ],
)
def test_a_planted_fault_is_found(
    name: str, fault: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    """Each in one resource of a plan that is right otherwise."""
    documents = deepcopy(record(SCENARIOS["pinned-canary-key"].plan(tmp_path)).documents())
    (resource,) = [document for document in documents if document["name"] == name]

    fault(resource["inputs"])
    findings = check_document("azure", documents)

    assert findings
    assert all(finding.path.startswith(f"{name}: ") for finding in findings)
