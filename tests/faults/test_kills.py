"""SIGKILL at random moments of `up` and `destroy`, at a random process of the stack.

Proves that after `recover` and the same command again nothing is doubled, lost, locked or left.
Limit: the moments are drawn by seed over the usual length of the command, not from every system
call; the machine's own crash (lost disk writes) is not tried.
"""

import random
from pathlib import Path

import psutil
import pytest

from tests.support.laptop import Laptop, eventually

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

VICTIMS = ("mlops-iac", "pulumi ", "pulumi-resource-mlops-iac", "supervisord", "runtime.serve")
UP_SECONDS = 16.0
DESTROY_SECONDS = 4.0
QUICK_SEEDS = (1, 2)
DEEP_SEEDS = tuple(range(10, 20))


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """A project from the template, nothing running."""
    machine = Laptop(tmp_path / "kills")
    machine.folder.mkdir()
    machine.run("init", ".", "--yes", "--name", "kills")
    return machine


def seeds() -> list[object]:
    deep = [pytest.param(seed, marks=pytest.mark.deep) for seed in DEEP_SEEDS]
    return [*QUICK_SEEDS, *deep]


@pytest.mark.parametrize("seed", seeds())
def test_a_kill_during_up_is_mended_by_recover_and_up(laptop: Laptop, seed: int) -> None:
    kill_during(laptop, ("up",), UP_SECONDS, random.Random(seed))

    laptop.run("recover")
    laptop.run("up")
    assert_serves_once(laptop)
    assert laptop.json("up")["changes"].keys() == {"same"}
    laptop.run("destroy", "--yes")
    assert_nothing_left(laptop)


@pytest.mark.parametrize("seed", seeds())
def test_a_kill_during_destroy_is_mended_by_recover_and_destroy(laptop: Laptop, seed: int) -> None:
    laptop.run("up")
    kill_during(laptop, ("destroy", "--yes"), DESTROY_SECONDS, random.Random(seed))

    laptop.run("recover")
    laptop.run("destroy", "--yes")
    assert_nothing_left(laptop)


def kill_during(
    laptop: Laptop, words: tuple[str, ...], seconds: float, chance: random.Random
) -> None:
    """Start a command, and kill one process of the stack, or all, at a moment drawn by chance."""
    moment, victim = chance.uniform(0.2, seconds), chance.choice(VICTIMS)
    command = laptop.start(*words)
    try:
        command.communicate(timeout=moment)
    except Exception as error:  # noqa: BLE001  only the time-out is meant
        assert type(error).__name__ == "TimeoutExpired", error  # noqa: PT017
    for process in laptop.processes((victim,)):
        kill(process)
    if victim not in {"supervisord", "runtime.serve"}:
        # The command may go on without the victim for long; what matters is the state after it.
        kill(psutil.Process(command.pid) if command.poll() is None else None)
        for process in laptop.processes(VICTIMS[1:3]):
            kill(process)
    command.communicate(timeout=240)


def kill(process: psutil.Process | None) -> None:
    if process is not None:
        try:
            process.kill()
            process.wait(timeout=10)
        except psutil.NoSuchProcess:
            return


def assert_serves_once(laptop: Laptop) -> None:
    """One version, one server, and it answers."""
    versions = laptop.json("versions", "species")
    assert [version["version"] for version in versions] == [1]
    assert len(laptop.processes(("runtime.serve",))) == 1
    rows = '[{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}]'
    assert len(laptop.json_text("predict", "classify", rows)["predictions"]) == 1


def assert_nothing_left(laptop: Laptop) -> None:
    """No process, port or socket; no file but the declaration."""
    eventually(lambda: not laptop.processes())
    assert not laptop.listening()
    assert not (laptop.folder / ".mlops-iac").exists()
    assert not list(laptop.folder.glob("Pulumi.*.yaml"))
