"""Debian's Chromium without a window, spoken to over a pipe: no port, no driver, no network.

The protocol: https://chromedevtools.github.io/devtools-protocol/ ; over `--remote-debugging-pipe`
each message is JSON, ended by a zero byte, in on descriptor 3 and out on 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
_SECONDS = 60.0

# The numbers of a pipe's ends are the kernel's choice; Chromium wants 3 and 4.
_LAUNCHER = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for target, end in zip((3, 4), ends):
    os.dup2(end, target)
os.execv(sys.argv[3], sys.argv[3:])
"""


@dataclass
class Tab:
    """One page in the browser."""

    _in: int
    _out: int
    events: list[Mapping[str, Any]] = field(default_factory=list)
    _session: str | None = None
    _number: int = 0
    _rest: bytes = b""

    def open(self) -> None:
        """Make the page, and have it tell what it does."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        answer = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setScrollbarsHidden", hidden=True)

    def ask(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def size(self, width: int, *, dark: bool = False) -> None:
        """Set the width of the window in pixels, and the colours that its owner prefers."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, file: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._read()

    def run(self, script: str) -> Any:
        """Return the value of an expression on the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code, **text)  # fmt: skip

    def picture(self, file: Path) -> bytes:
        """Write the whole page as a PNG; return it."""
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))
        return file.read_bytes()

    def complaints(self) -> list[str]:
        """Return what the page said was wrong: exceptions, errors, refusals of its own policy."""
        methods = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        return [json.dumps(event) for event in self.events if event["method"] in methods]

    def requests(self) -> list[str]:
        """Return the addresses that the page asked for."""
        asked = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in asked]

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + _SECONDS
        while b"\0" not in self._rest:
            is_ready, _, _ = select.select([self._out], [], [], max(deadline - time.monotonic(), 0))
            assert is_ready, "the browser says nothing"
            found = os.read(self._out, 1 << 16)
            assert found, "the browser has ended"
            self._rest += found
        text, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(text)
        if "method" in message:
            self.events.append(message)
        return message


@contextmanager
def browser(home: Path) -> Iterator[Tab]:
    """Start Chromium with a profile of its own in `home`; end it with all its processes."""
    assert PROGRAM is not None
    (their_in, our_in), (our_out, their_out) = os.pipe(), os.pipe()
    command = [sys.executable, "-c", _LAUNCHER, str(their_in), str(their_out), PROGRAM, *_FLAGS]
    with subprocess.Popen(
        [*command, f"--user-data-dir={home}"],
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TZ": "Asia/Kolkata"},
    ) as process:
        os.close(their_in)
        os.close(their_out)
        tab = Tab(our_in, our_out)
        try:
            tab.open()
            yield tab
        finally:
            tab._session = None
            tab.ask("Browser.close")
            os.close(our_in)
            process.wait(_SECONDS)
            os.close(our_out)
