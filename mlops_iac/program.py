"""A Pulumi project in Python: running its `__main__.py`, and reading what it declares."""

import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_iac.errors import MlopsError
from mlops_iac.stack import Declaration, collecting


def run(folder: Path) -> None:
    """Run the project's program, as the Pulumi engine does."""
    with _inside(folder):
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")


def declared_by(folder: Path, stack: str) -> Declaration:
    """Return the `Stack` that the program builds, without building it.

    Raises:
        MlopsError: the program builds no `Stack`, or more than one.
    """
    with collecting(stack) as found:
        run(folder)
    if len(found) != 1:
        raise MlopsError(
            f"`{folder / '__main__.py'}` builds {len(found)} stacks",
            remedy="declare one `Stack(…)` and call its `build()`",
        )
    return found[0]


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in `folder`, with its modules importable, and put everything back."""
    before = Path.cwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)
