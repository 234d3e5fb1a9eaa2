"""Work on features in a process of its own: its memory is given back, and it can be stopped."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import make_folder, read_json, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.processes import clean_environment

_POLL_SECONDS = 0.05
_LAST_BYTES = 2000


def run_child(
    layout: Layout,
    task: str,
    request: Mapping[str, Any],
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Do a task of `mlops_iac_local.features` in a child, and return its answer.

    Args:
        layout: the stack's folders.
        task: name of the task.
        request: what it is told, as JSON.
        wait: sleeps some seconds, again and again; when it raises, the child is killed.

    Raises:
        LocalError: what the child refused, or how it ended.
    """
    with tempfile.TemporaryDirectory(dir=make_folder(layout.temporary)) as made:
        folder = Path(made)
        write_json(folder / "request.json", {"root": str(layout.root), **request})
        with (folder / "output").open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", "mlops_iac_local.features", task, str(folder)],
                cwd=folder,
                # Feast's sqlite store writes and reads times of no zone; one zone for all of us.
                env={**clean_environment(home=str(folder)), "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=0o077,
            )
            _watch(child, wait)
        return _answer(folder, task, child.returncode)


def _watch(child: "subprocess.Popen[bytes]", wait: Callable[[float], None]) -> None:
    try:
        while child.poll() is None:
            wait(_POLL_SECONDS)
    finally:
        child.kill()
        child.wait()


def _answer(folder: Path, task: str, code: int) -> dict[str, Any]:
    answer = read_json(folder / "answer.json")
    if answer is None:
        said = (folder / "output").read_bytes()[-_LAST_BYTES:].decode(errors="replace").strip()
        raise LocalError(f"the features' `{task}` ended with exit code {code}:\n{said}")
    if "error" in answer:
        raise LocalError(answer["error"], remedy=answer["remedy"])
    return answer


def read_request(folder: Path) -> dict[str, Any]:
    """Return what the child is told."""
    return json.loads((folder / "request.json").read_text(encoding="utf-8"))


def write_answer(folder: Path, answer: Mapping[str, Any]) -> None:
    """Leave the child's answer."""
    write_json(folder / "answer.json", answer)
