"""The metadata server of a machine: it hands out the token of the machine's own account.

https://cloud.google.com/compute/docs/metadata/overview; Google's libraries find it by
`GCE_METADATA_HOST`. One server stands for the machines of one account.
"""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clouds.gcp.work.api import Api

_FLAVOR = {"Metadata-Flavor": "Google"}
_SECONDS = 3600
_ROOT = "/computeMetadata/v1/"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class _Handler(BaseHTTPRequestHandler):
    answers: Mapping[str, str]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix(_ROOT).rstrip("/")
        asked = self.headers.get("Metadata-Flavor") == "Google" or path == ""
        body = self.answers.get(path) if asked else None
        self.send_response(404 if body is None else 200)
        content = (body or "").encode()
        kind = "application/json" if content.startswith(b"{") else "application/text"
        told = {**_FLAVOR, "Content-Type": kind, "Content-Length": str(len(content))}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Keep a test's output readable."""


class Metadata:
    """The server of one account."""

    def __init__(self, api: Api) -> None:
        handler = type("Handler", (_Handler,), {"answers": _answers(api)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which Google's libraries find it."""
        host = f"127.0.0.1:{self._server.server_port}"
        return {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answers(api: Api) -> dict[str, str]:
    token = {"access_token": api.token, "expires_in": _SECONDS, "token_type": "Bearer"}
    account = {"email": api.account, "scopes": [_SCOPE], "aliases": ["default"]}
    own: dict[str, str] = {"": "", "project/project-id": api.project}
    for name in ("default", api.account):
        base = f"instance/service-accounts/{name}"
        own |= {base: json.dumps(account), f"{base}/token": json.dumps(token)}
        own |= {f"{base}/email": api.account, f"{base}/scopes": _SCOPE}
    return own
