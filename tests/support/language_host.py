# ruff: noqa: N802, ARG002  method names and parameters are the protocol's
"""A Python language host for the engine's tests: runs `__main__.py` of a Pulumi project.

It stands in for `pulumi-language-python`, which comes with Pulumi's installer only; it does what
the real one does for one program, in one process.
"""

import os
import runpy
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class ProgramHost(LanguageServer):
    def __init__(self) -> None:
        super().__init__(lambda: None)
        self._engine = ""

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.1")

    def Run(self, request: Any, context: Any) -> Any:
        info = request.info
        folder = Path(info.program_directory or request.pwd)
        entry = folder / (info.entry_point or ".") / "__main__.py"

        def program() -> None:
            os.chdir(folder)
            sys.path.insert(0, str(entry.parent))
            sys.argv = [str(entry)]
            runpy.run_path(str(entry), run_name="__main__")

        self.program = program
        # The automation server takes the engine's address from where its own engine puts it.
        request.args.insert(0, self._engine)
        return super().Run(request, context)


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(ProgramHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
    done.wait()
    os._exit(0)


main()
