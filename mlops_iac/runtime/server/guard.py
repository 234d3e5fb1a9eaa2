"""What stands before the routes: host, token, body limit and the body's deadline."""

import asyncio
import hmac

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops_iac.runtime.server.settings import Settings

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


class BodyError(Exception):
    """A body that is too large or too slow."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """Refuses calls by another host name (DNS rebinding) and calls without the token."""

    def __init__(self, app: ASGIApp, settings: Settings, open_routes: frozenset[str]) -> None:
        self._app = app
        self._settings = settings
        self._open_routes = open_routes
        self._token = f"Bearer {settings.token}".encode() if settings.token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused call, pass on any other."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host = (
            headers.get("host", "").rsplit(":", 1)[0]
            if ":" in headers.get("host", "")
            else (headers.get("host", ""))
        )
        if self._settings.is_loopback and host not in _LOCAL_HOSTS:
            return JSONResponse({"error": "the `Host` header names another machine"}, 421)
        is_open = scope["path"] in self._open_routes and scope["method"] in {"GET", "HEAD"}
        given = headers.get("authorization", "").encode()
        if is_open or self._token is None or hmac.compare_digest(given, self._token):
            return None
        return JSONResponse(
            {"error": "a bearer token is needed"}, 401, headers={"www-authenticate": "Bearer"}
        )


async def read_body(request: Request, settings: Settings) -> bytes:
    """Return a request's body.

    Raises:
        BodyError: it is larger than the limit (also when chunked), or takes too long.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > settings.body_limit:
        raise BodyError(413, f"the body is larger than {settings.body_limit} bytes")
    try:
        async with asyncio.timeout(settings.body_seconds):
            return await _collect(request, settings.body_limit)
    except TimeoutError as error:
        raise BodyError(408, f"the body took more than {settings.body_seconds} s") from error


async def _collect(request: Request, limit: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise BodyError(413, f"the body is larger than {limit} bytes")
    return bytes(content)
