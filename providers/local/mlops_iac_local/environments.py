"""Python environments of training jobs: the runtime's own, or with a job's requirements on top."""

import os
import site
import subprocess
import sys
import tempfile
from pathlib import Path

from mlops_iac.content import file_digest
from mlops_iac.custom import Call
from mlops_iac.installer import pip_install
from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import locked, make_folder, remove, write_private
from mlops_iac_local.layout import Layout

_INSTALL_SECONDS = 1800
_LAYER = "mlops_iac_runtime.pth"


def prepare(layout: Layout, requirements: str | None, project_dir: Path, call: Call) -> str:
    """Return the interpreter for a job; install its requirements when nobody has yet.

    The packages lie before the runtime's own, which stay visible below them.

    Raises:
        LocalError: the file is missing, or the installer fails.
    """
    if requirements is None:
        return sys.executable
    file = project_dir / requirements
    if not file.is_file():
        raise LocalError(f"there is no file `{requirements}`", remedy="correct `requirements`")
    # Installed packages name their interpreter: another Python is another environment.
    name = f"{file_digest(file)[:16]}-py{sys.version_info.major}{sys.version_info.minor}"
    place = layout.environments / name
    with locked(layout.lock(f"environment-{name}")):
        if not (place / _done()).exists():
            call.journal("install", requirements=requirements)
            call.log(f"installing {requirements}")
            _install(place, file)
    return str(place / "bin" / "python")


def _done() -> Path:
    return Path("installed")


def _install(place: Path, file: Path) -> None:
    make_folder(place.parent)
    remove(place)
    _run([sys.executable, "-m", "venv", "--without-pip", str(place)], file)
    python = place / "bin" / "python"
    _run([*pip_install(python), "-r", str(file)], file)
    packages = next((place / "lib").glob("python*/site-packages"))
    # Processed by `site` at start: appends our packages, with their own path files, at the end.
    own = [path for path in (*site.getsitepackages(), *sys.path) if path.endswith("-packages")]
    lines = [f"import site; site.addsitedir({path!r})" for path in dict.fromkeys(own)]
    write_private(packages / _LAYER, "\n".join(lines) + "\n")
    write_private(place / _done(), file.read_bytes())


def _run(command: list[str], file: Path) -> None:
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            cwd=file.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        output.seek(0)
        if done.returncode:
            said = output.read().strip()[-999:]
            raise LocalError(
                f"the packages of `{file.name}` cannot be installed:\n{said}",
                remedy="correct the file, or see to the package index",
            )
