"""Plain `pulumi up` of a project does the same as `mlops-iac up`.

Limit: the language host is the stand-in of `tests/support`; users have Pulumi's own. The plugin is
found by the `plugins.providers` entry that `init` writes; the other ways are in `tests/plugin`.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.engine import REPOSITORY, SUPPORT, TOOLS
from tests.support.laptop import Laptop, eventually

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(400)]


def test_plain_pulumi_does_the_same(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path / "plain")
    laptop.folder.mkdir()
    laptop.run("init", ".", "--yes", "--name", "plain")
    pulumi(laptop, "stack", "init", "dev")
    pulumi(laptop, "up", "--yes", "--skip-preview")

    assert laptop.json("status")[3]["state"] == "serving"
    assert set(laptop.json("up")["changes"]) == {"same"}
    pulumi(laptop, "preview", "--expect-no-changes")
    outputs = json.loads(pulumi(laptop, "stack", "output", "--json"))
    assert outputs["classify"]["state"] == "serving"
    pulumi(laptop, "destroy", "--yes", "--skip-preview")
    eventually(lambda: not laptop.processes())


def pulumi(laptop: Laptop, *words: str) -> str:
    """Run plain `pulumi` with the exports that `mlops-iac env` prints, our `bin` not on `PATH`."""
    exports = laptop.json("env")
    exports["PATH"] = f"{TOOLS / 'bin'}:{SUPPORT}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        [str(TOOLS / "bin" / "pulumi"), *words, "--non-interactive"],
        cwd=laptop.folder,
        env={
            **laptop.env,
            **exports,
            "PULUMI_HOME": str(laptop.folder.parent / "home"),
            "PULUMI_TEST_PYTHON": os.path.realpath(REPOSITORY / ".venv" / "bin") + "/python",
            "PYTHONPATH": str(REPOSITORY),
            **({} if "stack" not in words else {"PULUMI_STACK": "dev"}),
        },
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
