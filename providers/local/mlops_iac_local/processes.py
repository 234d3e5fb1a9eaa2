"""What a child process is given: a clean environment, limits, and an end with its parent."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping

_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CONFIG_HOME")
"""All that a child takes from this process's environment: no credentials, no `PYTHONPATH`."""

_ALWAYS = {
    # `1` does not switch MLflow's telemetry off, `true` does (reference/local.md, 6).
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONUNBUFFERED": "1",
    # Threads of OpenMP spin while they wait: a fit of 2 s takes 10 s on a machine that does
    # anything else at the same time. https://gcc.gnu.org/onlinedocs/libgomp/OMP_005fWAIT_005fPOLICY.html
    "OMP_WAIT_POLICY": "PASSIVE",
}

_THREAD_VARIABLES = (
    "LOKY_MAX_CPU_COUNT",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
"""What numeric libraries read to know how many threads they may start."""

_PR_SET_PDEATHSIG = 1


def clean_environment(*, home: str, cpu: int | None = None) -> dict[str, str]:
    """Return the environment of a child: nothing of the user's keys, threads by `cpu`."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    threads = {} if cpu is None else dict.fromkeys(_THREAD_VARIABLES, str(cpu))
    return {**kept, **_ALWAYS, **threads, "HOME": home}


def supervisor_environment() -> dict[str, str]:
    """Return the environment of the supervisor and the launchers, which read the secrets."""
    return clean_environment(home=os.environ.get("HOME", "/"))


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process `sign` when its parent dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sign))


def limiter(limits: Mapping[str, float]) -> Callable[[], None]:
    """Return what a child calls before it becomes the program: limits from `compute`.

    Memory is private writable memory (`RLIMIT_DATA`), so that mapped files and libraries do not
    count; disk is the largest single file.
    """
    memory = int(limits["memory_gb"] * (1 << 30))
    disk = int(limits["disk_gb"] * (1 << 30))

    def apply() -> None:
        die_with_parent(signal.SIGKILL)
        _lower(resource.RLIMIT_DATA, memory)
        _lower(resource.RLIMIT_FSIZE, disk)
        _lower(resource.RLIMIT_CORE, 0)

    return apply


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (allowed, allowed))
