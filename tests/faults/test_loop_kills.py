"""SIGKILL in the middle of the loop: of the loop, its workers, a retraining, a promotion.

The loop, the supervisor, the runs, the registry and the endpoint are real; the pipeline says that
it passed. Proves that whatever is killed the policy comes to rest, with one run for one alarm and
one promotion for one version. Limit: moments are drawn by seed over the usual length of a
retraining; the server itself is no victim here (`test_kills.py`).
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from mlops_iac_local import registry, serving
from mlops_iac_local.jobs.runs import runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies
from mlops_iac_local.tracking import client

from mlops_iac.runtime.policy import Phase
from tests.providers.local.policy_stack import RULES, declare_policy, define_pipeline, write_check
from tests.providers.local.world import World, declaration, project, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

VICTIMS = ("mlops_iac_local.loop", "mlops_iac_local.loop.work", "mlops_iac_local.launch run",
           "-m pipeline")  # fmt: skip
SECONDS = 9.0
"""From an alarm to the promotion."""
DEEP_SEEDS = range(10, 30)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A stack that serves a first version, with a policy and its loop."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(project(tmp_path_factory.mktemp("loop")), declaration())
        with world.registering(patch):
            world.up()
            declare_policy(world.layout, "shop", "buyer", replace(RULES, max_runs=1000, watch_s=2))
            define_pipeline(world.layout, None)
            control.ensure(world.layout)
            yield world
            policies.folder(world.layout, "retrain").joinpath(policies.RULES).unlink()
            control.end_when_idle(world.layout)
            world.destroy()
            assert not world.layout.root.exists()


def new_version(layout: Layout) -> int:
    """Register the first version's model once more, as a pipeline would."""
    first = registry.version(layout, "buyer", 1)
    assert first.digest is not None
    experiment = client(layout).create_experiment(f"new-{time.time_ns()}")
    run = client(layout).create_run(experiment)
    source = Path(str((serving.deployed(layout, "shop") or {})["model_path"]))
    made = registry.register_version(
        layout, "buyer", source=source, digest=first.digest, run_id=run.info.run_id, metrics={}
    )
    return made.version


def victim(layout: Layout, chance: random.Random) -> psutil.Process | None:
    """Return a process of this stack's loop, of a kind that is drawn first."""
    for kind in chance.sample(VICTIMS, len(VICTIMS)):
        found = [process for process in family(layout) if command(process).endswith(kind)]
        if found:
            return chance.choice(sorted(found, key=lambda process: process.pid))
    return None


def family(layout: Layout) -> list[psutil.Process]:
    """Return the processes of the loop and of the runs of this stack."""
    mark = str(layout.root)
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = " ".join(process.cmdline())
            is_kept = "launch serve" in words or "runtime.serve" in words or "supervisord" in words
            if mark in words + process.cwd() and not is_kept:
                found.append(process)
    return found


def command(process: psutil.Process) -> str:
    """Return the module that a process runs, and its mode."""
    with suppress(psutil.Error):
        words = process.cmdline()
        if "-m" in words:
            start = words.index("-m") + 1
            is_launcher = words[start].endswith(".launch")
            return " ".join(words[start - 1 : start + 1 + is_launcher])
    return ""


def rests(layout: Layout) -> bool:
    state = policies.state_of(layout, "retrain")
    return state.phase is Phase.IDLE and not state.open_actions


def seeds() -> list[object]:
    return [1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in DEEP_SEEDS)]


@pytest.mark.parametrize("seed", seeds())
def test_a_kill_during_a_retraining_doubles_and_loses_nothing(world: World, seed: int) -> None:
    layout, chance = world.layout, random.Random(seed)
    version, known = new_version(layout), len(runs_of(layout, "train"))
    cycle = policies.state_of(layout, "retrain").cycle
    define_pipeline(layout, version, seconds=1.0)
    write_check(layout, "data_drift")

    killed: list[str] = []
    for _ in range(chance.choice([1, 2, 3])):
        time.sleep(chance.uniform(0, SECONDS / 3))
        if (process := victim(layout, chance)) is not None:
            killed.append(command(process))
            with suppress(psutil.NoSuchProcess):
                process.kill()

    until(lambda: policies.state_of(layout, "retrain").cycle == cycle + 1, 60)
    until(lambda: rests(layout), 90)
    assert_once(layout, version, known, killed)


def test_a_loop_that_dies_after_each_decision_goes_on(world: World) -> None:
    """The state is saved and nothing is done: the loop is killed as soon as a phase is seen."""
    layout = world.layout
    version, known = new_version(layout), len(runs_of(layout, "train"))
    define_pipeline(layout, version, seconds=0.5)
    write_check(layout, "data_drift")

    for phase in (Phase.RETRAINING, Phase.PROMOTING, Phase.WATCHING):
        until(lambda phase=phase: policies.state_of(layout, "retrain").phase is phase, 60)
        for process in family(layout):
            if command(process).startswith("-m mlops_iac_local.loop"):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    until(lambda: rests(layout), 90)
    assert_once(layout, version, known, [])
    assert (serving.deployed(layout, "shop") or {})["version"] == str(version)


def assert_once(layout: Layout, version: int, known: int, killed: list[str]) -> None:
    """One alarm was one run; its version was promoted once, or not at all when the run died."""
    runs, served = runs_of(layout, "train"), serving.history(layout, "shop")
    assert len(runs) == known + 1, killed
    marks = [run.parent for run in runs]
    assert len(marks) == len(set(marks))
    is_served = runs[0].status == "finished"
    assert served.count(version) == int(is_served), (killed, served)
    assert world_serves(layout, version if is_served else served[-1])
    sequence = [entry["seq"] for entry in policies.events(layout, "retrain")]
    assert sequence == list(range(1, len(sequence) + 1))


def world_serves(layout: Layout, version: int) -> bool:
    from mlops_iac_local import endpoints

    now = serving.served_now(layout, endpoints.frame(layout, "shop"))
    champion = registry.aliased(layout, "buyer", "champion")
    return (
        now is not None
        and now["version"] == str(version)
        and champion is not None
        and champion.version == version
    )
