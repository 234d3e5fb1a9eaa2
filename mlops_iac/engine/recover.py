"""Bring a stack back to work after a kill: locks, half-written state, pending operations.

Pending operations are cleared by `pulumi stack export` and `pulumi stack import`, not by
`refresh --clear-pending-creates`: a refresh starts every provider and reads every resource, so it
needs credentials and a network, and it changes more than it was asked to. An export without
`--show-secrets` keeps secrets encrypted. The next `up` creates the resource again, and the
plugin's create adopts what is already ours. What official plugins may have made is looked for, and
only that is read: see `adoption.py`.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.engine.adoption import adopt
from mlops_iac.engine.automation import Engine
from mlops_iac.engine.backend import state_folder
from mlops_iac.engine.errors import StateError
from mlops_iac.engine.locks import release_dead_locks


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What was mended, one line each; empty lists when all was well."""

    locks: list[str] = field(default_factory=list[str])
    files: list[str] = field(default_factory=list[str])
    pending: list[str] = field(default_factory=list[str])
    adopted: list[str] = field(default_factory=list[str])

    @property
    def lines(self) -> list[str]:
        """Everything that was done, in the words of a person."""
        return [
            *(f"released the lock of {owner}, which is dead" for owner in self.locks),
            *self.files,
            *(f"cleared the pending operation: {text}" for text in self.pending),
            *(f"took up what the killed run had made: `{urn}`" for urn in self.adopted),
        ]


def recover(project_dir: Path, project: str, stack: str) -> Recovery:
    """Mend what a killed run left of `stack`; doing it twice changes nothing more.

    On a back end that is no local folder only pending operations are cleared.

    Raises:
        LockedError: A live process, or one of another host, holds the stack.
        StateError: The state is torn, and no copy of it can be read.
    """
    state = state_folder(project_dir)
    if state is None:
        pending, adopted = _clear_pending(project_dir, project, stack)
        return Recovery(pending=pending, adopted=adopted)
    locks = [str(lock) for lock in release_dead_locks(state, project, stack)]
    files = [*_mend_state(state, project, stack), *_remove_leftovers(state, project, stack)]
    exists = _state_file(state, project, stack).exists()
    pending, adopted = _clear_pending(project_dir, project, stack) if exists else ([], [])
    return Recovery(locks=locks, files=files, pending=pending, adopted=adopted)


def _state_file(state: Path, project: str, stack: str) -> Path:
    return state / ".pulumi" / "stacks" / project / f"{stack}.json"


def _mend_state(state: Path, project: str, stack: str) -> list[str]:
    """Put the newest readable copy in the place of a torn state."""
    current = _state_file(state, project, stack)
    copies = _copies(state, project, stack)
    if _is_readable(current) or not (current.exists() or copies):
        return []
    source = next((path for path in copies if _is_readable(path)), None)
    if source is None:
        raise StateError(
            f"the state `{current}` is torn, and no copy of it can be read",
            remedy="put a copy of your own in its place, or remove it to begin anew",
        )
    temporary = current.with_suffix(".json.recover")
    shutil.copy(source, temporary)
    temporary.chmod(0o600)
    temporary.replace(current)
    return [f"restored the state from `{source.relative_to(state)}`"]


def _copies(state: Path, project: str, stack: str) -> list[Path]:
    """Return all copies that Pulumi keeps of the state, newest first."""
    root = state / ".pulumi"
    found = [
        *root.glob(f"stacks/{project}/{stack}.json.bak"),
        *root.glob(f"backups/{project}/{stack}/{stack}.*.json"),
        *root.glob(f"history/{project}/{stack}/*.checkpoint.json"),
    ]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _is_readable(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text()), dict)
    except (OSError, ValueError):
        return False


def _remove_leftovers(state: Path, project: str, stack: str) -> list[str]:
    """Remove the temporary and the empty side files of half a write."""
    root = state / ".pulumi"
    folders = (root / "stacks" / project, *(root / kind / project / stack for kind in _KINDS))
    torn = [path for folder in folders for path in sorted(folder.glob(f"{stack}*")) if _torn(path)]
    for path in torn:
        path.unlink()
    return [f"removed the leftover `{path.relative_to(state)}`" for path in torn]


_KINDS = ("backups", "history")


def _torn(path: Path) -> bool:
    """Say whether `path` is half a write, and nothing that Pulumi would read as a whole."""
    if path.suffix == ".tmp":
        return True
    if path.suffix == ".attrs":
        return not _is_readable(path)
    return path.suffix == ".json" and not _is_readable(path)


def _clear_pending(project_dir: Path, project: str, stack: str) -> tuple[list[str], list[str]]:
    """Return the operations that were cleared, and the URNs of what was taken up."""
    engine = Engine(project=project, stack=stack, project_dir=project_dir, program=_nothing)
    engine.prepare()
    document = engine.export()
    deployment: dict[str, Any] = document.get("deployment") or {}
    operations: list[dict[str, Any]] = deployment.get("pending_operations") or []
    if not operations:
        return [], []
    adopted = adopt(engine, document)
    if not adopted:
        # The import itself drops every pending operation; a resource whose update or delete was
        # pending is still in the state, and the next `up` compares and does it again.
        engine.call("stack", "import", "--stack", stack, text=json.dumps(engine.export()))
    return [_operation(item) for item in operations], list(adopted)


def _operation(item: dict[str, Any]) -> str:
    urn = item.get("resource", {}).get("urn", "")
    return f"{item.get('type', 'unknown')} `{urn}`"


def _nothing() -> None:
    """Declare nothing: `recover` runs no program."""
