"""Tokens: who asks, and whom. They look as Microsoft Entra's do and are worth nothing elsewhere."""

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.clouds.azure.addresses import TENANT, USER

LIFE_SECONDS = 24 * 3600
_SIGNATURE = "dGVzdA"

MANAGEMENT = ("https://management.azure.com", "https://management.core.windows.net")
STORAGE = ("https://storage.azure.com",)
VAULT = ("https://vault.azure.net",)
MACHINE_LEARNING = ("https://ml.azure.com",)
LOGS = ("https://api.loganalytics.io", "https://api.loganalytics.azure.com")
MONITOR = ("https://monitor.azure.com", "https://metrics.monitor.azure.com")
REGISTRY = ("https://containerregistry.azure.net",)


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    principal: str = ""
    """The object id; empty for nobody."""
    audience: str = ""
    """Whom the token is for."""

    @property
    def is_user(self) -> bool:
        """Whether it is who deploys."""
        return self.principal == USER


def make(principal: str, audience: str, client: str = "", resource: str = "") -> str:
    """Return a token of a principal for a service.

    Args:
        principal: the object id.
        audience: the service's, as `https://vault.azure.net`.
        client: the client id of a managed identity.
        resource: the id of a managed identity.
    """
    now = int(time.time())
    claims: dict[str, Any] = {"aud": audience, "exp": now + LIFE_SECONDS, "iat": now, "nbf": now}
    claims |= {"oid": principal, "sub": principal, "tid": TENANT, "ver": "1.0"}
    claims |= {"iss": f"https://sts.windows.net/{TENANT}/", "appid": client or principal}
    claims |= {"xms_mirid": resource} if resource else {"unique_name": "deployer@example.com"}
    return ".".join([_coded({"alg": "none", "typ": "JWT"}), _coded(claims), _SIGNATURE])


def read(token: str) -> Caller | None:
    """Return whose token it is, None when it is none of ours."""
    try:
        _, middle, signature = token.split(".")
        padded = middle + "=" * (-len(middle) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        return None
    if signature != _SIGNATURE:
        return None
    return Caller(claims["oid"], claims["aud"])


def is_for(audience: str, services: Iterable[str]) -> bool:
    """Tell whether a token's audience is one of a service's."""
    return audience.rstrip("/") in {one.rstrip("/") for one in services}


def _coded(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
