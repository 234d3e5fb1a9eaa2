"""Bringing the plugin to plain `pulumi`: into its plugin folder, or by a path in `Pulumi.yaml`."""

import os
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mlops_iac.custom import PLUGIN
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.folders import private_folder, user_data_folder
from mlops_iac.version import VERSION

EXECUTABLE: Final = f"pulumi-resource-{PLUGIN}"
INSTALL_TIMEOUT: Final = 60.0
WRAPPER: Final = """#!/bin/sh
# Made by `mlops-iac plugin install`: runs the plugin of one Python environment.
exec {command} "$@"
"""


class PluginInstallError(MlopsError):
    """The Pulumi CLI did not take the plugin."""

    code = "plugin.install"


def plugin_folder() -> Path:
    """Return the per-user folder that holds the wrapper of this version."""
    return user_data_folder() / "plugin" / VERSION


def write_wrapper(folder: Path | None = None) -> Path:
    """Write the executable that runs this environment's plugin; return its folder.

    The engine starts plugins without the environment's `bin` on `PATH`, so paths are absolute.
    """
    folder = (folder or plugin_folder()).absolute()
    path = private_folder(folder) / EXECUTABLE
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(WRAPPER.format(command=shlex.join(plugin_command())))
    draft.chmod(0o700)
    draft.replace(path)
    return folder


def plugin_command() -> Sequence[str]:
    """Return the command that starts this environment's plugin."""
    script = Path(sysconfig.get_path("scripts")) / EXECUTABLE
    if script.exists():
        return (str(script),)
    # -P: the engine starts us in the user's project, whose modules must not shadow ours.
    return (sys.executable, "-P", "-m", "mlops_iac.plugin")


def plugin_entry(folder: Path | None = None) -> Mapping[str, str]:
    """Return the item of `plugins.providers` in `Pulumi.yaml`; writes the wrapper it points to."""
    return {"name": PLUGIN, "path": str(write_wrapper(folder))}


def install(
    pulumi: str | Path, *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    """Install this version of the plugin for plain `pulumi` (`PULUMI_HOME/plugins`).

    Args:
        pulumi: The Pulumi CLI.
        folder: Where the wrapper is written first; the per-user folder when omitted.
        environment: Environment of the CLI; this process's when omitted.

    Raises:
        PluginInstallError: the CLI is missing or refused; carries what it said.
    """
    source = write_wrapper(folder)
    command = [str(pulumi), "plugin", "install", "resource", PLUGIN, VERSION]
    command += ["-f", str(source), "--reinstall"]
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PluginInstallError(f"`{pulumi}` does not run: {error}") from error
    if done.returncode:
        raise PluginInstallError(
            f"`{shlex.join(command)}` failed: {done.stderr.strip() or done.stdout.strip()}",
            remedy="check that `PULUMI_HOME` is writable",
        )
