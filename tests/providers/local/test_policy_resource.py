"""`RetrainingPolicy` as declared and as a resource: rules written, healed, removed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlops_iac_local import retraining_policy, states
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies, schedules
from mlops_iac_local.resources.retraining_policy import RetrainingPolicyHandler
from mlops_iac_local.resources.schedule import ScheduleHandler

from mlops_iac.provider import BuildContext, Scope
from mlops_iac.runtime.policy import Checked, Rules
from mlops_iac.specs import (
    Gate,
    ModelEndpoint,
    ModelMonitor,
    Pipeline,
    Platform,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
)
from mlops_iac.target import Target
from tests.providers.local.world import FakeCall

ADAPTER = retraining_policy.RetrainingPolicyAdapter()
HANDLER = RetrainingPolicyHandler()


def specs(approval: str = "manual", **policy: Any) -> dict[str, Spec]:
    declared: list[Spec] = [
        RegisteredModel("late", approval=approval),
        ModelEndpoint("score", model="late@champion", capture={"percent": 100}),
        ModelMonitor("watch", endpoint="score", signals=["data_drift", "data_quality"]),
        Pipeline("train", steps=["fit"], gates=[Gate(metric="roc_auc", data="d", label="l")]),
        RetrainingPolicy("retrain", monitor="watch", pipeline="train", **policy),
    ]
    return {spec.name: spec for spec in declared}


def scope(folder: Path, declared: dict[str, Spec]) -> dict[str, Any]:
    return {
        "project": "flights",
        "stack": "dev",
        "project_dir": folder,
        "target": Target(name="local"),
        "platform": Platform(target="local"),
        "specs": declared,
    }


def problems(folder: Path, declared: dict[str, Spec]) -> list[tuple[str, str]]:
    found = ADAPTER.check(declared["retrain"], Scope(**scope(folder, declared)))  # type: ignore[arg-type]
    return [(problem.code, problem.field) for problem in found]


def inputs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, declared: dict[str, Spec]
) -> dict[str, Any]:
    """Return what the adapter registers."""
    registered: list[dict[str, Any]] = []

    def register(token: str, name: str, made: Any, **_: Any) -> Any:
        assert (token, name) == (HANDLER.token, "retrain")
        registered.append(made)
        return SimpleNamespace(id="retrain", events="events.jsonl")

    with monkeypatch.context() as patch:
        patch.setattr(retraining_policy, "register", register)
        patch.setattr(BuildContext, "opts", lambda *_, **__: None)
        patch.setattr("pulumi.Output.from_input", lambda value: value)
        context = BuildContext(
            **scope(folder, declared),
            component="retrain",
            parent=None,
            foundation=None,  # type: ignore[arg-type]
        )
        ADAPTER.build(declared["retrain"], context)  # type: ignore[arg-type]
    return registered[0]


@pytest.fixture
def call(tmp_path: Path) -> FakeCall:
    config = {"root": str(tmp_path / "root"), "projectDir": str(tmp_path)}
    Layout(tmp_path / "root").make()
    return FakeCall(urn="urn:pulumi:dev::flights::retrain", config=config)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the loop runs, as the supervisor would say."""
    known = [False]
    monkeypatch.setattr(control, "is_kept", lambda _: known[0])
    monkeypatch.setattr(control, "ensure", lambda _: known.__setitem__(0, True))
    monkeypatch.setattr(control, "end_when_idle", lambda _: known.__setitem__(0, False))
    return known


@pytest.mark.parametrize(
    ("approval", "policy", "expected"),
    [
        ("manual", {"promotion": "manual"}, []),
        ("manual", {"promotion": "automatic"}, []),
        ("automatic", {"promotion": "automatic"}, []),
        ("automatic", {"promotion": "manual"}, [("retraining.approval", "promotion")]),
        (
            "manual",
            {"period": "0s", "budget": "0s"},
            [("retraining.no-time", "period"), ("retraining.no-time", "budget")],
        ),
    ],
)
def test_a_policy_that_could_never_do_its_work_is_a_problem(
    tmp_path: Path, approval: str, policy: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert problems(tmp_path, specs(approval, **policy)) == expected


def test_a_declared_policy_becomes_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = specs(
        confirm=2, cooldown="2h", max_runs=3, period="7d", budget="1h", watch="5m",
        promotion="automatic",
    )  # fmt: skip

    made = inputs(tmp_path, monkeypatch, declared)

    assert Rules.from_document(made["rules"]) == Rules(
        on=frozenset({"data_drift", "data_quality"}),
        promotion="automatic",
        confirm=2,
        cooldown_s=7200.0,
        max_runs=3,
        period_s=604800.0,
        budget_s=3600.0,
        watch_s=300.0,
    )
    assert [made[name] for name in ("monitor", "pipeline", "endpoint", "model")] == [
        "watch", "train", "score", "late",
    ]  # fmt: skip


def test_only_the_signals_that_are_named_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = inputs(tmp_path, monkeypatch, specs(on=["data_quality"]))

    assert made["rules"]["on"] == ["data_quality"]


def test_rules_are_written_healed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: FakeCall, kept: list[bool]
) -> None:
    first = inputs(tmp_path, monkeypatch, specs())
    identity, state = HANDLER.create(first, call)
    layout = Layout(tmp_path / "root")
    assert (identity, kept) == ("retrain", [True])
    assert HANDLER.diff(state, first, first).changed == ()

    kept[0] = False
    assert HANDLER.diff(state, first, first).changed == ("loop",)
    drifted = HANDLER.read(identity, state, call)
    assert drifted is not None
    assert drifted.inputs["drift"] == "the loop is not running"

    event = Checked(id="check-1", at=1.0, alarm=False)
    policies.tell(layout, "retrain", event)
    second = inputs(tmp_path, monkeypatch, specs(max_runs=9))
    HANDLER.update(identity, state, second, call)
    assert policies.policy_of(layout, "retrain").rules.max_runs == 9
    assert policies.state_of(layout, "retrain").checked_at == 1.0

    HANDLER.delete(identity, state, call)
    assert (kept, HANDLER.read(identity, state, call)) == ([False], None)
    assert not policies.folder(layout, "retrain").exists()


def test_the_status_says_where_the_policy_is_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: FakeCall, kept: list[bool]
) -> None:
    declared, layout = specs(), Layout(tmp_path / "root")
    absent = states.component_status(layout, declared["retrain"])
    HANDLER.create(inputs(tmp_path, monkeypatch, declared), call)
    event = Checked(id="check-1", at=2e9, alarm=True, signals=("data_drift",))
    policies.tell(layout, "retrain", event)

    status = states.component_status(layout, declared["retrain"])

    assert (absent.state, status.state, kept) == ("absent", "retraining", [True])
    assert status.details["reason"] == "check `check-1`: alarm of data_drift; retraining"
    assert (status.details["retrainings"], status.details["loop"]) == (1, "running")


def test_a_schedule_is_written_healed_and_removed(
    tmp_path: Path, call: FakeCall, kept: list[bool]
) -> None:
    handler, layout = ScheduleHandler(), Layout(tmp_path / "root")
    made = {"component": "watch", "kind": "ModelMonitor", "action": "check",
            "trigger": {"every_s": 3600}}  # fmt: skip
    identity, state = handler.create(made, call)
    assert (identity, kept, handler.diff(state, made, made).changed) == ("watch", [True], ())

    kept[0] = False
    assert handler.diff(state, made, made).changed == ("loop",)
    handler.update(identity, state, made, call)
    found = handler.read(identity, state, call)
    assert (kept, found and found.inputs) == ([True], made)

    handler.delete(identity, state, call)
    assert (kept, handler.read(identity, state, call)) == ([False], None)
    assert schedules.scheduled(layout) == {}
