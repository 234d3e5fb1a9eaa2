"""Where the state lives: a safe local back end, unless Pulumi's own variables name another."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from mlops_iac.engine.cli import tool_folder
from mlops_iac.engine.files import private_folder, write_once

PRIVATE_FOLDER = ".mlops-iac"
"""Folder inside the project that holds state, passphrase and what runs locally; not for git."""

SWITCHES: Mapping[str, str] = {
    # Nothing is fetched behind the user's back: a missing plugin is an error with a remedy.
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_SKIP_UPDATE_CHECK": "1",
}

_PASSPHRASE_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_PASSPHRASE_BYTES = 32


def private_path(project_dir: Path) -> Path:
    """Return the project's private folder, made with mode 0700."""
    folder = private_folder(project_dir.resolve() / PRIVATE_FOLDER)
    write_once(folder / ".gitignore", "*\n")
    return folder


def state_folder(project_dir: Path) -> Path | None:
    """Return the folder of the local back end, or `None` when state is kept elsewhere."""
    url = backend_url(project_dir)
    if not url.startswith("file://"):
        return None
    path = url.removeprefix("file://").split("?", 1)[0]
    return Path(path).expanduser().resolve()


def backend_url(project_dir: Path) -> str:
    """Return the back end in force: `PULUMI_BACKEND_URL`, a login by token, or our local one."""
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    if os.environ.get("PULUMI_ACCESS_TOKEN"):
        return ""
    # Without `metadata=skip` a kill between two writes leaves an empty `.attrs` side file, and
    # the whole stack cannot be loaded any more (`failed to load checkpoint: EOF`).
    return f"file://{project_dir.resolve() / PRIVATE_FOLDER / 'pulumi'}?metadata=skip"


def environment(project_dir: Path) -> Mapping[str, str]:
    """Return all that plain `pulumi` needs in this project; makes folder and passphrase.

    Variables of the caller win: `PULUMI_BACKEND_URL`, `PULUMI_ACCESS_TOKEN`,
    `PULUMI_CONFIG_PASSPHRASE` and `PULUMI_CONFIG_PASSPHRASE_FILE` are left as they are. No value
    is a secret: the passphrase is named by its file.
    """
    return {
        **_backend_variables(project_dir),
        **_passphrase_variables(project_dir),
        **SWITCHES,
        "PATH": _path(),
    }


def _backend_variables(project_dir: Path) -> Mapping[str, str]:
    url = backend_url(project_dir)
    if not url:
        return {}
    if not os.environ.get("PULUMI_BACKEND_URL"):
        private_folder(private_path(project_dir) / "pulumi")
    return {"PULUMI_BACKEND_URL": url}


def _passphrase_variables(project_dir: Path) -> Mapping[str, str]:
    given = {name: os.environ[name] for name in _PASSPHRASE_VARIABLES if name in os.environ}
    if given:
        # A passphrase given as text stays where it is: it is inherited, never printed.
        return {name: value for name, value in given.items() if name.endswith("_FILE")}
    if not backend_url(project_dir):
        return {}
    path = private_path(project_dir) / "passphrase"
    if not path.exists():
        write_once(path, secrets.token_urlsafe(_PASSPHRASE_BYTES) + "\n")
    return {"PULUMI_CONFIG_PASSPHRASE_FILE": str(path)}


def _path() -> str:
    """Return `PATH` with our plugin's folder first, then the CLI's, each once."""
    ours = [str(Path(sys.executable).parent), str(tool_folder())]
    inherited = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(dict.fromkeys([*ours, *inherited]))
