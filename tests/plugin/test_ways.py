"""The three ways to the plugin, and what the engine says when there is none.

The environment's `bin` is not on `PATH` except in the `PATH` way. Limit: that nothing is
asked of the network is read from the engine's output.
"""

import sys
import time
from pathlib import Path

import pytest
import yaml

from mlops_iac.custom import PLUGIN
from mlops_iac.plugin.install import EXECUTABLE, install, plugin_entry, write_wrapper
from tests.plugin.world import World, world_of
from tests.support.engine import TOOLS, Engine

pytestmark = pytest.mark.engine

REMEDY = "mlops-iac plugin install"


@pytest.fixture
def world(bare_engine: Engine) -> World:
    return world_of(bare_engine)


def _project(engine: Engine, world: World, settings: str = "") -> Path:
    source = (
        "from tests.plugin.world import make, provider\n"
        f"make('Thing', 'it', provider({str(world.root)!r}), value='x')\n"
    )
    return engine.project(source, settings=settings)


def _assert_up_works(engine: Engine, world: World, folder: Path) -> None:
    done = engine.cli("up", "--yes", "--skip-preview", "-s", "dev", cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert world.objects == ["it-plain"]


def test_an_installed_plugin_is_found(bare_engine: Engine, world: World) -> None:
    folder = bare_engine.folder / "wrapper"
    install(TOOLS / "bin" / "pulumi", folder=folder, environment=bare_engine.env)
    # Pulumi copied it: the source may go.
    (folder / EXECUTABLE).unlink()

    _assert_up_works(bare_engine, world, _project(bare_engine, world))


def test_a_path_in_the_project_file_is_found(bare_engine: Engine, world: World) -> None:
    entry = plugin_entry(bare_engine.folder / "wrapper")
    settings = yaml.safe_dump({"plugins": {"providers": [dict(entry)]}})

    assert entry["name"] == PLUGIN

    _assert_up_works(bare_engine, world, _project(bare_engine, world, settings))


def test_a_plugin_on_path_is_found(bare_engine: Engine, world: World) -> None:
    bare_engine.extra["PATH"] = f"{Path(sys.executable).parent}:{bare_engine.env['PATH']}"

    _assert_up_works(bare_engine, world, _project(bare_engine, world))


@pytest.mark.parametrize("is_disabled", ["true", "false"])
def test_a_missing_plugin_is_told_with_the_remedy(
    bare_engine: Engine, world: World, is_disabled: str
) -> None:
    """With and without automatic acquisition: our words, no public release page, no hanging."""
    bare_engine.extra["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = is_disabled
    folder = _project(bare_engine, world)
    started = time.monotonic()
    done = bare_engine.cli("up", "--yes", "--skip-preview", "-s", "dev", cwd=folder)
    output = done.stdout + done.stderr

    assert done.returncode != 0
    assert REMEDY in output, output
    assert "lookup" not in output
    assert "github" not in output
    assert "get.pulumi.com" not in output
    assert time.monotonic() - started < 20


def test_a_wrapper_runs_this_environment(tmp_path: Path) -> None:
    folder = write_wrapper(tmp_path / "has space")
    text = (folder / EXECUTABLE).read_text()

    assert str(Path(sys.executable).parent) in text
    assert (folder / EXECUTABLE).stat().st_mode & 0o777 == 0o700
