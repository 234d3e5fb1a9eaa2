"""Waiting, approval, failed and stopped runs, and death in the middle, with real processes.

Proves what happens between declaration and first version, and what a crash leaves. The scripts
need no ML library where none is the point; the engine is not in it (`world.py`).
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_local import endpoints, tracking
from mlops_iac_local.errors import NotOursError, RunFailedError
from mlops_iac_local.jobs import runs
from mlops_iac_local.layout import Layout

from mlops_iac.custom import Cancelled
from mlops_iac.errors import OperationError
from mlops_iac.specs import RegisteredModel, TrainingJob
from tests.providers.local.world import (
    HANDLERS,
    SCRIPT,
    CrashError,
    World,
    declaration,
    processes_of,
    project,
    until,
)

SLEEPER = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)", __file__])
print("sleeping", flush=True)
time.sleep(120)
"""
RUN = HANDLERS["mlops-iac:local:JobRun"]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database of MLflow, whose making takes two seconds."""
    layout = Layout(tmp_path_factory.mktemp("database"))
    tracking.initialise(layout)
    return layout.database


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path) -> Any:
    worlds: list[World] = []
    contexts = ExitStack()

    def initialise(layout: Layout) -> None:
        layout.make()
        if not layout.database.exists():
            shutil.copy(database, layout.database)

    monkeypatch.setattr(tracking, "initialise", initialise)

    def make(script: str, *, names: tuple[str, ...] = ("people", "fit"), **job: Any) -> World:
        specs = declaration()
        specs["fit"] = TrainingJob("fit", script="code/train.py", data="people", **job)
        chosen = {name: specs[name] for name in names}
        world = World(project(tmp_path / "p", script), chosen)
        worlds.append(world)
        contexts.enter_context(world.registering(monkeypatch))
        return world

    yield make
    for world in worlds:
        if world.applied:
            world.destroy()
            assert not world.layout.root.exists()
    contexts.close()


def test_an_endpoint_waits_until_the_first_version_is_approved(make: Any) -> None:
    world = make(SCRIPT, names=("people", "buyer", "fit", "shop"), model="buyer")
    world.specs["buyer"] = RegisteredModel("buyer", approval="manual")
    world.up()
    operations = world.operations
    assert {row.component: row.state for row in operations.status()}["shop"] == "waiting"
    with pytest.raises(OperationError, match="waits for an approved version of `buyer`"):
        operations.predict("shop", [{"age": 60, "income": 1500.0}])
    with pytest.raises(OperationError, match="version `1` of `buyer` is pending"):
        operations.promote("shop", 1)
    assert world.up() == []

    version = operations.approve("buyer", 1, approver="ada", comment="looks right")

    assert (version.status, version.approver, version.aliases) == ("approved", "ada", ("champion",))
    assert operations.predict("shop", [{"age": 60, "income": 1500.0}])["predictions"] == [1]
    assert world.up() == []
    assert world.refresh() == []
    assert world.up() == []
    with pytest.raises(OperationError, match="has served no other approved version"):
        operations.rollback("shop")


def test_a_failed_run_stays_failed_until_it_is_run_again(make: Any) -> None:
    world = make("import pathlib\nassert pathlib.Path('/nowhere').exists(), 'no flag'\n")
    with pytest.raises(RunFailedError, match="no flag"):
        world.up()
    with pytest.raises(RunFailedError, match=r"run fit --again"):
        world.up()

    assert len(world.operations.runs("fit")) == 1
    again = world.operations.wait(world.operations.run("fit", again=True))
    assert (again.status, len(world.operations.runs("fit"))) == ("failed", 2)
    with pytest.raises(RunFailedError):
        world.operations.run("fit")


def test_a_run_without_a_declared_metric_fails(make: Any) -> None:
    world = make("print('done')\n", metrics=("auc",))

    with pytest.raises(RunFailedError, match="logged no metric `auc`"):
        world.up()


def test_a_run_that_takes_too_long_is_stopped_with_all_its_processes(make: Any) -> None:
    world = make(SLEEPER, timeout="3s")

    with pytest.raises(RunFailedError, match="longer than its `timeout` of 3 s"):
        world.up()
    assert processes_of(world.layout.runs) == []


def test_ctrl_c_stops_the_run_and_the_next_up_runs_it(make: Any) -> None:
    world = make(SLEEPER)
    log = world.layout.runs
    call = world.call("fit-run", cancel_when=lambda: any(log.glob("*/*/run.log")))
    with pytest.raises(RunFailedError):
        make_definition(world)
    inputs = {
        "job": "fit",
        "kind": "TrainingJob",
        "key": world.applied["fit"].inputs["key"],
        "wait": "finished",
    }

    with pytest.raises(Cancelled):
        RUN.create(inputs, call)

    (run,) = world.operations.runs("fit")
    assert run.status == "stopped"
    assert processes_of(world.layout.runs) == []


def make_definition(world: World) -> None:
    """Apply everything before the run: the run itself is started by the test."""
    original = RUN.create
    try:
        type(RUN).create = lambda *_: (_ for _ in ()).throw(RunFailedError("not yet"))  # type: ignore[method-assign]
        world.up()
    finally:
        type(RUN).create = original.__func__  # type: ignore[attr-defined, method-assign]


def test_a_killed_plugin_leaves_no_orphan_run(make: Any) -> None:
    world = make(SLEEPER)
    with pytest.raises(RunFailedError):
        make_definition(world)
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from mlops_iac_local.jobs import starting\n"
        "from mlops_iac_local.jobs.definition import definition\n"
        "from mlops_iac_local.layout import Layout\n"
        "layout = Layout(Path(sys.argv[1]))\n"
        "starting.start(layout, definition(layout, 'fit'), attached=True)\n"
        "print('started', flush=True)\n"
        "time.sleep(120)\n"
    )
    plugin = subprocess.Popen(
        [sys.executable, "-c", program, str(world.layout.root)], stdout=subprocess.PIPE
    )
    assert plugin.stdout is not None
    assert plugin.stdout.readline() == b"started\n"
    until(lambda: any(world.layout.runs.glob("*/*/run.log")))

    plugin.kill()
    plugin.wait()

    until(lambda: processes_of(world.layout.runs) == [])
    (run,) = world.operations.runs("fit")
    assert (run.status, run.reason) == ("stopped", "the command that started it ended")


def test_a_killed_keeper_takes_its_run_along(make: Any) -> None:
    world = make(SLEEPER)
    with pytest.raises(RunFailedError):
        make_definition(world)
    run = world.operations.run("fit")
    folder = runs.run_folder(world.layout, run)
    until(lambda: (folder / runs.LOG).exists() and "sleeping" in (folder / runs.LOG).read_text())

    os.kill(int(runs.read_record(folder)["pid"]), signal.SIGKILL)

    until(lambda: not runs.is_running(folder))
    script = str(folder / "work" / "train.py")
    until(lambda: not [pid for pid in processes_of(world.layout.runs) if _runs(pid, script)])
    assert [run.status for run in world.operations.runs("fit")] == ["stopped"]


def _runs(pid: int, script: str) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    return script.encode() in arguments and b"mlops_iac.runtime.train" in arguments


def test_a_detached_run_finishes_by_itself_and_its_log_can_be_followed(make: Any) -> None:
    world = make("print('one')\nprint('two')\n", run="manual")
    world.up()
    operations = world.operations
    run = operations.run("fit")

    lines = list(operations.logs("fit", follow=True))

    assert lines[-2:] == ["one", "two"]
    assert operations.wait(run).status == "finished"
    assert operations.run("fit").id == run.id


def test_stop_ends_a_run(make: Any) -> None:
    world = make(SLEEPER, run="manual")
    world.up()
    run = world.operations.run("fit")

    stopped = world.operations.stop(run)

    assert (stopped.status, processes_of(world.layout.runs)) == ("stopped", [])


@pytest.mark.parametrize("victim", ["platform", "people", "buyer", "fit", "shop"])
def test_a_create_that_was_not_recorded_is_adopted(
    make: Any, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plugin died after its outside act: the engine knows nothing, the next `up` finds it."""
    world = make(
        "print('x')\n", names=("people", "buyer", "fit", "shop"), run="manual", model="buyer"
    )
    token = {"platform": "Platform", "people": "Dataset", "buyer": "RegisteredModel",
             "fit": "JobDefinition", "shop": "Endpoint"}[victim]  # fmt: skip
    handler = type(HANDLERS[f"mlops-iac:local:{token}"])
    create = handler.create

    def crash(self: Any, inputs: Any, call: Any) -> Any:
        create(self, inputs, call)
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(handler, "create", crash)
        with pytest.raises(CrashError):
            world.up()
    before = sorted(path.name for path in world.layout.endpoints.glob("*"))

    world.up()

    assert world.refresh() == []
    assert world.up() == []
    assert set(before) <= {path.name for path in world.layout.endpoints.glob("*")}


def test_a_run_that_was_not_recorded_is_adopted_not_repeated(make: Any) -> None:
    world = make("print('x')\n")
    world.up()
    known = world.applied.pop("fit-run")

    assert world.up() == ["create fit-run"]
    assert world.applied["fit-run"].id == known.id
    assert len(world.operations.runs("fit")) == 1


def test_what_carries_another_mark_is_refused(make: Any) -> None:
    world = make("print('x')\n", run="manual")
    world.up()
    other = world.call("somebody-else")

    with pytest.raises(NotOursError, match="belongs to"):
        HANDLERS["mlops-iac:local:Dataset"].create(world.applied["people"].inputs, other)
    with pytest.raises(NotOursError, match="belongs to"):
        HANDLERS["mlops-iac:local:Platform"].delete("x", {}, other)


def test_destroying_a_run_keeps_its_history(make: Any) -> None:
    world = make("print('x')\n")
    world.up()

    del world.specs["fit"]
    world.up()

    assert [run.status for run in runs.runs_of(world.layout, "fit")] == ["finished"]


def test_gone_things_are_seen_by_refresh_and_made_again(make: Any) -> None:
    world = make(
        "print('x')\n", names=("people", "buyer", "fit", "shop"), run="manual", model="buyer"
    )
    world.up()
    shutil.rmtree(world.layout.endpoint("shop"))
    shutil.rmtree(world.layout.dataset("people"))

    assert world.refresh() == ["gone people", "gone shop", "gone shop-deployment"]
    assert world.up() == ["create people", "create shop", "create shop-deployment"]
    assert endpoints.token_mark(world.layout, "shop") is not None


def test_two_starts_at_once_are_one_run(make: Any) -> None:
    world = make("import time\ntime.sleep(0.5)\n", run="manual")
    world.up()
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(world.operations.run("fit").id))
        for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    world.operations.wait(world.operations.runs("fit")[0])
