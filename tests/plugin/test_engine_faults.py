"""What goes wrong, under the real engine: cancelled, failed, killed, of another version.

Plain `pulumi` runs the programs, through the tests' own language host.
"""

import json
import os
import signal
import subprocess
import time

import pytest
from pulumi import automation

from tests.plugin.world import World, is_alive, make, provider, world_of
from tests.support.engine import Engine
from tests.support.waiting import eventually

pytestmark = pytest.mark.engine

SLOW = """
from tests.plugin.world import make, provider
make("Slow", "long", provider({root!r}), seconds=60, exists_early={early})
"""


@pytest.fixture
def world(engine: Engine) -> World:
    return world_of(engine)


def _long_up(engine: Engine, world: World, *, early: bool = False) -> subprocess.Popen[str]:
    """Start `pulumi up`, and return when its 60 s create has begun."""
    folder = engine.project(SLOW.format(root=str(world.root), early=early))
    running = engine.start("up", "--yes", "--skip-preview", "-s", "dev", cwd=folder)
    eventually(lambda: world.events, what="the create")
    return running


def test_a_long_create_is_cancelled_within_a_second(engine: Engine, world: World) -> None:
    """The handler hears of it at once, the engine gets a clean error, nothing stays pending."""
    running = _long_up(engine, world)
    plugin = world.events[0]["pid"]
    asked = time.monotonic()
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=30)

    # The engine's own shut-down is within the measure.
    assert time.monotonic() - asked < 3
    assert "create of `long` was stopped on request" in output
    assert "Traceback" not in output
    assert '"pending_operations"' not in _state(engine)
    assert not is_alive(plugin)


def test_a_create_that_had_begun_stays_in_state_and_is_finished_later(
    engine: Engine, world: World
) -> None:
    running = _long_up(engine, world, early=True)
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=30)

    assert running.returncode != 0
    assert "create of `long` was stopped on request" in output
    assert '"begun"' in _state(engine)

    again = engine.cli("up", "--yes", "-s", "dev", cwd=engine.folder / "projects" / "plain")

    assert again.returncode == 0, again.stdout + again.stderr
    assert world.happened() == ["long began", "long finished later"]
    assert '"finished"' in _state(engine)


def _state(engine: Engine) -> str:
    text = next(engine.state.glob(".pulumi/stacks/*/dev.json")).read_text()
    return json.dumps(json.loads(text))


@pytest.mark.parametrize(
    ("how", "message", "hint"),
    [
        ("refuse", "no room for `[secret]`", "make some"),
        ("break", "create of `bad` failed: RuntimeError: boom with [secret]", "the trace is in"),
    ],
)
def test_a_failure_is_told_without_trace_or_secret(
    engine: Engine, world: World, how: str, message: str, hint: str
) -> None:
    def program() -> None:
        import pulumi

        secret = pulumi.Output.secret("swordfish-9")
        make("Faulty", "bad", provider(world.root), how=how, password=secret)

    with pytest.raises(automation.CommandError) as caught:
        engine.stack(program).up()
    output = str(caught.value)

    assert message in output
    assert f"hint: {hint}" in output
    assert "swordfish-9" not in output
    assert "Traceback" not in output


def test_the_trace_of_an_unexpected_failure_is_in_an_owner_only_file(
    engine: Engine, world: World
) -> None:
    def program() -> None:
        make("Faulty", "bad", provider(world.root), how="break", password="p")

    with pytest.raises(automation.CommandError):
        engine.stack(program).up()
    log = world.root / "plugin.log"

    assert "RuntimeError: boom" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_plugin_killed_between_call_and_record_makes_no_double(
    engine: Engine, world: World
) -> None:
    """SIGKILL after the outside call: the next `up` adopts what the first one made."""
    (world.root / "crash").touch()

    def program() -> None:
        make("Thing", "it", provider(world.root), value="x")

    stack = engine.stack(program)
    with pytest.raises(automation.CommandError):
        stack.up()

    assert world.objects == ["it-plain"]
    assert len(world.journals) == 1
    assert world.journals[0].stat().st_mode & 0o777 == 0o600

    stack.up()

    assert world.objects == ["it-plain"]
    assert world.happened() == ["it made", "it adopted after put"]

    stack.preview()

    # The preview named the id: the engine has recorded it, the journal is done.
    assert world.journals == []

    stack.destroy()

    assert world.objects == []


def test_an_object_of_somebody_else_is_refused(engine: Engine, world: World) -> None:
    folder = world.root / "world"
    folder.mkdir()
    (folder / "it-plain.json").write_text('{"urn": "somebody", "inputs": {}}')

    def program() -> None:
        make("Thing", "it", provider(world.root), value="x")

    with pytest.raises(automation.CommandError, match="belongs to somebody else"):
        engine.stack(program).up()

    assert world.objects == ["it-plain"]


def test_old_state_is_migrated_by_up_and_newer_state_is_refused(
    engine: Engine, world: World
) -> None:
    """Version 1 writes, version 2 migrates, version 1 comes back and is told to upgrade."""

    def program() -> None:
        make("Versioned", "it", provider(world.root), size=3)

    engine.stack(program).up()

    assert '"size": "3"' in _state(engine)

    engine.extra["FAKE_SCHEMA"] = "2"
    stack = engine.stack(program)

    assert stack.preview().change_summary == {"same": 2, "update": 1}

    stack.up()

    assert '"size_gb": 3' in _state(engine)
    assert stack.preview().change_summary == {"same": 3}

    engine.extra["FAKE_SCHEMA"] = "1"
    with pytest.raises(automation.CommandError, match="upgrade `mlops-iac` to at least"):
        engine.stack(program).preview()


def test_an_engine_that_is_killed_takes_its_plugin_along(engine: Engine, world: World) -> None:
    """SIGKILL: the engine can tell nobody; the plugin's 60 s call ends all the same."""
    running = _long_up(engine, world)
    plugin = world.events[0]["pid"]
    os.kill(running.pid, signal.SIGKILL)
    running.wait()

    eventually(lambda: not is_alive(plugin), within=8, what="the end of the plugin")


def test_plain_pulumi_does_the_same_as_the_automation_interface(
    engine: Engine, world: World
) -> None:
    source = (
        "from tests.plugin.world import make, provider\n"
        f"make('Thing', 'it', provider({str(world.root)!r}), value='x')\n"
    )
    folder = engine.project(source)
    done = engine.cli("up", "--yes", "-s", "dev", cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert world.objects == ["it-plain"]
