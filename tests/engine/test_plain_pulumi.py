"""Plain `pulumi up` of the reference stack does the same as `mlops-iac up`.

Limit: the language host is the stand-in of `tests/support`; users have Pulumi's own. The plugin is
found because `mlops-iac plugin install` put it there; the other ways are in `tests/plugin`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_iac.plugin.install import install
from tests.support.engine import REPOSITORY, SUPPORT, TOOLS
from tests.support.laptop import Laptop, eventually

PRIVATE = shutil.ignore_patterns(".mlops-iac", "__pycache__")
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(400)]


def test_plain_pulumi_does_the_same(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path / "plain")
    shutil.copytree(REPOSITORY / "stacks" / "reference", laptop.folder, ignore=PRIVATE)
    install(TOOLS / "bin" / "pulumi", folder=tmp_path / "wrapper", environment=environment(laptop))
    pulumi(laptop, "stack", "init", "dev")
    pulumi(laptop, "up", "--yes", "--skip-preview")

    assert [s["state"] for s in laptop.json("status") if s["kind"] == "ModelEndpoint"] == [
        "serving"
    ]
    assert set(laptop.json("up")["changes"]) == {"same"}
    pulumi(laptop, "preview", "--expect-no-changes")
    outputs = json.loads(pulumi(laptop, "stack", "output", "--json"))
    assert [o["state"] for o in outputs.values() if o["kind"] == "ModelEndpoint"] == ["serving"]
    pulumi(laptop, "destroy", "--yes", "--skip-preview")
    eventually(lambda: not laptop.processes())


def environment(laptop: Laptop) -> dict[str, str]:
    """Return the exports that `mlops-iac env` prints, our `bin` not on `PATH`."""
    return {
        **laptop.env,
        **laptop.json("env"),
        "PATH": f"{TOOLS / 'bin'}:{SUPPORT}:/usr/local/bin:/usr/bin:/bin",
        "PULUMI_HOME": str(laptop.folder.parent / "home"),
        "PULUMI_TEST_PYTHON": sys.executable,
        "PYTHONPATH": str(REPOSITORY),
    }


def pulumi(laptop: Laptop, *words: str) -> str:
    """Run plain `pulumi` and return its standard output."""
    done = subprocess.run(
        [str(TOOLS / "bin" / "pulumi"), *words, "--non-interactive"],
        cwd=laptop.folder,
        env=environment(laptop),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
