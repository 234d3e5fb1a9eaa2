"""What a destroyed stack may have left: processes, listening ports, sockets, files."""

import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from memory import processes_of
from mlops_iac_local.layout import Layout


def left_behind(private: Path, layout: Layout, ports: Iterable[int]) -> list[str]:
    """Return everything of a stack that is still there."""
    return [*_found(private, layout, ports)]


def _found(private: Path, layout: Layout, ports: Iterable[int]) -> Iterator[str]:
    yield from (f"process {process.pid}" for process in processes_of(private))
    yield from (f"port {port}" for port in ports if _listens(port))
    yield from (str(path) for path in (layout.socket, layout.short, layout.root) if path.exists())
    yield from (str(path) for path in sorted(private.rglob("*")) if path.is_socket())


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
