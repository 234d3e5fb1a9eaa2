"""Environments of scanners, apart from ours: their pins are not our pins. Not a test."""

import hashlib
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]


def program(judge: str) -> Path:
    """Return a scanner's program, installed from its lock file when it is not there yet."""
    folder = _ROOT / ".tools" / "judges" / judge
    lock = _HERE / f"{judge}.lock"
    stamp, wanted = folder / ".stamp", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        python = folder / "bin" / "python"
        _uv("venv", "--clear", "--python", sys.executable, str(folder))
        _uv("pip", "sync", "--python", str(python), "--require-hashes", str(lock))
        stamp.write_text(wanted)
    return folder / "bin" / judge


def _uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments, "--quiet"], check=True)
