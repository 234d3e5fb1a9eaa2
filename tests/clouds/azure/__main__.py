"""`python -m tests.clouds.azure --port 0 [--root DIR]`: the test cloud, until it is told to end."""

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.clouds.azure.addresses import SUBSCRIPTION
from tests.clouds.azure.server import WORKS, Server


def main() -> int:
    """Print address and authority's file on one line, then serve until SIGTERM or SIGINT."""
    asked = _arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="mlops-azure-") as own:
        server = Server(
            root=asked.root or Path(own),
            subscription=asked.subscription,
            work=asked.work,
            port=asked.port,
        )
        with server:
            print(server.address, server.world.authority, flush=True)  # noqa: T201 - the program's one result
            stop.wait()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clouds.azure")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--root", type=Path, help="where jobs and endpoints have their files")
    parser.add_argument(
        "--subscription", default=SUBSCRIPTION, help="the subscription that it plays"
    )
    parser.add_argument("--work", choices=sorted(WORKS), default="simulated", help="what jobs do")
    return parser.parse_args()


sys.exit(main())
