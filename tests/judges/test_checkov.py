"""Checkov judges what a plan registers, and the requests of custom resources, in profile `prod`.

It has 13 rules on SageMaker and many on its neighbours (`shared/reference/security.md` 2); what it
has none for is judged by Prowler and by our own tests.
"""

from pathlib import Path

import pytest

from tests.judges import checkov, waivers
from tests.judges.waivers import Failed, Waiver, left_over
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import SCENARIOS, write_files

pytestmark = pytest.mark.system

LEAST_PASSED = 90
"""So many checks passed at least, or the translation lost what they judge."""


def test_nothing_fails_on_aws_that_is_not_waived(tmp_path: Path) -> None:
    scenario = SCENARIOS["full-prod-customer-key"]
    recorded = record(write_files(tmp_path), *scenario.components(), **scenario.platform)

    passed, failed = checkov.judge(recorded.resources, tmp_path)

    assert left_over(failed, waivers.CHECKOV["aws"]) == ([], [])
    assert passed >= LEAST_PASSED


def test_it_finds_what_is_careless(tmp_path: Path) -> None:
    """In `dev` the keys are AWS's own and logs are short: the judge must say so."""
    scenario = SCENARIOS["minimal"]
    recorded = record(write_files(tmp_path), *scenario.components(), **scenario.platform)

    _, failed = checkov.judge(recorded.resources, tmp_path)

    assert {"CKV_AWS_98", "CKV_AWS_158"} <= {item.rule for item in failed}


def test_a_waiver_covers_its_rule_and_resource_only() -> None:
    row = Waiver(rule="R1", resource="a.*", reason="because")
    covered, other = Failed("R1", "a.b"), Failed("R1", "b.a")

    assert left_over([covered, other], [row]) == ([other], [])
    assert left_over([other], [row]) == ([other], [row])
