"""How the engine reaches a stand-in: a gRPC server of one process."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tests.clouds.plugins.servicer import Servicer

CHANNEL_OPTIONS = (("grpc.max_receive_message_length", 400 * 1024 * 1024),)
"""As every Pulumi plugin sets it."""
THREADS = 16
WATCH_PERIOD = 0.5


def serve(servicer: Servicer) -> None:
    """Serve until the engine interrupts us or is gone."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    engine = os.getppid()
    server = grpc.server(ThreadPoolExecutor(THREADS), options=CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # An engine that was killed interrupts nobody; Linux tells of it by this number alone.
    while not done.wait(WATCH_PERIOD) and os.getppid() == engine:
        pass
    os._exit(0)
