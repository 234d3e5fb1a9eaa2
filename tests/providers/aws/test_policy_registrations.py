"""What a retraining policy registers on `aws`: what wakes it, what it may do, what it follows.

Limit: recorded under the mock monitor; that EventBridge delivers is AWS's own business.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.specs import ModelMonitor, Pipeline, RetrainingPolicy, Spec
from tests.contract.scenario import check_document
from tests.providers.aws.harness import Recorded, problems, record
from tests.providers.aws.scenarios import KEY, NETWORK, RUNTIME, delay, flights, late, score
from tests.providers.aws.scenarios import write_files as written

GATE = {"metric": "roc_auc", "data": "flights", "label": "late"}


def renewed(approval: str = "manual", **fields: Any) -> tuple[Spec, ...]:
    watched: dict[str, Any] = {"endpoint": "score", "signals": ("data_drift", "data_quality")}
    steps: dict[str, Any] = {"steps": ["delay"], "gates": [GATE]}
    followed: dict[str, Any] = {"monitor": "watch", "pipeline": "again", **fields}
    return (
        flights(),
        late(approval=approval),
        delay(),
        score(capture={"percent": 100}),
        ModelMonitor("watch", **watched),
        Pipeline("again", **steps),
        RetrainingPolicy("renew", **followed),
    )


def recorded(folder: Path, **fields: Any) -> Recorded:
    platform = fields.pop("platform", {})
    return record(written(folder), *renewed(**fields), runtime_image=RUNTIME, **platform)


def statements(found: Recorded, name: str) -> dict[str, dict[str, Any]]:
    document = json.loads(found.one(name).inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


@pytest.mark.parametrize(
    "platform",
    [{}, {"profile": "prod", "encryption": {"rotation_days": 90}, "network": NETWORK},
     {"encryption": {"key": KEY}}],
    ids=["dev", "prod", "existing-key"],
)  # fmt: skip
def test_what_a_policy_registers_is_what_the_models_take(
    tmp_path: Path, platform: dict[str, Any]
) -> None:
    found = recorded(tmp_path, promotion="automatic", budget="2h", platform=platform)
    own = [r.document() for r in found.resources if r.name.startswith("renew-")]

    assert [str(finding) for finding in check_document("aws", own)] == []


def test_events_start_this_policys_pipeline_and_nothing_else(tmp_path: Path) -> None:
    found = recorded(tmp_path)
    allowed = statements(found, "renew-starter-policy")["StartPipelines"]

    arn = found.one("renew-alarm-target").inputs["arn"]
    assert allowed["Resource"] == [arn]
    assert allowed["Action"] == ["sagemaker:StartPipelineExecution"]
    targets = [r for r in found.of_type("aws:cloudwatch/eventTarget:EventTarget")
               if r.name.startswith("renew-")]  # fmt: skip
    assert {target.inputs["arn"] for target in targets} == {arn}
    assert len(targets) == 4
    assert found.one("renew-schedule").inputs["scheduleExpression"] == "rate(1 hour)"


def test_an_alarm_of_the_monitor_or_the_endpoint_wakes_it(tmp_path: Path) -> None:
    found = recorded(tmp_path)
    pattern = json.loads(found.one("renew-alarm-rule").inputs["eventPattern"])

    assert pattern["detail"]["alarmName"] == [
        found.one("watch-alarm").inputs["name"],
        found.one("renew-endpoint-alarm").inputs["name"],
    ]


def test_only_a_policy_that_promotes_by_itself_may_approve(tmp_path: Path) -> None:
    by_itself = statements(recorded(tmp_path, promotion="automatic"), "platform-pipeline-policy")
    by_people = statements(recorded(tmp_path), "platform-pipeline-policy")

    approving = by_itself["ApproveForPolicy"]
    assert approving["Condition"] == {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}
    assert "ApproveForPolicy" not in by_people
    assert by_people["KeepMemory"]["Resource"][0].endswith("/policies/renew/*")


def test_the_executor_follows_what_was_declared(tmp_path: Path) -> None:
    found = recorded(tmp_path, on=("data_drift",), confirm=2, cooldown="2h", watch="5m")
    document = json.loads(found.one("renew-rules").inputs["content"])

    assert document["rules"]["on"] == ["data_drift"]
    assert (document["rules"]["confirm"], document["rules"]["cooldown_s"]) == (2, 7200.0)
    assert document["definition"] == "definitions/again.json"
    schedule = found.one("watch-data-schedule").inputs["name"]
    assert document["reports"] == [f"monitors/watch/{document['endpoint_name']}/{schedule}/"]


def test_an_approval_that_nobody_is_asked_for_is_refused(tmp_path: Path) -> None:
    found = problems(written(tmp_path), *renewed(approval="automatic"), runtime_image=RUNTIME)

    assert [problem.code for problem in found] == ["retraining.approval"]
