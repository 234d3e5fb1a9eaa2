"""What steps load is in the runtime image: neither Pulumi nor the command line's own packages."""

import subprocess
import sys

from mlops_iac_azure.work.__main__ import VERBS

_CODE = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pulumi", "pulumi_azure_native", "typer", "rich"}:
            raise ImportError(name)

sys.meta_path.insert(0, Absent())
for module in sys.argv[1:]:
    importlib.import_module(module)
"""


def test_every_verb_loads_without_pulumi() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *VERBS.values()], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_an_unknown_verb_says_which_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlops_iac_azure.work", "dance"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "there is no work `dance`: known are choose, collect" in done.stderr
