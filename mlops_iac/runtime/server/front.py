"""The way of a prediction past the router, which would try a dozen patterns first."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """Leads predictions straight to their function, and every other call to the router."""

    def __init__(
        self,
        router: ASGIApp,
        predict: Callable[[Request], Awaitable[Response]],
        paths: frozenset[str],
    ) -> None:
        self._router = router
        self._predict = predict
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a prediction, pass on any other call."""
        is_http = scope["type"] == "http"
        if is_http and scope["method"] == "POST" and scope["path"] in self._paths:
            response = await self._predict(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._router(scope, receive, send)
