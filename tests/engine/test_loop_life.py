"""Every kind in one stack, through one whole life on this machine: the loop goes round once.

Proves what a user sees on `local` with the real engine and real parts. Limits: a small made-up
world; kills are in `tests/faults`, the real flights in `make demo`.
"""

import json
from collections.abc import Iterator

import pytest

from mlops_iac.specs import KINDS
from tests.support.laptop import Laptop, eventually
from tests.support.loop_project import traffic, write_project

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ROWS = 300
"""Requests of a month; as many as a check needs."""


@pytest.fixture
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A project with every kind; whatever happens, nothing of it goes on running."""
    machine = Laptop(tmp_path_factory.mktemp("loop") / "sensors")
    machine.folder.mkdir()
    write_project(machine.folder)
    yield machine
    for process in machine.processes():
        process.kill()


def test_the_loop_goes_round(laptop: Laptop) -> None:
    """One story, told in order: each step stands on the one before."""
    first = laptop.json("up")
    assert {item["kind"] for item in first["outputs"].values()} == set(KINDS)
    assert set(laptop.json("up")["changes"]) == {"same"}
    serve_first(laptop)
    features_are_served(laptop)
    batch_is_predicted(laptop)

    ask(laptop, heat=50, seed=3)
    eventually(lambda: len(checks(laptop)) == 1, 120)
    assert status(laptop, "score")["details"]["version"] == 1

    ask(laptop, heat=90, seed=4)
    eventually(lambda: status(laptop, "score")["details"].get("version") == 2, 240)
    newest = laptop.json("versions", "failing")[0]
    assert (newest["version"], newest["status"]) == (2, "approved")
    assert "refresh" in newest["approver"]
    assert set(laptop.json("up")["changes"]) == {"same"}

    laptop.run("page")
    laptop.run("destroy", "--yes")
    eventually(lambda: not laptop.processes())
    assert not (laptop.folder / ".mlops-iac").exists()


def serve_first(laptop: Laptop) -> None:
    """Approve the first version; the endpoint that waited serves it."""
    laptop.run("approve", "failing", "1", "--as", "ada")
    answer = laptop.json_text("predict", "score", '[{"heat": 90, "load": 9}]')
    assert answer["predictions"][0][1] > 0.5


def features_are_served(laptop: Laptop) -> None:
    """The newest values come back by key."""
    (row,) = laptop.json("features", "machines", "--entity", "machine=m1")
    assert row["machine"] == "m1"


def batch_is_predicted(laptop: Laptop) -> None:
    """A run predicts the rows of a dataset and keeps them."""
    run = laptop.json("run", "nightly")
    assert run["status"] == "finished"


def ask(laptop: Laptop, *, heat: float, seed: int) -> None:
    """Send a month of requests."""
    rows = laptop.folder / "rows.json"
    rows.write_text(json.dumps(traffic(ROWS, heat=heat, seed=seed)))
    laptop.run("predict", "score", f"@{rows}")
    rows.unlink()


def checks(laptop: Laptop) -> list[dict[str, object]]:
    """Return the finished checks of the monitor."""
    return [run for run in laptop.json("runs", "watch") if run["status"] == "finished"]


def status(laptop: Laptop, component: str) -> dict[str, dict[str, object]]:
    """Return how a component is now."""
    return next(item for item in laptop.json("status") if item["component"] == component)
