"""Every scenario of azure, judged by Azure ML's own REST models and the SDK's types.

Proves names, types, enums, required members, nesting and discriminators of resources and of the
requests that our own resources stand for. Rules across members are in the walkers' tables only as
far as somebody wrote them down.
"""

from pathlib import Path

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
