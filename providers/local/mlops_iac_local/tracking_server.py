"""MLflow's server with its pages, behind a token.

`python -m mlops_iac_local.tracking_server ROOT PORT TOKEN_FILE`. MLflow's clients bear the token
(`MLFLOW_TRACKING_TOKEN`); a browser asks a person for it, as the password of any user.
"""

import base64
import hmac
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops_iac_local.endpoints import HOST
from mlops_iac_local.layout import Layout

_LOCAL_HOSTS = frozenset({HOST, "localhost"})
_REFUSED = PlainTextResponse(
    "a token is needed: as bearer, or as the password\n",
    401,
    headers={"www-authenticate": 'Basic realm="mlops-iac"'},
)
_OTHER_HOST = PlainTextResponse("the `Host` header names another machine\n", 421)


class TokenGuard:
    """Lets nobody through without the token, nor by another host's name (DNS rebinding)."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a call that bears the token; answer any other."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = None if _is_local(headers) else _OTHER_HOST
        if refusal is None and not self._is_borne(headers.get("authorization", "")):
            refusal = _REFUSED
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _is_borne(self, authorization: str) -> bool:
        return hmac.compare_digest(_secret(authorization), self._token)


def _is_local(headers: Headers) -> bool:
    return headers.get("host", "").partition(":")[0] in _LOCAL_HOSTS


def _secret(authorization: str) -> bytes:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the process is told to end; return the exit code."""
    import uvicorn

    root, port, token_file = arguments or sys.argv[1:]
    token = Path(token_file).read_text(encoding="utf-8")
    app = TokenGuard(_application(Layout(Path(root))), token)
    uvicorn.run(app, host=HOST, port=int(port), log_level="warning", server_header=False)
    return 0


def _application(layout: Layout) -> ASGIApp:
    # Its job runner is eight more processes, for evaluations that nobody asks for here.
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    from mlflow.server.constants import ARTIFACT_ROOT_ENV_VAR, BACKEND_STORE_URI_ENV_VAR

    os.environ[BACKEND_STORE_URI_ENV_VAR] = layout.tracking_uri
    os.environ[ARTIFACT_ROOT_ENV_VAR] = layout.artifacts.as_uri()
    from mlflow.server.fastapi_app import app

    return app


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
