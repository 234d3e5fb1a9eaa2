"""The supervisor: one `supervisord` per stack, started when the first server needs it.

It outlives the command line and the plugin, restarts what dies, and goes when the platform is
deleted. Its socket lies in a folder of this user only.
"""

import configparser
import http.client
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import locked, make_folder, make_private, remove, write_private
from mlops_iac_local.layout import Layout
from mlops_iac_local.processes import supervisor_environment

_START_SECONDS = 20.0
_STOP_SECONDS = 40.0
_POLL_SECONDS = 0.05
_BAD_NAME = 10
"""Fault code of an unknown program: `supervisor/xmlrpc.py`."""

_KEPT_STATES = frozenset({"STARTING", "RUNNING", "BACKOFF", "EXITED"})
"""What has exited is started again within a second, whatever the exit code: `autorestart`."""

_PROGRAM = {
    "autostart": "true",
    "autorestart": "true",
    "startsecs": "1",
    "startretries": "5",
    "stopwaitsecs": "20",
    "stopasgroup": "true",
    "killasgroup": "true",
    "redirect_stderr": "true",
    "stdout_logfile_maxbytes": "5MB",
    "stdout_logfile_backups": "3",
}


def is_alive(layout: Layout) -> bool:
    """Whether the supervisor answers."""
    try:
        return _call(layout, "getState")["statename"] == "RUNNING"
    except (OSError, http.client.HTTPException):
        return False


def keeps(layout: Layout, program: str) -> bool:
    """Whether the supervisor sees to a program: that it runs, or soon runs again."""
    return state_of(layout, program) in _KEPT_STATES


def state_of(layout: Layout, program: str) -> str | None:
    """Return the supervisor's word for a program (`RUNNING`), or `None` when it has none."""
    found = _info(layout, program)
    return None if found is None else str(found["statename"])


def process_of(layout: Layout, program: str) -> int | None:
    """Return the number of a program's process, or `None` when it does not run."""
    found = _info(layout, program)
    return None if found is None else int(found["pid"]) or None


def _info(layout: Layout, program: str) -> Mapping[str, Any] | None:
    try:
        return _call(layout, "getProcessInfo", program)
    except (OSError, http.client.HTTPException):
        return None
    except xmlrpc.client.Fault as fault:
        if fault.faultCode == _BAD_NAME:
            return None
        raise


def ensure(layout: Layout) -> None:
    """Start the supervisor unless it answers."""
    with locked(layout.lock("supervisor")):
        if not is_alive(layout):
            _start(layout)


def log_file(layout: Layout, program: str) -> Path:
    """Return the log of a program; rotated by the supervisor."""
    return layout.supervisor / "logs" / f"{program}.log"


def run_program(layout: Layout, program: str, command: list[str]) -> None:
    """Have a program run with `command`; restart it when it ran already."""
    ensure(layout)
    with locked(layout.lock("supervisor")):
        make_folder(log_file(layout, program).parent)
        settings = {
            "command": shlex.join(command),
            "directory": str(layout.root),
            # supervisord 4.3 expands this one option twice: options.py, `process_from_section`.
            "stdout_logfile": str(log_file(layout, program)).replace("%", "%%"),
            **_PROGRAM,
        }
        _write_conf(_conf(layout, program), {f"program:{program}": settings})
        _drop(layout, program)
        _call(layout, "reloadConfig")
        _call(layout, "addProcessGroup", program)


def remove_program(layout: Layout, program: str) -> None:
    """Stop a program and forget it, its configuration and its logs."""
    with locked(layout.lock("supervisor")):
        _conf(layout, program).unlink(missing_ok=True)
        if is_alive(layout):
            _drop(layout, program)
            _call(layout, "reloadConfig")
        for path in log_file(layout, program).parent.glob(f"{program}.log*"):
            path.unlink(missing_ok=True)


def shut_down(layout: Layout) -> None:
    """Stop every program and the supervisor; return when its process and socket are gone.

    Raises:
        LocalError: it does not end.
    """
    with locked(layout.lock("supervisor")):
        process = _process_number(layout)
        if is_alive(layout):
            _call(layout, "shutdown")
        deadline = time.monotonic() + _STOP_SECONDS
        while is_alive(layout) or (process is not None and _is_process(process)):
            if time.monotonic() > deadline:
                raise LocalError(f"the supervisor (process {process}) does not end")
            time.sleep(_POLL_SECONDS)
        remove(layout.short)
        remove(layout.supervisor)


def _start(layout: Layout) -> None:
    folder = make_folder(layout.supervisor)
    make_folder(folder / "conf.d")
    _make_socket_folder(layout)
    _write_conf(folder / "supervisord.conf", _daemon(layout))
    done = subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(folder / "supervisord.conf")],
        cwd=layout.root,
        env=supervisor_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        umask=0o077,
        check=False,
        timeout=_START_SECONDS,
    )
    deadline = time.monotonic() + _START_SECONDS
    while not is_alive(layout):
        if done.returncode or time.monotonic() > deadline:
            raise LocalError(
                f"the supervisor does not start: {(done.stderr or done.stdout).strip()}",
                remedy=f"see `{folder / 'supervisord.log'}`",
            )
        time.sleep(_POLL_SECONDS)
    make_private(folder)


def _make_socket_folder(layout: Layout) -> None:
    folder = make_folder(layout.socket.parent)
    # The temporary folder belongs to everybody: somebody may have made ours before us.
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise LocalError(f"`{folder}` belongs to another user", remedy="set `TMPDIR`")


def _daemon(layout: Layout) -> Mapping[str, Mapping[str, str]]:
    folder = layout.supervisor
    return {
        "unix_http_server": {"file": str(layout.socket), "chmod": "0700"},
        "supervisord": {
            "logfile": str(folder / "supervisord.log"),
            "logfile_maxbytes": "1MB",
            "logfile_backups": "1",
            "pidfile": str(folder / "supervisord.pid"),
            "childlogdir": str(folder),
            "directory": str(layout.root),
            "umask": "077",
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        # Relative to this file: the option is split at blanks, and the path may have some.
        "include": {"files": "conf.d/*.conf"},
    }


def _write_conf(path: Path, sections: Mapping[str, Mapping[str, str]]) -> None:
    parser = configparser.RawConfigParser()
    for section, settings in sections.items():
        # supervisord expands `%(…)s` in values.
        parser[section] = {key: value.replace("%", "%%") for key, value in settings.items()}
    from io import StringIO

    text = StringIO()
    parser.write(text)
    write_private(path, text.getvalue())


def _conf(layout: Layout, program: str) -> Path:
    return layout.supervisor / "conf.d" / f"{program}.conf"


def _drop(layout: Layout, program: str) -> None:
    try:
        _call(layout, "stopProcessGroup", program)
        _call(layout, "removeProcessGroup", program)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != _BAD_NAME:
            raise


def _call(layout: Layout, method: str, *arguments: Any) -> Any:
    from supervisor.xmlrpc import SupervisorTransport

    transport = SupervisorTransport(None, None, f"unix://{layout.socket}")
    with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
        return getattr(proxy.supervisor, method)(*arguments)


def _process_number(layout: Layout) -> int | None:
    try:
        return int((layout.supervisor / "supervisord.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _is_process(number: int) -> bool:
    import psutil

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(number)
        is_ours = "supervisor.supervisord" in process.cmdline()
        return is_ours and process.status() != psutil.STATUS_ZOMBIE
    return False
