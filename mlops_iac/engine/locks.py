"""Locks of the local back end: which are stale, and which must never be touched."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.engine.errors import LockedError


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock file, as Pulumi writes it when an operation begins."""

    path: Path
    pid: int
    host: str
    user: str
    since: str

    @property
    def is_ours(self) -> bool:
        """Whether it was taken on this host, so that its owner can be looked up."""
        return self.host == socket.gethostname()

    @property
    def is_stale(self) -> bool:
        """Whether its owner ran on this host and is gone: dead, or a zombie."""
        return self.is_ours and not is_alive(self.pid, before=self.path.stat().st_mtime)

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user}@{self.host} since {self.since}"


def read_locks(state: Path, project: str, stack: str) -> list[Lock]:
    """Return the locks of one stack."""
    folder = state / ".pulumi" / "locks" / "organization" / project / stack
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def release_dead_locks(state: Path, project: str, stack: str) -> list[Lock]:
    """Remove the locks whose owner is dead, and return them.

    Raises:
        LockedError: A lock is held by a live process, or by another host; nothing was removed.
    """
    locks = read_locks(state, project, stack)
    for lock in locks:
        if not lock.is_stale:
            raise _refusal(lock)
    for lock in locks:
        lock.path.unlink(missing_ok=True)
    return locks


def is_alive(pid: int, *, before: float) -> bool:
    """Say whether process `pid` runs and was there at the time `before` (seconds since 1970).

    A process that started later has only inherited the number.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not (_is_zombie(pid) or _started(pid) > before + _CLOCK_SLACK_SECONDS)


_CLOCK_SLACK_SECONDS = 2
_START_FIELD = 19
"""Place of the start time among the fields after the name: field 22 of proc(5)."""


def _fields(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` after the name; none where there is no `/proc`."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _is_zombie(pid: int) -> bool:
    return _fields(pid)[:1] in (["Z"], ["X"])


def _started(pid: int) -> float:
    fields = _fields(pid)
    if len(fields) <= _START_FIELD:
        return 0.0
    boot = next(
        float(line.split()[1])
        for line in Path("/proc/stat").read_text().splitlines()
        if line.startswith("btime ")
    )
    return boot + int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")


def _read(path: Path) -> Lock:
    try:
        content = json.loads(path.read_text())
        return Lock(
            path=path,
            pid=int(content["pid"]),
            host=content["hostname"],
            user=content["username"],
            since=content["timestamp"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LockedError(
            f"the lock file `{path}` names no owner",
            remedy="make sure that no other run is on its way and remove the file",
        ) from error


def _refusal(lock: Lock) -> LockedError:
    if lock.is_ours:
        return LockedError(
            f"the stack is in use by {lock}", remedy="wait for it to end, or stop it with Ctrl-C"
        )
    return LockedError(
        f"the stack is locked by {lock}, and another host's processes cannot be seen from here",
        remedy=f"run `mlops-iac recover` on `{lock.host}`, or `pulumi cancel` if it is gone",
    )
