"""What `status` says of data and its contract, when both have changed and changed back."""

from pathlib import Path

import pytest
from mlops_iac_local.errors import RunFailedError

from mlops_iac.content import dataset_version
from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Dataset, DataValidation, Expectation
from tests.providers.local.world import World, people

DATA = Dataset("people", source="data/*.csv", format="csv")
CONTRACT = DataValidation("right", data="people", columns={"age": Expectation(max=120)})


def of(world: World, component: str) -> ComponentStatus:
    """Return how a component is."""
    return next(item for item in world.operations.status() if item.component == component)


def test_what_is_declared_now_counts_not_what_was_tried_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(tmp_path / "data")
    world = World(tmp_path, {spec.name: spec for spec in (DATA, CONTRACT)})
    with world.registering(monkeypatch):
        world.up()
        good = dataset_version(DATA, tmp_path)
        with (tmp_path / "data" / "people.csv").open("a") as file:
            file.write("400,100,7\n")
        with pytest.raises(RunFailedError, match="greater than `120`"):
            world.up()
        assert of(world, "right").state == "failed"
        people(tmp_path / "data")
        world.up()

        assert of(world, "people").details == {"version": good, "versions": 2}
        assert of(world, "right").state == "finished"
        assert of(world, "right").details["runs"] == 2
        world.destroy()
