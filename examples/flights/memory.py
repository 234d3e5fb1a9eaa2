"""How much memory a stack takes: the largest sum of its processes, sampled once a second."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil

PERIOD = 1.0
"""Seconds between samples."""


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the running processes whose command names a stack's private folder.

    The supervisor and what it runs outlive the command line, so no parent leads to them.
    """
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and str(folder) in " ".join(process.info["cmdline"] or [])
    ]


class PeakMemory:
    """Samples the proportional set size of this process's children and of a stack's processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mebibytes = 0
        """The largest sum so far; what the demonstration itself takes is not in it."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(PERIOD):
            total = sum(_proportional_set_size(process) for process in self._processes())
            self.mebibytes = max(self.mebibytes, total // 2**20)

    def _processes(self) -> Iterator[psutil.Process]:
        ours = [*psutil.Process().children(recursive=True), *processes_of(self.folder)]
        yield from {process.pid: process for process in ours}.values()


def _proportional_set_size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it ended, or it is a set-user-id program of somebody else's
