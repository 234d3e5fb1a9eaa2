"""A monitor on one stack: which rows and which truth each check is of, and what it says.

Proves with real processes that nothing is judged twice or lost, also when a check is killed. The
traffic is written as the server writes it (`tests/runtime/test_monitor_capture.py`); the engine is
not in it (`world.py`). The signals themselves are proved by `tests/runtime/test_monitor.py`.
"""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlops_iac_local.files import make_folder, remove
from mlops_iac_local.jobs.definition import definition, write_definition
from mlops_iac_local.jobs.runs import read_record, run_folder
from mlops_iac_local.loop import schedules
from mlops_iac_local.states import component_status

from mlops_iac.errors import NothingToDoError, OperationError
from mlops_iac.operations import Run
from mlops_iac.specs import DataFormat, Dataset, ModelMonitor
from tests.providers.local.world import World, declaration, project, until


def monitor(name: str, **fields: Any) -> ModelMonitor:
    return ModelMonitor.model_validate({"name": name, "endpoint": "shop", **fields})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    specs = declaration(capture={"percent": 100})
    declared: dict[str, dict[str, Any]] = {
        "watch": {"signals": ["data_quality"], "schedule": {"every": "1h"}},
        "drift": {"signals": ["data_drift", "prediction_drift"]},
        "late": {
            "signals": ["data_quality", "model_quality"],
            "performance": {"metric": "accuracy", "threshold": 0.7},
        },
    }
    specs |= {name: monitor(name, min_rows=50, **more) for name, more in declared.items()}
    made = World(project(tmp_path_factory.mktemp("monitor")), specs)
    with pytest.MonkeyPatch.context() as patch, made.registering(patch):
        made.up()
        yield made
        made.destroy()


class Traffic:
    """Writes what the server would have captured, for monitors of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = world.layout.endpoint("shop") / "capture"
        self.mark = uuid.uuid4().hex[:6]
        self.count = 0

    def monitor(self, like: str) -> str:
        """Return a new monitor like a declared one; it has seen nothing."""
        name = f"{like}-{self.mark}"
        made = replace(
            definition(self.world.layout, like), component=name, key=f"{like}{self.mark}"
        )
        make_folder(self.world.layout.job(name))
        write_definition(self.world.layout, made)
        return name

    def send(self, rows: int, *, age: int = 20) -> list[str]:
        """Capture rows of people, as many of each age from one on; return their requests."""
        make_folder(self.folder)
        self.count += 1
        numbers = np.arange(rows)
        ages = (age + numbers % 50).astype(float)
        names = [f"{self.mark}-{self.count}-{i}" for i in numbers]
        frame = pd.DataFrame(
            {
                "timestamp": datetime.now(UTC),
                "request_id": names,
                "model_name": "buyer",
                "model_version": "1",
                "model_digest": "sha256:0",
                "row": 0,
                "inputs.age": ages,
                "inputs.income": (1000 + 37 * numbers % 900).astype(float),
                "prediction": (ages > 45).astype(int),
            }
        )
        file = self.folder / f"capture-{self.mark}-{self.count:05}.parquet"
        frame.to_parquet(file, index=False)
        return names


@pytest.fixture
def traffic(world: World) -> Iterator[Traffic]:
    made = Traffic(world)
    yield made
    for kind in ("capture", "truth"):
        remove(world.layout.endpoint("shop") / kind)


def checked(world: World, monitor: str) -> tuple[Run, dict[str, Any]]:
    run = world.operations.wait(world.operations.check(monitor))
    assert run.status == "finished", run.reason
    [report] = [path for path in run.reports if path.endswith("report.json")]
    return run, json.loads(Path(report).read_text())


def status(world: World, name: str) -> Any:
    return component_status(world.layout, monitor(name, signals=["data_quality"]))


def told(folder: Path, rows: dict[str, list[Any]]) -> Path:
    path = folder / "truth.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_schedule_starts_checks_by_itself(world: World) -> None:
    found = schedules.schedule(world.layout, "watch")

    assert found is not None
    assert (found["kind"], found["trigger"]) == ("ModelMonitor", {"every_s": 3600.0})


def test_too_few_rows_wait_for_the_next_check(world: World, traffic: Traffic) -> None:
    watch = traffic.monitor("watch")
    traffic.send(30)

    with pytest.raises(NothingToDoError, match=r"30 new rows wait for .*; a check needs 50"):
        world.operations.check(watch)
    assert world.operations.runs(watch) == []
    assert status(world, watch).state == "waiting"
    assert status(world, watch).details["rows_waiting"] == 30

    traffic.send(20)
    _, report = checked(world, watch)
    assert report["rows"] == 50
    assert report["alarm"] is False
    assert status(world, watch).state == "quiet"
    assert status(world, watch).details["rows_waiting"] == 0


def test_rows_that_went_with_their_endpoint_wait_no_more(world: World, traffic: Traffic) -> None:
    watch = traffic.monitor("watch")
    traffic.send(60)
    assert status(world, watch).details["rows_waiting"] == 60
    remove(traffic.folder)
    traffic.send(10)

    with pytest.raises(NothingToDoError, match="10 new rows"):
        world.operations.check(watch)


def test_the_baseline_is_what_the_served_version_was_trained_on(
    world: World, traffic: Traffic
) -> None:
    """Ages in training are 20 to 69."""
    watch = traffic.monitor("watch")
    traffic.send(60, age=65)
    run, report = checked(world, watch)

    assert report["alarms"] == ["data_quality"]
    assert "`age`" in report["reason"]
    assert report["model_version"] == 1
    overrides = read_record(run_folder(world.layout, run))["overrides"]
    [baseline] = overrides["baseline"]
    assert (Path(baseline) / "people.csv").exists()
    assert status(world, watch).state == "alarm"


def test_drifted_traffic_is_an_alarm_with_a_page(world: World, traffic: Traffic) -> None:
    drift = traffic.monitor("drift")
    traffic.send(400, age=40)
    alarm, report = checked(world, drift)

    assert report["alarms"] == ["data_drift", "prediction_drift"]
    assert alarm.metrics["alarm"] == 1
    assert report["signals"]["data_drift"]["columns"]["age"]["alarm"]
    assert any(path.endswith("report.html") for path in alarm.reports)


def test_killed_and_repeated_checks_judge_every_row_once(world: World, traffic: Traffic) -> None:
    watch = traffic.monitor("watch")
    traffic.send(60)
    checked(world, watch)
    traffic.send(60)
    run = world.operations.check(watch)
    os.kill(read_record(run_folder(world.layout, run))["pid"], signal.SIGKILL)
    until(lambda: world.operations.runs(watch)[0].status == "stopped")
    traffic.send(10)

    again, report = checked(world, watch)

    of = [read_record(run_folder(world.layout, one))["overrides"]["rows"] for one in (run, again)]
    assert of == [[1, 2], [1, 3]]
    assert report["rows"] == 70
    with pytest.raises(NothingToDoError, match="0 new rows"):
        world.operations.check(watch)


def test_a_second_check_is_the_one_under_way(world: World, traffic: Traffic) -> None:
    drift = traffic.monitor("drift")
    traffic.send(60)
    run = world.operations.check(drift)

    assert world.operations.check(drift).id == run.id
    with pytest.raises(OperationError, match=r"a check of .* is under way"):
        world.operations.run(drift)
    world.operations.stop(run)


def test_truth_that_comes_late_is_joined_by_a_later_check(
    world: World, traffic: Traffic, tmp_path: Path
) -> None:
    late = traffic.monitor("late")
    requests = traffic.send(60)
    _, before = checked(world, late)
    receipt = world.operations.truth(
        "shop", told(tmp_path, {"request_id": requests, "bought": [0] * 60})
    )

    run, report = checked(world, late)

    assert (receipt.rows, receipt.unknown) == (60, 0)
    assert before["signals"]["model_quality"]["alarm"] is None
    finding = report["signals"]["model_quality"]
    assert finding["labelled"] == 60
    assert finding["alarm"] is True
    assert report["signals"]["data_quality"]["reason"] == "no new rows"
    assert run.metrics["model_quality"] == finding["value"] < 0.7
    with pytest.raises(NothingToDoError):
        world.operations.check(late)


def test_labels_of_unknown_requests_are_counted_and_kept(
    world: World, traffic: Traffic, tmp_path: Path
) -> None:
    [request] = traffic.send(1)
    lines = [{"request_id": name, "row": 0, "yes": True} for name in (request, "later", "lost")]
    path = tmp_path / "truth.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    receipt = world.operations.truth("shop", path)

    assert (receipt.rows, receipt.unknown, receipt.examples) == (3, 2, ("later", "lost"))
    kept = pd.read_parquet(receipt.file)
    assert kept["label"].tolist() == [True] * 3
    assert Path(receipt.file).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("rows", "label", "said"),
    [
        ({"id": ["a"], "bought": [1]}, "bought", "no column `request_id`"),
        ({"request_id": ["a"], "x": [1], "y": [2]}, None, "beside .* it has `x`, `y`"),
        ({"request_id": ["a", None], "bought": [1, None]}, None,
         "1 lines have no `request_id`; 1 lines have no `bought`"),
        ({"request_id": ["a", "a"], "row": [0, 0], "y": [1, 2]}, None, "row 0 of `a`"),
        ({"request_id": ["a"], "row": [-1], "y": [1]}, None, "`row` is not a number from 0 on"),
    ],
)  # fmt: skip
def test_bad_truth_is_refused_with_all_that_is_wrong(
    world: World, tmp_path: Path, rows: dict[str, list[Any]], label: str | None, said: str
) -> None:
    before = list((world.layout.endpoint("shop") / "truth").glob("*"))

    with pytest.raises(OperationError, match=said):
        world.operations.truth("shop", told(tmp_path, rows), label=label)
    assert list((world.layout.endpoint("shop") / "truth").glob("*")) == before


def test_lines_of_a_request_without_row_are_its_rows_in_order(world: World, tmp_path: Path) -> None:
    path = told(tmp_path, {"request_id": ["r", "s", "r"], "y": ["a", "b", "c"]})

    kept = pd.read_parquet(world.operations.truth("shop", path).file)

    assert kept["row"].tolist() == [0, 0, 1]


def test_a_second_up_changes_nothing(world: World) -> None:
    assert world.up() == []


def test_a_baseline_without_columns_is_refused_before_anything_exists(tmp_path: Path) -> None:
    specs: dict[str, Any] = {
        **declaration(capture={"percent": 100}),
        "images": Dataset("images", source="images/*", format=DataFormat.FILES),
        "watch": monitor("watch", signals=["data_drift"], baseline="images"),
    }

    [problem] = World(project(tmp_path), specs).problems("watch")

    assert (problem.code, problem.field) == ("job.no-columns", "baseline")
