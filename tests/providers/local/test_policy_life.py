"""A policy over real parts: a real training, a real gate, a real endpoint, the real loop.

Only the check is written by hand: that traffic drifts is the business of the monitor's tests.
"""

from pathlib import Path

import pytest
from mlops_iac_local import job_adapting, retraining_policy, serving
from mlops_iac_local.loop import policies

from mlops_iac.runtime.policy import Phase
from mlops_iac.specs import Dataset, Gate, ModelMonitor, Pipeline, RegisteredModel, RetrainingPolicy
from tests.providers.local.policy_stack import write_check
from tests.providers.local.world import World, declaration, people, project, until


@pytest.mark.deep
def test_new_data_is_learned_judged_served_and_the_same_data_is_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(project(tmp_path / "p"), declaration(capture={"percent": 100}))
    people(tmp_path / "p" / "judge")
    gate = Gate(metric="accuracy", data="judge", label="bought", threshold=0.5)
    for spec in (
        RegisteredModel("buyer", approval="manual"),
        Dataset("judge", source="judge/*.csv", format="csv"),
        Pipeline("train", steps=["fit"], gates=[gate]),
        ModelMonitor("watch", endpoint="shop", signals=["data_drift"], schedule={"every": "1h"}),
        RetrainingPolicy("retrain", monitor="watch", pipeline="train", promotion="automatic",
                         watch="1s", cooldown="0s"),
    ):  # fmt: skip
        world.specs[spec.name] = spec
    with world.registering(monkeypatch):
        monkeypatch.setattr(retraining_policy, "register", job_adapting.register)
        world.up()
        world.operations.approve("buyer", 1, approver="ada", comment="looks right")
        people(tmp_path / "p" / "data" / "new", rows=120)
        (tmp_path / "p" / "data" / "new" / "people.csv").rename(tmp_path / "p" / "data" / "b.csv")

        after_alarm(world, 1)
        after_alarm(world, 2)

        versions = world.operations.versions("buyer")
        assert [(one.version, one.approver, one.aliases) for one in versions] == [
            (2, "policy retrain", ("champion",)),
            (1, "ada", ()),
        ]
        assert serving.history(world.layout, "shop") == [1, 2]
        reasons = [entry["reason"] for entry in policies.events(world.layout, "retrain")]
        assert reasons[-1] == (
            "the candidate is refused: version 2 is served already, data and code have not changed"
        )
        world.destroy()
        assert not world.layout.root.exists()


def after_alarm(world: World, cycle: int) -> None:
    """Let the loop deal with an alarm."""
    write_check(world.layout, "data_drift")
    until(lambda: policies.state_of(world.layout, "retrain").cycle == cycle, 60)
    until(lambda: policies.state_of(world.layout, "retrain").phase is Phase.IDLE, 120)
