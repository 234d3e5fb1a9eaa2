"""How MLflow's clients ask a server on Cloud Run: with an identity token of the machine's account.

A plug-in of MLflow's, chosen by `MLFLOW_TRACKING_AUTH=mlops-iac-gcp`; the wheel of the runtime
image names it, so that every process of a container has it.
https://mlflow.org/docs/latest/plugins.html#request-auth-provider-plugins
"""

import threading
from typing import Any
from urllib.parse import urlsplit

from mlflow.tracking.request_auth.abstract_request_auth_provider import RequestAuthProvider

NAME = "mlops-iac-gcp"


class IdentityAuthProvider(RequestAuthProvider):
    """What MLflow finds by its name."""

    def get_name(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]  abstract, untyped
        """Return the value of `MLFLOW_TRACKING_AUTH` that chooses it."""
        return NAME

    def get_auth(self) -> "IdentityAuth":  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return what signs a request of `requests`."""
        return IdentityAuth()


class IdentityAuth:
    """Puts a token for the server that is asked into each request."""

    def __call__(self, request: Any) -> Any:
        """Return the request with its token."""
        address = urlsplit(request.url)
        token = _token(f"{address.scheme}://{address.netloc}")
        request.headers["Authorization"] = f"Bearer {token}"
        return request


_lock = threading.Lock()
_known: dict[str, Any] = {}
"""Credentials by server: their tokens hold for an hour, and are asked for anew before."""


def _token(audience: str) -> str:
    from google.auth.transport.requests import Request
    from google.oauth2.id_token import fetch_id_token_credentials

    with _lock:
        if audience not in _known:
            _known[audience] = fetch_id_token_credentials(audience)  # pyright: ignore[reportNoUntypedCall]
        credentials = _known[audience]
        if not credentials.valid:
            credentials.refresh(Request())  # pyright: ignore[reportNoUntypedCall]
        return str(credentials.token)
