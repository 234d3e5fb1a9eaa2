"""An experiment that jobs share, and the server with its pages: address, token, plan."""

import http.client
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlops_iac_local import supervisor, tokens
from mlops_iac_local.endpoints import HOST, free_port
from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import locked, make_folder, read_json, write_json
from mlops_iac_local.layout import Layout

FRAME, TOKEN, PLAN = "tracker.json", "token", "server.json"
_LIMITS = {"cpu": 2, "memory_gb": 4, "disk_gb": 30}
"""Of the server; it has one size here."""
_START_SECONDS = 120.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Server:
    """What of a tracking server stays while its process comes and goes."""

    program: str
    """Name under the supervisor."""
    port: int

    @property
    def url(self) -> str:
        """Address of its pages, and its tracking URI."""
        return f"http://{HOST}:{self.port}"


def token_file(layout: Layout, tracker: str) -> Path:
    """Return the file with the token that callers bear, and people give as their password."""
    return layout.tracker(tracker) / TOKEN


def server(layout: Layout, tracker: str) -> Server | None:
    """Return the server of a tracker; `None` when it has none."""
    document = read_json(layout.tracker(tracker) / FRAME)
    return None if document is None else Server(**document)


def serve(layout: Layout, tracker: str, program: str) -> Server:
    """Have a server run, and return when it answers; one that runs is left alone.

    Raises:
        LocalError: it does not answer in time.
    """
    with locked(layout.lock(f"tracker-{tracker}")):
        known = server(layout, tracker) or Server(program=program, port=free_port())
        write_json(layout.tracker(tracker) / FRAME, asdict(known))
        if not _has_own_token(layout, tracker):
            tokens.make_token(token_file(layout, tracker))
            supervisor.remove_program(layout, known.program)
        if not is_kept(layout, known):
            _run(layout, tracker, known)
        _await(layout, tracker, known)
    return known


def end(layout: Layout, tracker: str) -> None:
    """Stop a server and forget its address and token; nothing when there is none."""
    with locked(layout.lock(f"tracker-{tracker}")):
        known = server(layout, tracker)
        if known is not None:
            supervisor.remove_program(layout, known.program)
        for name in (FRAME, TOKEN, PLAN):
            (layout.tracker(tracker) / name).unlink(missing_ok=True)


def is_kept(layout: Layout, known: Server) -> bool:
    """Whether the supervisor sees to a server: after a restart of the machine nothing runs."""
    return supervisor.keeps(layout, known.program)


def answers(layout: Layout, tracker: str, known: Server) -> bool:
    """Whether a server answers to its token."""
    token = token_file(layout, tracker).read_text(encoding="utf-8")
    with closing(http.client.HTTPConnection(HOST, known.port, timeout=5.0)) as connection:
        try:
            connection.request("GET", "/health", headers={"Authorization": f"Bearer {token}"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _has_own_token(layout: Layout, tracker: str) -> bool:
    """Whether the token is private, and the one that the server was started with."""
    mark = tokens.token_mark(token_file(layout, tracker))
    plan = read_json(layout.tracker(tracker) / PLAN) or {}
    return mark is not None and mark == plan.get("token_mark")


def _run(layout: Layout, tracker: str, known: Server) -> None:
    plan = layout.tracker(tracker) / PLAN
    home = make_folder(layout.tracker(tracker) / "work")
    write_json(plan, _plan(layout, tracker, known, home))
    supervisor.run_program(
        layout,
        known.program,
        [sys.executable, "-m", "mlops_iac_local.launch", "serve", str(plan)],
    )


def _plan(layout: Layout, tracker: str, known: Server, home: Path) -> Mapping[str, Any]:
    return {
        "command": [sys.executable, "-m", "mlops_iac_local.tracking_server",
                    str(layout.root), str(known.port), str(token_file(layout, tracker))],
        "home": str(home),
        "environment": {},
        "fixed": {},
        "limits": _LIMITS,
        "token_mark": tokens.token_mark(token_file(layout, tracker)),
    }  # fmt: skip


def _await(layout: Layout, tracker: str, known: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not answers(layout, tracker, known):
        if time.monotonic() > deadline:
            raise LocalError(
                f"the server of `{tracker}` does not answer at {known.url}",
                remedy=f"see `{supervisor.log_file(layout, known.program)}`",
            )
        time.sleep(_POLL_SECONDS)
