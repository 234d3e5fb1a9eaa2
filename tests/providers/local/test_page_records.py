"""Records of a stack on this machine: what the parts write is what the page reads.

Each part's own code writes here where it is quick; a real stack is read in `test_life.py`.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_local.files import make_folder, utc_now, write_json
from mlops_iac_local.jobs.runs import OUTPUT, RECORD, RESULT
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import policies
from mlops_iac_local.pipelines.document import NAME, PASSED, PipelineRecord, Progress, StepRecord
from mlops_iac_local.records import collect
from mlops_iac_local.records.exposition import read_exposition
from mlops_iac_local.search import document as search

from mlops_iac.errors import OperationError
from mlops_iac.page import render
from mlops_iac.provider import OperationScope
from mlops_iac.runtime.evaluate import Verdict
from mlops_iac.runtime.monitor.drift import judge_inputs
from mlops_iac.runtime.monitor.signals import no_verdict
from mlops_iac.runtime.policy import Checked, Rules, Tick
from mlops_iac.runtime.server.telemetry import Telemetry
from mlops_iac.specs import Platform
from mlops_iac.target import Target


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout.of(tmp_path, "dev")
    made.make()
    write_json(made.owner, {})
    return made


def scope(layout: Layout) -> OperationScope:
    return OperationScope(
        project="flights",
        stack="dev",
        project_dir=layout.root.parents[1],
        target=Target(name="local"),
        platform=Platform(target="local"),
        specs={},
        outputs={},
    )


def ended(layout: Layout, component: str, kind: str, **result: Any) -> Path:
    """Write a run that has ended; return the folder of its output."""
    folder = make_folder(layout.runs / f"{component}-key" / "1")
    record = {
        "component": component, "kind": kind, "run_id": f"{component}-1", "key": f"{component}-key",
        "started": utc_now(), "parent": None,
    }  # fmt: skip
    write_json(folder / RECORD, record)
    facts = {"state": "finished", "reason": None, "ended": utc_now(), "metrics": {}}
    write_json(folder / RESULT, {**facts, **result})
    return make_folder(folder / OUTPUT)


VERDICT = Verdict(
    data="holdout", metric="roc_auc", candidate=0.71, champion=0.66, threshold=0.6, margin=0.0,
    rows=100, passed=True, reason="roc_auc 0.71, threshold 0.6, champion 0.66",
)  # fmt: skip


def test_a_stack_that_is_not_there_is_refused_with_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"has no records here\n.*`mlops-iac up -s dev`"):
        collect(Layout.of(tmp_path, "dev"), scope(Layout.of(tmp_path, "dev")))


def test_a_stack_on_which_nothing_has_run_has_empty_records(layout: Layout) -> None:
    records = collect(layout, scope(layout))

    assert (records.runs, records.endpoints, records.policies) == ((), (), ())
    assert "Nothing has run yet" in render(records, folder=layout.root)


def test_steps_and_gates_of_a_pipeline_are_read(layout: Layout) -> None:
    output = ended(layout, "retrain", "Pipeline", model_version=2)
    steps = [StepRecord(name="a", kind="ProcessingJob", after=()),
             StepRecord(name="b", kind="TrainingJob", after=("a",))]  # fmt: skip
    progress = Progress(output / NAME, PipelineRecord(steps=steps, model="late"))
    progress.change_step("a", status="finished", seconds=1.5, adopted=True)
    progress.change(gates=[asdict(VERDICT)], outcome=PASSED, version=2)

    (found,) = collect(layout, scope(layout)).pipelines

    assert found.outcome == "passed"
    assert [(s.name, s.after, s.adopted) for s in found.steps] == [
        ("a", (), True),
        ("b", ("a",), False),
    ]
    assert (found.gates[0].name, found.gates[0].champion) == ("roc_auc on holdout", 0.66)


def test_a_killed_pipeline_is_not_told_as_running(layout: Layout) -> None:
    output = ended(layout, "retrain", "Pipeline", state="stopped", reason="its process was killed")
    Progress(output / NAME, PipelineRecord(steps=[]))

    assert collect(layout, scope(layout)).pipelines[0].outcome == "stopped"


def test_trials_of_a_search_are_read_failed_ones_with_their_reason(layout: Layout) -> None:
    output = ended(layout, "tune", "HyperparameterSearch")
    progress = search.Progress(
        output / search.NAME, search.SearchRecord(metric="auc", goal="maximize")
    )
    for number, value in enumerate((0.6, None, 0.7)):
        progress.add(
            search.TrialRecord(
                number=number, parameters={"depth": number}, value=value, seconds=1.0,
                state="failed" if value is None else "finished",
                reason="no memory" if value is None else None,
            )
        )  # fmt: skip

    (found,) = collect(layout, scope(layout)).searches

    assert found.best is not None
    assert (found.best.number, found.best.parameters) == (2, {"depth": 2})
    assert found.trials[1].reason == "no memory"


def test_signals_of_a_check_are_read_by_column(layout: Layout) -> None:
    side = {"edges": [0.0, 1.0, 2.0], "shares": [0.25, 0.75]}
    compared = {
        "temp": {"alarm": True, "value": 2.3, "kind": "number", "baseline": side, "current": side},
        "gone": {"alarm": True, "value": None, "kind": "category", "reason": "no values"},
    }
    findings = {
        "data_drift": judge_inputs(compared, {"columns": 0.5, "distance": 0.1}),
        "model_quality": no_verdict("too few labels", 0.6),
    }
    report = {"version": 1, "alarm": True, "reason": "alarm: data drift", "rows": 900,
              "new_rows": 1000, "model_version": "2",
              "signals": {name: one.document() for name, one in findings.items()}}  # fmt: skip
    write_json(ended(layout, "watch", "ModelMonitor") / "report.json", report)

    (check,) = collect(layout, scope(layout)).checks

    drift, quality = check.signals
    assert (drift.alarm, drift.value, drift.column_threshold) == (True, 1.0, 0.1)
    columns = {column.name: column for column in drift.columns}
    assert columns["temp"].baseline is not None
    assert columns["temp"].baseline.shares == (0.25, 0.75)
    assert (columns["gone"].value, columns["gone"].reason) == (None, "no values")
    assert (quality.alarm, quality.reason) == (None, "too few labels")
    assert "no values" in render(collect(layout, scope(layout)), folder=layout.root)


def test_runs_that_left_no_report_have_no_verdict(layout: Layout) -> None:
    for component, kind in (("watch", "ModelMonitor"), ("sound", "DataValidation"),
                            ("retrain", "Pipeline"), ("tune", "HyperparameterSearch")):  # fmt: skip
        ended(layout, component, kind, state="failed", reason=f"no memory for {component}")

    records = collect(layout, scope(layout))

    assert records.checks[0].alarm is None
    assert records.validations[0].passed is None
    assert records.pipelines[0].outcome == "failed"
    text = render(records, folder=layout.root)
    assert all(f"no memory for {run.component}" in text for run in records.runs)


def test_only_decisions_that_changed_something_are_told_of_a_policy(layout: Layout) -> None:
    rules = Rules(on=frozenset({"data_drift"}), promotion="automatic", max_runs=2, period_s=1000)
    make_folder(policies.folder(layout, "fresh"))
    policies.write_policy(
        layout,
        policies.Policy(name="fresh", monitor="watch", pipeline="retrain", endpoint="score",
                        model="late", rules=rules),
    )  # fmt: skip
    alarm = Checked(id="c1", at=10.0, alarm=True, signals=("data_drift",))
    for event in (alarm, alarm, Tick(id="t1", at=11.0)):
        policies.tell(layout, "fresh", event)

    (found,) = collect(layout, scope(layout)).policies

    assert found.phase == "retraining"
    assert [(event.event, event.actions[0]) for event in found.events] == [("Checked", "StartRun")]


def test_times_are_told_by_the_version_that_answered() -> None:
    telemetry = Telemetry()
    telemetry.show_model("late", "1", "aa")
    telemetry.latency.observe(0.0003)
    telemetry.show_model("late", "2", "bb")
    for seconds in (0.0003, 0.0003, 99.0):
        telemetry.latency.observe(seconds)
    telemetry.requests.labels("200").inc(3)

    found = read_exposition(telemetry.exposition().decode())

    by_version = {item.version: item for item in found.latency()}
    assert {version: item.answers for version, item in by_version.items()} == {"1": 1, "2": 3}
    assert by_version["2"].interval(0.5) == (0.00025, 0.0005)
    assert by_version["2"].interval(0.99) == (10.0, None)
    assert (found.answers(), found.lost_rows()) == ({"200": 3}, 0)
