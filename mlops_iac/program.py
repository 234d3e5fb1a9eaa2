"""A Pulumi project in Python: running its `__main__.py`, and reading what it declares."""

import json
import os
import runpy
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mlops_iac.errors import MlopsError
from mlops_iac.settings import stack_settings
from mlops_iac.stack import Declaration, collecting
from mlops_iac.yaml_text import read

if TYPE_CHECKING:
    from mlops_iac.recording import Recording


class NoStackError(MlopsError):
    """A program declares no single `Stack`: it uses components directly, or is another's."""

    code = "program.no-stack"


def run(folder: Path) -> None:
    """Run the project's program, as the Pulumi engine does."""
    with _inside(folder):
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")


def declared_by(folder: Path, stack: str) -> Declaration:
    """Return the `Stack` that the program builds, without building it.

    Raises:
        NoStackError: the program builds no `Stack`, or more than one.
    """
    with collecting(stack) as found:
        recorded(folder, stack)
    if len(found) != 1:
        raise NoStackError(
            f"`{folder / '__main__.py'}` builds {len(found)} stacks",
            remedy="declare one `Stack(…)` and call its `build()`; `plan` and plain `pulumi` "
            "also take programs that use components directly",
        )
    return found[0]


def recorded(folder: Path, stack: str, config: Mapping[str, str] | None = None) -> "Recording":
    """Run the program under the recording monitor: offline, nothing is created.

    Raises:
        NoStackError: the program refused to go on; carries what it said.
    """
    import pulumi

    from mlops_iac.recording import record

    settings = {key: _text(value) for key, value in stack_settings(folder, stack).items()}
    try:
        return record(
            lambda: run(folder),
            project=project_name(folder),
            stack_name=stack,
            config={**settings, **(config or {})},
        )
    except pulumi.RunError as error:
        raise NoStackError(str(error)) from error


def project_name(folder: Path) -> str:
    """Return the name in the project's `Pulumi.yaml`; the folder's when there is none."""
    file = folder / "Pulumi.yaml"
    data, _ = read(file) if file.is_file() else ({}, {})
    return str(cast("Mapping[str, Any]", data or {}).get("name") or folder.name)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@contextmanager
def _inside(folder: Path) -> Generator[None]:
    """Work in `folder`, with its modules importable, and put everything back."""
    before = Path.cwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)
