"""A retraining policy on this machine: what is seen is told once, what is wanted is done once.

Runs are real processes; what is served is a list (`policy_stack.py`).
"""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_local import files, run_verbs
from mlops_iac_local.jobs.runs import RECORD, read_record, run_folder
from mlops_iac_local.loop import policies, work

from mlops_iac.errors import OperationError
from mlops_iac.runtime.policy import Phase, StartRun, Tick
from tests.providers.local.policy_stack import RULES, Stack, make_stack
from tests.providers.local.world import until


class CrashError(Exception):
    """Stands for the death of a process."""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return make_stack(tmp_path, monkeypatch)


def test_an_alarm_leads_to_a_new_version_without_a_hand(stack: Stack) -> None:
    gate = {"metric": "roc_auc", "passed": True, "reason": "0.72 >= 0.70", "data": "late"}
    stack.pipeline(2, gates=[gate])
    check = stack.check("data_drift")

    stack.settle(stack.driver())

    assert stack.served == [1, 2]
    assert stack.versions[2] == "approved"
    (run,) = stack.runs()
    assert run.parent == "retrain/run-1"
    assert stack.reasons()[0] == f"check `{check}`: alarm of data_drift; retraining"
    assert "version 2 passed its gates; promoting" in stack.reasons()
    assert "version 2 lived through its watch" in stack.reasons()


def test_a_quiet_check_and_one_without_a_verdict_start_nothing(stack: Stack) -> None:
    stack.pipeline(2)
    stack.check()
    stack.check("data_drift", verdict=False)

    stack.settle(stack.driver())

    assert stack.runs() == []
    assert stack.reasons() == ["check `check-1`: no alarm"]


def test_a_refused_candidate_is_not_served_and_the_reason_is_kept(stack: Stack) -> None:
    gate = {"metric": "roc_auc", "passed": False, "reason": "0.61 < 0.64 of the champion"}
    stack.pipeline(None, outcome="refused", gates=[gate])
    stack.check("data_drift")

    stack.settle(stack.driver())

    assert stack.served == [1]
    assert "the candidate is refused: gate roc_auc: 0.61 < 0.64 of the champion" in stack.reasons()


def test_a_run_that_found_nothing_new_promotes_nothing(stack: Stack) -> None:
    stack.pipeline(1)
    stack.check("data_drift")

    stack.settle(stack.driver())

    assert stack.served == [1]
    assert stack.reasons()[-1] == (
        "the candidate is refused: version 1 is served already, data and code have not changed"
    )


def test_each_check_is_told_once_whatever_is_started_again(stack: Stack) -> None:
    stack.declare(replace(RULES, confirm=2))
    stack.check("data_drift")
    for _ in range(3):
        stack.settle(stack.driver())

    assert policies.state_of(stack.layout, "retrain").streak == 1
    assert len(stack.reasons()) == 1


def test_a_person_approves_where_promotion_is_manual(stack: Stack) -> None:
    stack.declare(replace(RULES, promotion="manual"))
    stack.pipeline(2)
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or stack.phase is Phase.AWAITING_APPROVAL)
    made.step()
    assert (stack.phase, stack.served) == (Phase.AWAITING_APPROVAL, [1])

    stack.versions[2] = "approved"
    stack.settle(made)

    assert stack.served == [1, 2]
    assert "ada approved version 2; promoting" in stack.reasons()


def test_a_rejected_version_is_left_alone(stack: Stack) -> None:
    stack.declare(replace(RULES, promotion="manual"))
    stack.pipeline(2)
    stack.versions[2] = "rejected"
    stack.check("data_drift")

    stack.settle(stack.driver())

    assert stack.served == [1]
    assert "ada rejected version 2" in stack.reasons()


def test_an_endpoint_that_dies_in_its_watch_is_rolled_back(stack: Stack) -> None:
    stack.declare(replace(RULES, watch_s=60.0))
    stack.pipeline(2)
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or stack.phase is Phase.WATCHING)

    stack.alive = False
    stack.settle(made)

    assert stack.served == [1, 2, 1]
    assert "version 1 is served again instead of version 2" in stack.reasons()


def test_a_version_that_cannot_be_served_is_told_and_leaves_the_old_one(stack: Stack) -> None:
    stack.declare(replace(RULES, promotion="manual"))
    stack.pipeline(2)
    stack.versions[2] = "approved"
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or stack.phase is Phase.AWAITING_APPROVAL)
    policies.tell(stack.layout, "retrain", approved(2))

    stack.versions[2] = "rejected"
    stack.settle(made)

    assert stack.served == [1]
    assert "version 2 cannot be served: version `2` is rejected" in stack.reasons()


def approved(version: int) -> Any:
    from mlops_iac.runtime.policy import Approved

    return Approved(id="by-hand", at=0.0, version=version, by="ada")


def test_a_pipeline_that_is_not_there_is_a_failed_retraining(stack: Stack) -> None:
    stack.check("data_drift")

    stack.settle(stack.driver())

    assert any("there is no job `train` in this stack" in reason for reason in stack.reasons())


# --- death


def test_a_crash_after_the_promotion_promotes_once_and_knows_the_way_back(stack: Stack) -> None:
    stack.declare(replace(RULES, watch_s=60.0))
    stack.pipeline(2)
    stack.check("data_drift")
    made, deaths = stack.driver(), []

    def die() -> None:
        if not deaths:
            deaths.append(1)
            raise CrashError

    stack.crash = die
    with pytest.raises(CrashError):
        until(lambda: made.step() or stack.phase is Phase.WATCHING)
    assert (stack.phase, stack.served) == (Phase.PROMOTING, [1, 2])

    made = stack.driver()
    until(lambda: made.step() or stack.phase is Phase.WATCHING)
    stack.alive = False
    stack.settle(made)

    assert stack.served == [1, 2, 1]


def test_a_version_that_a_person_promoted_first_still_has_a_way_back(stack: Stack) -> None:
    stack.declare(replace(RULES, promotion="manual", watch_s=60.0))
    stack.pipeline(2)
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or stack.phase is Phase.AWAITING_APPROVAL)
    stack.versions[2] = "approved"
    stack.promote(stack.layout, "score", 2)
    until(lambda: made.step() or stack.phase is Phase.WATCHING)

    stack.alive = False
    stack.settle(made)

    assert stack.served == [1, 2, 1]


def test_a_run_whose_starter_died_at_once_is_found_and_can_be_stopped(stack: Stack) -> None:
    """The record is there before the process: a second start would find it."""
    stack.declare(replace(RULES, budget_s=0.5))
    stack.pipeline(2, seconds=60)
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or bool(stack.runs()))
    folder = run_folder(stack.layout, stack.runs()[0])
    files.write_json(folder / RECORD, {**read_record(folder), "pid": None})

    stack.settle(made)

    assert [run.status for run in stack.runs()] == ["stopped"]


def test_a_crash_before_the_state_is_saved_repeats_the_decision(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.pipeline(2)
    stack.check("data_drift")

    def die(*_: Any) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(policies, "write_json", die)
        with pytest.raises(CrashError):
            stack.driver().step()
    assert (len(stack.reasons()), stack.phase) == (1, Phase.IDLE)

    stack.settle(stack.driver())

    lines = (policies.folder(stack.layout, "retrain") / policies.EVENTS).read_text().splitlines()
    numbers = [entry["seq"] for entry in policies.events(stack.layout, "retrain")]
    assert len(lines) == len(numbers) + 1
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(stack.runs()) == 1


def test_a_torn_line_is_no_event_and_spoils_no_other(stack: Stack) -> None:
    stack.check()
    stack.settle(stack.driver())
    path = policies.folder(stack.layout, "retrain") / policies.EVENTS
    with path.open("a") as file:
        file.write('{"seq": 2, "rea')
    stack.check()

    stack.settle(stack.driver())

    assert stack.reasons() == ["check `check-1`: no alarm", "check `check-2`: no alarm"]


def test_a_run_that_is_killed_counts_as_stopped_and_the_next_alarm_is_free(stack: Stack) -> None:
    stack.pipeline(2, seconds=60)
    stack.check("data_drift")
    made = stack.driver()
    until(lambda: made.step() or bool(stack.runs()))
    (run,) = stack.runs()
    # A run is known before its process is.
    until(lambda: read_record(run_folder(stack.layout, run))["pid"] is not None)
    keeper = int(read_record(run_folder(stack.layout, run))["pid"])
    os.kill(keeper, signal.SIGKILL)

    stack.settle(made)
    stack.pipeline(2)
    stack.check("data_drift")
    stack.settle(made)

    assert "the retraining stopped: its process was killed" in stack.reasons()
    assert stack.served == [1, 2]
    assert [run.parent for run in stack.runs()] == ["retrain/run-2", "retrain/run-1"]


def test_a_run_that_uses_up_the_budget_is_stopped(stack: Stack) -> None:
    stack.declare(replace(RULES, budget_s=0.5))
    stack.pipeline(2, seconds=60)
    stack.check("data_drift")

    stack.settle(stack.driver())

    assert [run.status for run in stack.runs()] == ["stopped"]
    assert "the retraining stopped: it was stopped" in stack.reasons()
    assert stack.served == [1]


def test_an_action_done_twice_is_done_once(stack: Stack) -> None:
    stack.pipeline(2)
    stack.check("data_drift")
    stack.settle(stack.driver())
    arguments = ("act", str(stack.layout.root), "retrain")

    for action in ("run-1", "promote-1", "rollback-1"):
        work.main((*arguments, action))

    assert stack.served == [1, 2]
    assert len(stack.runs()) == 1


def test_two_workers_of_one_action_start_one_run(stack: Stack) -> None:
    stack.pipeline(2, seconds=1)
    stack.check("data_drift")
    made = stack.driver()
    made.step()
    (action,) = [
        action
        for action in policies.tell(stack.layout, "retrain", Tick(id="t", at=0.0)).actions
        if isinstance(action, StartRun)
    ]

    for _ in range(3):
        work.main(("act", str(stack.layout.root), "retrain", action.id))

    assert len(stack.runs()) == 1
    stack.settle(made)


# --- files


def test_events_are_private_and_say_event_decision_and_reason(stack: Stack) -> None:
    stack.check("data_drift")
    stack.settle(stack.driver())
    folder = policies.folder(stack.layout, "retrain")
    first = json.loads((folder / policies.EVENTS).read_text().splitlines()[0])

    assert first["event"]["type"] == "Checked"
    assert (first["seq"], first["counted"], first["phase"]) == (1, True, "retraining")
    assert [action["type"] for action in first["actions"]] == ["StartRun"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {files.FILE_MODE}


def test_the_log_of_a_policy_is_its_decisions(stack: Stack) -> None:
    stack.check()
    stack.settle(stack.driver())

    (line,) = run_verbs.logs(stack.layout, "retrain", follow=False)

    assert line.endswith(" idle: check `check-1`: no alarm")
    with pytest.raises(OperationError, match="`nothing` has no log"):
        run_verbs.logs(stack.layout, "nothing", follow=False)


def test_a_log_that_is_followed_goes_on_with_new_decisions(stack: Stack) -> None:
    stack.check()
    stack.settle(stack.driver())
    lines = run_verbs.logs(stack.layout, "retrain", follow=True)
    assert next(lines).endswith("check `check-1`: no alarm")

    stack.check()
    stack.settle(stack.driver())

    assert next(lines).endswith("check `check-2`: no alarm")
