"""Captured files in the order in which they were seen, so that a number says what was judged.

Names of files do not tell their order exactly: a server that was restarted may write a file with
an older name late. So every file gets the next number when it is first seen, and keeps it. A range
of numbers is then all that a check has to remember.
"""

import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.runtime.files import write_atomically


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One captured file."""

    name: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What of a folder has been seen."""

    id: str
    """Numbers of another ledger mean other files."""
    files: Sequence[Seen]

    def rows(self, first: int, end: int | None = None) -> int:
        """Return how many rows the files from number `first` to before `end` hold."""
        return sum(file.rows for file in self.files[first:end])

    def names(self, first: int, end: int) -> list[str]:
        """Return the names of the files from number `first` to before `end`."""
        return [file.name for file in self.files[first:end]]


def read_ledger(path: Path) -> Ledger:
    """Return a ledger; an empty one without an id when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Ledger(id="", files=())
    # A line without its end was cut off by a crash; it is written again.
    first, *lines = text[: text.rfind("\n") + 1].splitlines()
    return Ledger(id=first, files=tuple(_seen(line) for line in lines))


def extend_ledger(path: Path, found: Iterable[Seen]) -> Ledger:
    """Give the next numbers to files that have none yet; return the whole ledger.

    To be called by one process at a time.
    """
    known = read_ledger(path)
    if not known.id:
        known = Ledger(id=uuid.uuid4().hex, files=())
        write_atomically(path, f"{known.id}\n".encode())
    names = {file.name for file in known.files}
    fresh = sorted((file for file in found if file.name not in names), key=lambda f: f.name)
    if fresh:
        _append(path, "".join(f"{file.rows} {file.name}\n" for file in fresh))
    return Ledger(id=known.id, files=(*known.files, *fresh))


def _seen(line: str) -> Seen:
    rows, _, name = line.partition(" ")
    return Seen(name=name, rows=int(rows))


def _append(path: Path, lines: str) -> None:
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())
