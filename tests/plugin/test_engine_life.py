"""Resources of the plugin live under the real engine: created, seen, changed, replaced, imported.

Limit: the handlers are the fake provider's; what real handlers do is tested with their providers.
"""

import subprocess
import time
from pathlib import Path

import pulumi
import pytest
from pulumi import automation

from tests.plugin.world import World, make, provider, world_of
from tests.support.engine import Engine

pytestmark = pytest.mark.engine

PASSWORD = "correct-horse-battery"


@pytest.fixture
def world(engine: Engine) -> World:
    return world_of(engine)


def test_three_creates_of_three_seconds_run_at_once(engine: Engine, world: World) -> None:
    """The time between the first begin and the last end, as the handlers noted it."""

    def program() -> None:
        here = provider(world.root)
        for name in "abc":
            make("Slow", name, here, seconds=3)

    engine.stack(program).up()
    times = [each["time"] for each in world.events]

    assert len(times) == 6
    assert max(times) - min(times) < 4


def test_the_limit_on_calls_at_once_holds(engine: Engine, world: World) -> None:
    engine.extra["MLOPS_IAC_PARALLEL"] = "1"

    def program() -> None:
        here = provider(world.root)
        for name in "ab":
            make("Slow", name, here, seconds=0.3)

    engine.stack(program).up()

    assert [each["event"] for each in world.events] == ["began", "ended"] * 2


def test_secrets_stay_secret_everywhere(engine: Engine, world: World) -> None:
    """State, history, journal, log and output; inputs, `secret_outputs` and what embeds them."""

    def program() -> None:
        here = provider(world.root)
        password = pulumi.Output.secret(PASSWORD)
        thing = make("Thing", "store", here, password=password)
        make("Slow", "slow", here, seconds=0, password=password)
        pulumi.export("url", thing.url)
        pulumi.export("token", thing.token)

    printed: list[str] = []
    result = engine.stack(program).up(on_output=printed.append, log_to_std_err=True)

    assert result.outputs["url"].secret
    assert result.outputs["url"].value.startswith(f"postgres://user:{PASSWORD}@")
    assert result.outputs["token"].secret
    assert PASSWORD not in "".join(printed)
    assert "working on [secret]" in "".join(printed)
    assert _files_with(PASSWORD, engine.state) == []
    assert _files_with("token-of-store", engine.state) == []
    assert _files_with(PASSWORD, world.root) == ["store-plain.json"]


def _files_with(text: str, folder: Path) -> list[str]:
    found = subprocess.run(
        ["/bin/grep", "-rlF", text, str(folder)], capture_output=True, text=True, check=False
    )
    return [Path(line).name for line in found.stdout.splitlines()]


def test_a_whole_life(engine: Engine, world: World) -> None:
    """Preview, create, no change, update in place, replacement, drift, destroy, in one stack."""
    inputs = {"value": "one", "kind": "small", "note": "x"}

    def program() -> None:
        here = provider(world.root)
        first = make("Thing", "first", here, **inputs)
        make("Thing", "second", here, value=first.url)
        pulumi.export("address", first.address)

    stack = engine.stack(program)

    assert stack.preview().change_summary == {"create": 4}
    assert stack.up().summary.resource_changes == {"create": 4}
    assert stack.preview().change_summary == {"same": 4}

    inputs["note"] = "ignored"

    assert stack.preview().change_summary == {"same": 4}

    inputs["value"] = "two"

    # `url` is not among the stable outputs: what an update makes of it is not known before.
    assert stack.preview().change_summary == {"same": 2, "update": 2}
    assert stack.up().summary.resource_changes == {"same": 3, "update": 1}

    inputs["kind"] = "large"
    changes = stack.up().summary.resource_changes

    assert changes == {"same": 2, "replace": 1, "update": 1}
    assert world.objects == ["first-large", "second-plain"]

    (world.root / "world" / "second-plain.json").unlink()
    stack.refresh()

    assert stack.up().summary.resource_changes == {"same": 3, "create": 1}

    stack.destroy()

    assert world.objects == []
    assert world.journals == []


def test_refresh_sees_no_change_where_there_is_none(engine: Engine, world: World) -> None:
    def program() -> None:
        make("Thing", "it", provider(world.root), value="x", password=pulumi.Output.secret("hush!"))

    stack = engine.stack(program)
    stack.up()

    assert stack.refresh().summary.resource_changes == {"same": 3}
    assert stack.preview().change_summary == {"same": 3}


def test_an_object_that_exists_is_imported(engine: Engine, world: World) -> None:
    folder = world.root / "world"
    folder.mkdir()
    (folder / "old-plain.json").write_text('{"urn": "by hand", "inputs": {"value": "kept"}}')

    def program() -> None:
        opts = pulumi.ResourceOptions(import_="old-plain")
        make("Thing", "old", provider(world.root), value="kept", opts=opts)

    stack = engine.stack(program)

    assert stack.up().summary.resource_changes == {"create": 2, "import": 1}
    assert world.happened() == []


def test_a_refused_input_names_its_property(engine: Engine, world: World) -> None:
    def program() -> None:
        make("Thing", "it", provider(world.root), value="forbidden")

    with pytest.raises(automation.CommandError, match="`forbidden` is not allowed"):
        engine.stack(program).preview()


def test_two_provider_instances_do_not_leak_into_each_other(engine: Engine, world: World) -> None:
    """The engine starts one process for each instance; each keeps its own configuration."""
    other = World(world.root.parent / "other")
    other.root.mkdir()

    def program() -> None:
        make("Thing", "a", provider(world.root, "here"))
        make("Thing", "b", provider(other.root, "there"))

    stack = engine.stack(program)
    stack.up()
    (here,), (there,) = world.events, other.events

    assert (world.objects, other.objects) == (["a-plain"], ["b-plain"])
    assert here["pid"] != there["pid"]

    stack.destroy()

    assert (world.objects, other.objects) == ([], [])


def test_another_root_moves_the_resources(engine: Engine, world: World) -> None:
    """The provider's identity changed: everything is made in the new world and removed there."""
    other = World(world.root.parent / "other")
    other.root.mkdir()
    where = [world.root]

    def program() -> None:
        make("Thing", "a", provider(where[0]))

    stack = engine.stack(program)
    stack.up()
    where[0] = other.root
    stack.up()

    assert (world.objects, other.objects) == ([], ["a-plain"])


def test_a_long_call_shows_progress_and_its_limit(engine: Engine, world: World) -> None:
    started = time.monotonic()

    def program() -> None:
        limits = pulumi.CustomTimeouts(create="1s")
        opts = pulumi.ResourceOptions(custom_timeouts=limits)
        make("Slow", "late", provider(world.root), seconds=60, opts=opts)

    with pytest.raises(automation.CommandError, match="longer than the 1 s"):
        engine.stack(program).up()

    assert time.monotonic() - started < 30
