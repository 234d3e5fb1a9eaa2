"""The installer of Python packages at hand: uv where there is one, else pip."""

import shutil
import sys
from pathlib import Path


def pip_install(python: str | Path) -> list[str]:
    """Return the command that installs packages for the interpreter `python`, up to its options.

    uv is looked for on `PATH` and beside the running interpreter: an environment that uv made has
    no pip, and need not be active.
    """
    if uv := shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent)):
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    return [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
