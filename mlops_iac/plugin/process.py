"""The plugin as a process: how it starts, whom it lives for, and how it ends.

The engine starts it with its own address, reads one port from its stdout, interrupts it when done,
and kills it five seconds later. An engine that was killed does none of that: then the end of stdin
and a new parent tell.
"""

import asyncio
import os
import signal
import stat
import sys
import threading
from typing import Final

HELP: Final = (
    "pulumi-resource-mlops-iac is started by the Pulumi engine, not by hand.\n"
    "  hint: run `mlops-iac up`, or `mlops-iac plugin install` and then `pulumi up`"
)
USAGE_ERROR: Final = 2
GRACE: Final = 3.0
"""Seconds that running calls get to stop; the engine kills after five."""
WATCH_PERIOD: Final = 0.5


def run() -> int:
    """Serve until the engine is done with us; return the exit code."""
    address = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    if address is None or "--help" in sys.argv[1:]:
        sys.stderr.write(HELP + "\n")
        return USAGE_ERROR
    asyncio.run(_serve(address))
    sys.stderr.flush()
    # Threads that ignore the cancellation must not keep a finished plugin alive.
    os._exit(0)


async def _serve(address: str) -> None:
    import grpc.aio
    from pulumi.runtime.proto import provider_pb2_grpc

    from mlops_iac.plugin.server import CHANNEL_OPTIONS, Servicer

    done = asyncio.Event()
    _watch(asyncio.get_running_loop(), done)
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    servicer = Servicer(address)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    _announce(port)
    await done.wait()
    servicer.host.cancelled.set()
    await server.stop(GRACE if servicer.working else 0)


def _watch(loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, done.set)
    stdin = _private_stdin()
    if stdin is not None:
        threading.Thread(target=_await_end, args=(stdin, loop, done), daemon=True).start()
    parent = os.getppid()
    loop.create_task(_await_orphaned(parent, done), name="parent watch")


def _private_stdin() -> int | None:
    # Only the engine's pipe tells anything: a terminal or /dev/null is what a debugger gives.
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return None
    return os.dup(0)


def _await_end(stdin: int, loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
    while os.read(stdin, 4096):
        pass
    loop.call_soon_threadsafe(done.set)


async def _await_orphaned(parent: int, done: asyncio.Event) -> None:
    # Linux tells nobody of a parent's death but by this number.
    while os.getppid() == parent:  # noqa: ASYNC110
        await asyncio.sleep(WATCH_PERIOD)
    done.set()


def _announce(port: int) -> None:
    """Let go of the engine's pipes, then tell it the port.

    What a handler starts, such as a supervisor, inherits descriptors 0 to 2. Were those the
    engine's, the engine would wait for the supervisor's end before its own.
    """
    answer, messages = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdout = sys.stderr = os.fdopen(messages, "w", buffering=1)
    os.write(answer, f"{port}\n".encode())
    os.close(answer)
