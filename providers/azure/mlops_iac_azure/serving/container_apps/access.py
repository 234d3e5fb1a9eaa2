"""The token that callers of an app bear: a secret of the vault, made once and never shown.

A container app knows no Entra identities without an application of the tenant's directory, which is
nobody's to make by Resource Manager. So the server asks for a token itself; it lies in Key Vault,
and Entra's roles say who may read it: the server, and whom somebody lets ask.
"""

import secrets
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_azure import rest
from mlops_iac_azure.faults import found
from mlops_iac_azure.serving.documents import Deployment

_BYTES = 32
_API = "7.4"


def make(work: Work, deployment: Deployment) -> None:
    """Make the token of an endpoint, unless it is there and holds."""
    known = found(rest.call, work.place, "GET", _path(work, deployment), pause=work.pause)
    attributes: Any = (known or {}).get("properties", {}).get("attributes") or {}
    if known is None or not attributes.get("enabled", True):
        _write(work, deployment, is_enabled=True)


def revoke(work: Work, deployment: Deployment) -> None:
    """Let the token of an endpoint hold no more."""
    known = found(rest.call, work.place, "GET", _path(work, deployment), pause=work.pause)
    if known is not None:
        _write(work, deployment, is_enabled=False)


def token(work: Work, deployment: Deployment) -> str:
    """Return the token of an endpoint, read as the caller.

    Raises:
        ApiError: the caller may not read it.
    """
    path = (
        f"{work.place.address('vault', deployment.document['vault'])}/secrets/{_name(deployment)}"
    )
    answer = rest.call(
        work.place, "GET", path, service="vault", api_version=_API, doing="the endpoint's token"
    )
    return str(answer["value"])


def _write(work: Work, deployment: Deployment, *, is_enabled: bool) -> None:
    body = {
        "tags": dict(deployment.labels),
        "properties": {
            "value": secrets.token_urlsafe(_BYTES),
            "contentType": "text/plain",
            "attributes": {"enabled": is_enabled},
        },
    }
    rest.call(work.place, "PUT", _path(work, deployment), body, pause=work.pause)


def _path(work: Work, deployment: Deployment) -> str:
    vault = work.place.id("Microsoft.KeyVault/vaults", deployment.document["vault"])
    return f"{vault}/secrets/{_name(deployment)}"


def _name(deployment: Deployment) -> str:
    return deployment.document["secret"]
