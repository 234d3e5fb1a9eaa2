"""Storage accounts as their data planes see them: which there are, and who may ask."""

import base64
import hashlib
import re

from tests.clouds.azure.services.planes import Asked, Plane, Refusal, bearer
from tests.clouds.azure.store import Record
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

ACCOUNT = "Microsoft.Storage/storageAccounts"
_SHARED = re.compile(r"SharedKey(?:Lite)? (?P<account>[^:]+):(?P<signature>.+)", re.IGNORECASE)


def account(world: World, name: str) -> Record:
    """Return an account by its name, which is the only one of that name anywhere.

    Raises:
        Refusal: 404; at Azure there is no such host.
    """
    for record in world.store.of_type(ACCOUNT):
        if record.name.lower() == name.lower():
            return record
    raise Refusal(404, "AccountNotFound", f"There is no storage account `{name}`.")


def key_of(name: str) -> str:
    """Return an account's first key."""
    return base64.b64encode(hashlib.sha512(f"key of {name}".encode()).digest()).decode()


def caller(plane: Plane, asked: Asked) -> Caller:
    """Return who asks: by a token, a key or a signed address.

    Nobody judges a signature; an account may refuse both.

    Raises:
        Refusal: 401 or 403.
    """
    shared = _SHARED.fullmatch(asked.header("authorization"))
    if not shared and "sig" not in asked.query:
        return bearer(plane, asked)
    properties = account(asked.world, asked.name).properties
    is_delegated = "skoid" in asked.query
    if properties.get("allowSharedKeyAccess") is False and not is_delegated:
        message = "Key based authentication is not permitted on this storage account."
        raise Refusal(403, "KeyBasedAuthenticationNotPermitted", message)
    return Caller(asked.query.get("skoid", asked.name), "shared key")
