"""Checkov judges what plans register on Google Cloud: all fourteen kinds.

It has rules on two of the Vertex AI types that are made, and many on their neighbours
(`shared/reference/security.md` 2). Who judges what it has no rule for stands in `without_rule.py`.
"""

from collections.abc import Mapping

import pytest

from mlops_iac.specs import KINDS
from mlops_iac.testing import Registration
from tests.judges import checkov, terraform, waivers, without_rule
from tests.judges.checkov import Report
from tests.judges.steps import requests
from tests.judges.waivers import left_over
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files

pytestmark = pytest.mark.system

CAREFUL = {"complete-prod": 105, "complete-regulated": 140}
"""So many checks passed at least, or the translation lost what they judge."""
_CARELESS = "smallest"

Plans = Mapping[str, tuple[Registration, ...]]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    folder = write_files(tmp_path_factory.mktemp("declared"))
    chosen = {name: SCENARIOS[name] for name in (*CAREFUL, _CARELESS)}
    return {
        name: recorded(folder, *scenario.components, **scenario.platform).resources
        for name, scenario in chosen.items()
    }


@pytest.fixture(scope="module")
def reports(plans: Plans, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    return checkov.judge(plans, tmp_path_factory.mktemp("judged"))


def test_nothing_fails_on_google_cloud_that_is_not_waived(reports: Mapping[str, Report]) -> None:
    failed = [item for name in CAREFUL for item in reports[name].failed]

    assert left_over(failed, waivers.CHECKOV["gcp"]) == ([], [])
    assert {name for name, least in CAREFUL.items() if reports[name].passed < least} == set()


def test_it_finds_what_is_careless(reports: Mapping[str, Report]) -> None:
    """In `dev` the keys are Google's own and nobody logs access: the judge must say so."""
    found = {item.rule for item in reports[_CARELESS].failed}

    assert {"CKV2_GCP_24", "CKV2_GCP_26", "CKV_GCP_62", "CKV_GCP_84"} <= found


@pytest.mark.parametrize("name", CAREFUL)
def test_the_complete_declarations_have_every_kind(plans: Plans, name: str) -> None:
    registered = {r.type.split(":")[-1] for r in plans[name] if ":index:" in r.type}

    assert registered == set(KINDS)


def test_each_type_and_call_is_judged_by_checkov_or_by_whom_the_table_says(plans: Plans) -> None:
    resources = [resource for name in CAREFUL for resource in plans[name]]
    types = {terraform.terraform_type(r.type) for r in resources if r.type.startswith("gcp")}
    calls = {call.operation for r in resources for call in requests(r)}

    assert types - checkov.ruled_types() == set(without_rule.GOOGLE_TYPES)
    assert calls == set(without_rule.GOOGLE_REQUESTS)
