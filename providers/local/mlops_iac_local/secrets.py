"""Secrets on this machine: one file each, in one folder of this user.

`${XDG_CONFIG_HOME:-~/.config}/mlops-iac/secrets/NAME`, mode 0600, holds the value of the secret
`NAME`. The folder is the user's, not a stack's: `destroy` leaves it. Only the launcher of a run
or of a server reads it, at start.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlops_iac_local.errors import LocalError

MASK = "**********"
_SHORTEST_MASKED = 4
"""Shorter values are not masked in logs: they would blot out ordinary text."""


def folder() -> Path:
    """Return the folder of this user's secrets."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "mlops-iac" / "secrets"


def secret_file(name: str) -> Path:
    """Return the file of a secret.

    Raises:
        LocalError: the name leads out of the folder.
    """
    path = folder() / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise LocalError(
            f"the secret `{name}` leads out of `{folder()}`", remedy="use a plain name"
        )
    return path


def read_secret(name: str) -> str:
    """Return the value of a secret; one final line break is no part of it.

    Raises:
        LocalError: there is no such file, or other users may read it.
    """
    path = secret_file(name)
    try:
        mode = path.stat().st_mode & 0o777
        value = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LocalError(
            f"there is no secret `{name}`",
            remedy=f"write its value to `{path}` with mode 0600",
        ) from None
    if mode & 0o077:
        raise LocalError(
            f"other users may read the secret `{name}` (mode {mode:04o})",
            remedy=f"chmod 600 {path}",
        )
    return value.removesuffix("\n")


def require_secrets(environment: Mapping[str, object]) -> None:
    """Fail early, with the remedy, when a secret that `environment` names is not to be had."""
    for name in secret_names(environment):
        read_secret(name)


def secret_names(environment: Mapping[str, object]) -> list[str]:
    """Return the names of the secrets in an environment in its JSON form."""
    return sorted(value["secret"] for value in environment.values() if isinstance(value, Mapping))


def resolved(environment: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    """Return the environment with the secrets' values, and those values."""
    values = {
        key: read_secret(value["secret"])
        for key, value in environment.items()
        if isinstance(value, Mapping)
    }
    plain = {key: str(value) for key, value in environment.items() if key not in values}
    return {**plain, **values}, list(values.values())


def masked(line: str, values: Iterable[str]) -> str:
    """Return `line` with every secret value blotted out, each line of a long one by itself."""
    for value in values:
        for part in (value, *value.splitlines()):
            if len(part) >= _SHORTEST_MASKED:
                line = line.replace(part, MASK)
    return line
