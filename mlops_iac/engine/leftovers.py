"""Leaving without a trace: what of the engine's own files may go with the last stack."""

import os
import shutil
from pathlib import Path

from mlops_iac.engine.backend import PRIVATE_FOLDER

_SALT = "encryptionsalt:"


def is_generated(settings: Path) -> bool:
    """Whether a `Pulumi.<stack>.yaml` holds only the salt that Pulumi itself wrote."""
    lines = [line for line in settings.read_text(encoding="utf-8").splitlines() if line.strip()]
    return all(line.startswith(_SALT) for line in lines)


def remove_private_folder(project_dir: Path, work_dir: Path) -> None:
    """Remove the project's private folder when no stack, and no encrypted setting, needs it."""
    folder = project_dir.resolve() / PRIVATE_FOLDER
    if os.environ.get("PULUMI_BACKEND_URL") or not folder.is_dir():
        return
    stacks = (folder / "pulumi" / ".pulumi" / "stacks").rglob("*.json")
    # The passphrase opens what these files hold encrypted.
    salted = (p for p in work_dir.glob("Pulumi.*.yaml") if _SALT in p.read_text(encoding="utf-8"))
    running = (path for path in folder.iterdir() if path.name not in _OWN)
    if not any((any(stacks), any(salted), any(running))):
        shutil.rmtree(folder)


_OWN = frozenset({".gitignore", "passphrase", "pulumi", "workspace"})
"""What the engine keeps there; anything else is a target's, and stays until it removes it."""
