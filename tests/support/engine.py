"""The real Pulumi engine for tests: isolated home, back end, secrets and `PATH`.

`engine` has our plugin installed in its `PULUMI_HOME`; the environment's `bin` is never on `PATH`.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from mlops_iac.engine.cli import ensure_pulumi
from mlops_iac.plugin.install import install

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = Path(ensure_pulumi(print).command).parent.parent
"""Folder whose `bin` holds the CLI that the product itself would use."""
SUPPORT = Path(__file__).resolve().parent
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(kw_only=True)
class Engine:
    """One isolated installation of Pulumi with an own back end."""

    folder: Path
    home: Path
    extra: dict[str, str] = field(default_factory=dict)
    """Further environment variables; set before a stack is made."""

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def env(self) -> dict[str, str]:
        """Everything the engine, the program and the plugin see of the outside."""
        return {
            "PATH": f"{TOOLS / 'bin'}:{SUPPORT}:{SYSTEM_PATH}",
            "HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "home" / "state"),
            "XDG_DATA_HOME": str(self.folder / "home" / "data"),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{self.state}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_TEST_PYTHON": sys.executable,
            "PYTHONPATH": str(REPOSITORY),
            **self.extra,
        }

    def stack(
        self, program: Callable[[], Any], *, project: str = "tests", name: str = "dev"
    ) -> automation.Stack:
        """Return a stack of an inline program."""
        options = automation.LocalWorkspaceOptions(
            env_vars=self.env,
            work_dir=str(self._work_dir(project)),
            pulumi_command=automation.PulumiCommand(root=str(TOOLS), skip_version_check=True),
            project_settings=automation.ProjectSettings(name=project, runtime="python"),
        )
        return automation.create_or_select_stack(
            stack_name=name, project_name=project, program=program, opts=options
        )

    def cli(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the Pulumi CLI, at most for two minutes, without asking anything."""
        return subprocess.run(
            [str(TOOLS / "bin" / "pulumi"), *words, "--non-interactive"],
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def project(self, source: str, *, name: str = "plain", settings: str = "") -> Path:
        """Write a Pulumi project for plain `pulumi`, with an empty stack `dev`; return its folder.

        `settings` are further lines of `Pulumi.yaml`.
        """
        folder = self._work_dir(name)
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n{settings}")
        (folder / "__main__.py").write_text(source)
        made = self.cli("stack", "init", "dev", cwd=folder)
        if made.returncode:
            raise RuntimeError(made.stderr)
        return folder

    def start(self, *words: str, cwd: Path) -> subprocess.Popen[str]:
        """Start the Pulumi CLI and return at once; its output is one stream."""
        return subprocess.Popen(
            [str(TOOLS / "bin" / "pulumi"), *words, "--non-interactive"],
            cwd=cwd,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _work_dir(self, project: str) -> Path:
        folder = self.folder / "projects" / project
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def make_engine(folder: Path, home: Path) -> Engine:
    """Return an engine whose folders and passphrase exist."""
    for each in (folder / "state", folder / "home", home):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    passphrase = folder / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text("correct horse")
    return Engine(folder=folder, home=home)


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `PULUMI_HOME` with our plugin installed, made once."""
    folder = tmp_path_factory.mktemp("pulumi")
    maker = make_engine(folder, folder / "pulumi-home")
    environment = {**os.environ, **maker.env}
    install(TOOLS / "bin" / "pulumi", folder=folder / "wrapper", environment=environment)
    return maker.home


@pytest.fixture
def engine(tmp_path: Path, pulumi_home: Path) -> Iterator[Engine]:
    """An engine with our plugin, and an empty back end of its own."""
    yield make_engine(tmp_path, pulumi_home)
    # Programs that a test expects to fail leave remains too: see `tests/conftest.py`.
    gc.collect()


@pytest.fixture
def bare_engine(tmp_path: Path) -> Engine:
    """An engine that has no plugin at all."""
    return make_engine(tmp_path, tmp_path / "pulumi-home")
