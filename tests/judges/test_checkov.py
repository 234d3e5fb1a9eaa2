"""Checkov judges what plans register, and the requests of custom resources: all fourteen kinds.

It has 13 rules on SageMaker and many on its neighbours (`shared/reference/security.md` 2), none on
jobs and pipeline steps. Who judges what it has no rule for stands in `without_rule.py`.
"""

from collections.abc import Mapping

import pytest

from mlops_iac.specs import KINDS
from mlops_iac.testing import Registration
from tests.judges import checkov, terraform, waivers, without_rule
from tests.judges.checkov import Report
from tests.judges.dialects import REQUESTS
from tests.judges.steps import requests, steps
from tests.judges.waivers import Failed, Waiver, left_over
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import SCENARIOS, write_files

pytestmark = pytest.mark.system

CAREFUL = {"full-prod-customer-key": 120, "complete-prod": 220, "complete-regulated": 255}
"""So many checks passed at least, or the translation lost what they judge."""
_CARELESS = "minimal"

Plans = Mapping[str, tuple[Registration, ...]]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    folder = write_files(tmp_path_factory.mktemp("declared"))
    chosen = {name: SCENARIOS[name] for name in (*CAREFUL, _CARELESS)}
    return {
        name: record(folder, *scenario.components(), **scenario.platform).resources
        for name, scenario in chosen.items()
    }


@pytest.fixture(scope="module")
def reports(plans: Plans, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    return checkov.judge(plans, tmp_path_factory.mktemp("judged"))


def test_nothing_fails_on_aws_that_is_not_waived(reports: Mapping[str, Report]) -> None:
    failed = [item for name in CAREFUL for item in reports[name].failed]

    assert left_over(failed, waivers.CHECKOV["aws"]) == ([], [])
    assert {name for name, least in CAREFUL.items() if reports[name].passed < least} == set()


def test_it_finds_what_is_careless(reports: Mapping[str, Report]) -> None:
    """In `dev` the keys are AWS's own and logs are short: the judge must say so."""
    assert {"CKV_AWS_98", "CKV_AWS_158"} <= {item.rule for item in reports[_CARELESS].failed}


@pytest.mark.parametrize("name", ["complete-prod", "complete-regulated"])
def test_the_complete_declarations_have_every_kind(plans: Plans, name: str) -> None:
    registered = {r.type.split(":")[-1] for r in plans[name] if ":index:" in r.type}

    assert registered == set(KINDS)


def test_each_type_and_call_is_judged_by_checkov_or_by_whom_the_table_says(plans: Plans) -> None:
    resources = [resource for name in CAREFUL for resource in plans[name]]
    types = {terraform.terraform_type(r.type) for r in resources if r.type.startswith("aws")}
    calls = {call.operation for r in resources for call in (*requests(r), *steps(r))}
    ruled = checkov.ruled_types()

    assert types - ruled == set(without_rule.TYPES)
    assert calls - set(REQUESTS) == set(without_rule.REQUESTS)
    assert set(REQUESTS.values()) <= ruled


def test_a_waiver_covers_its_rule_and_resource_only() -> None:
    row = Waiver(rule="R1", resource="a.*", reason="because")
    covered, other = Failed("R1", "a.b"), Failed("R1", "b.a")

    assert left_over([covered, other], [row]) == ([other], [])
    assert left_over([other], [row]) == ([other], [row])
