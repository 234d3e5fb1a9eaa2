"""Proves that a killed or cancelled `up` leaves a stack that works again, by real kills.

Limit: kills inside the program; a kill inside a provider's create needs a plugin.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_iac.engine import errors
from mlops_iac.engine.automation import Engine
from mlops_iac.engine.locks import read_locks
from mlops_iac.engine.recover import recover
from tests.engine_unit.programs import small

pytestmark = pytest.mark.engine
REPOSITORY = Path(__file__).resolve().parents[2]


def up(project_dir: Path) -> Engine:
    engine = Engine(project="demo", stack="dev", project_dir=project_dir, program=small)
    engine.up()
    return engine


def start_blocked(project_dir: Path, seconds: float = 60) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.engine_unit.programs", str(project_dir), str(seconds)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "blocked\n"
    return process


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state_of(project_dir: Path) -> Path:
    return project_dir / ".mlops-iac" / "pulumi"


def test_a_live_lock_is_refused_and_a_dead_one_released(project_dir: Path) -> None:
    process = start_blocked(project_dir)
    try:
        (lock,) = read_locks(state_of(project_dir), "demo", "dev")
        with pytest.raises(errors.LockedError, match=str(lock.pid)):
            recover(project_dir, "demo", "dev")
        with pytest.raises(errors.LockedError, match=str(lock.pid)):
            up(project_dir)
        assert lock.path.exists()
        os.kill(lock.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    wait_until(lambda: lock.is_stale)

    first = recover(project_dir, "demo", "dev")
    second = recover(project_dir, "demo", "dev")

    assert len(first.locks) == 1
    assert not second.lines
    up(project_dir)


def test_sigint_cancels_and_leaves_no_lock(project_dir: Path) -> None:
    process = start_blocked(project_dir, seconds=3)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert output == "engine.interrupted\n"
    assert process.returncode == 130
    assert not read_locks(state_of(project_dir), "demo", "dev")


def test_a_lock_of_another_host_is_refused(project_dir: Path) -> None:
    up(project_dir)
    folder = state_of(project_dir) / ".pulumi" / "locks" / "organization" / "demo" / "dev"
    lock = {"pid": 1, "username": "ann", "hostname": "far", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "x.json").write_text(json.dumps(lock))

    with pytest.raises(errors.LockedError, match="another host") as caught:
        recover(project_dir, "demo", "dev")

    assert "`far`" in caught.value.remedy
    assert (folder / "x.json").exists()


def test_a_number_that_a_later_process_inherited_is_stale(project_dir: Path) -> None:
    up(project_dir)
    folder = state_of(project_dir) / ".pulumi" / "locks" / "organization" / "demo" / "dev"
    path = folder / "x.json"
    lock = {"pid": os.getpid(), "username": "ann", "hostname": socket.gethostname()}
    path.write_text(json.dumps({**lock, "timestamp": "2001-01-01T00:00:00Z"}))
    os.utime(path, (1_000_000_000, 1_000_000_000))

    assert len(recover(project_dir, "demo", "dev").locks) == 1


@pytest.mark.parametrize("kept", [0, 300])
def test_a_torn_state_is_restored(project_dir: Path, kept: int) -> None:
    engine = up(project_dir)
    before = engine.export()
    stacks = state_of(project_dir) / ".pulumi" / "stacks" / "demo"
    current = stacks / "dev.json"
    current.write_text(current.read_text()[:kept])
    (stacks / "dev.json.18f0.tmp").write_text("{")
    (stacks / "dev.json.attrs").touch()
    with pytest.raises(errors.StateError):
        up(project_dir)

    report = recover(project_dir, "demo", "dev")

    assert len(report.files) == 3
    assert engine.export()["deployment"]["resources"] == before["deployment"]["resources"]
    assert not recover(project_dir, "demo", "dev").lines
    assert current.stat().st_mode & 0o777 == 0o600


def test_a_torn_state_without_a_copy_is_refused(project_dir: Path) -> None:
    stacks = state_of(project_dir) / ".pulumi" / "stacks" / "demo"
    stacks.mkdir(parents=True)
    (stacks / "dev.json").touch()

    with pytest.raises(errors.StateError, match="no copy"):
        recover(project_dir, "demo", "dev")


def test_pending_operations_are_cleared_and_nothing_else(project_dir: Path) -> None:
    engine = up(project_dir)
    state = state_of(project_dir) / ".pulumi" / "stacks" / "demo" / "dev.json"
    document = json.loads(state.read_text())
    resource = {"urn": "urn:pulumi:dev::demo::test:index:Late::b", "type": "test:index:Late"}
    pending = {"resource": {**resource, "custom": True}, "type": "creating"}
    document["checkpoint"]["latest"]["pending_operations"] = [pending]
    state.write_text(json.dumps(document))
    assert engine.export()["deployment"]["pending_operations"]

    report = recover(project_dir, "demo", "dev")

    assert report.pending == [f"creating `{resource['urn']}`"]
    assert not engine.export()["deployment"].get("pending_operations")
    assert not recover(project_dir, "demo", "dev").lines
    assert engine.up().changed == 0
