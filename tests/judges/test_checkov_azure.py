"""Checkov judges what plans register on Azure, as ARM templates: all fourteen kinds.

It has six rules on Azure ML and many on its neighbours (`shared/reference/security.md` 2). What
Microsoft's own policies ask of Azure ML is judged by `test_azure_policy.py`.
"""

from collections.abc import Mapping

import pytest

from mlops_iac.specs import KINDS
from mlops_iac.testing import Registration
from tests.judges import arm, checkov, waivers, without_rule
from tests.judges.checkov import Report
from tests.judges.waivers import left_over
from tests.providers.azure.harness import record
from tests.providers.azure.scenarios import SCENARIOS

pytestmark = pytest.mark.system

CAREFUL = {"complete-prod": 24, "complete-regulated": 26}
"""So many checks passed at least, or the translation lost what they judge."""
_CARELESS = "minimal"

Plans = Mapping[str, tuple[Registration, ...]]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    folder = tmp_path_factory.mktemp("declared")
    return {name: record(SCENARIOS[name].plan(folder)).records for name in (*CAREFUL, _CARELESS)}


@pytest.fixture(scope="module")
def reports(plans: Plans, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    return checkov.judge_templates(plans, tmp_path_factory.mktemp("judged"))


def test_nothing_fails_on_azure_that_is_not_waived(reports: Mapping[str, Report]) -> None:
    failed = [item for name in CAREFUL for item in reports[name].failed]

    assert left_over(failed, waivers.CHECKOV["azure"]) == ([], [])
    assert {name for name, least in CAREFUL.items() if reports[name].passed < least} == set()


def test_it_finds_what_is_careless(reports: Mapping[str, Report]) -> None:
    """In `dev` stores can be reached from the internet: the judge must say so."""
    found = {item.rule for item in reports[_CARELESS].failed}

    assert {"CKV_AZURE_35", "CKV_AZURE_59", "CKV_AZURE_139", "CKV2_AZURE_49"} <= found


@pytest.mark.parametrize("name", CAREFUL)
def test_the_complete_declarations_have_every_kind(plans: Plans, name: str) -> None:
    registered = {r.type.split(":")[-1] for r in plans[name] if ":index:" in r.type}

    assert registered == set(KINDS)


def test_each_type_is_judged_by_checkov_or_by_whom_the_table_says(plans: Plans) -> None:
    made = [each for name in CAREFUL for each in arm.resources(plans[name])]

    unruled = {str(each["type"]) for each in made} - checkov.ruled_types("arm")
    assert unruled == set(without_rule.AZURE_TYPES)
