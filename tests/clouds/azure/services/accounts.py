"""Storage accounts as their data planes see them: which there are, and who may ask."""

import base64
import hashlib
import re

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.services.planes import Asked, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

ACCOUNT = "Microsoft.Storage/storageAccounts"
_KEY = "shared key"
_SHARED = re.compile(r"SharedKey(?:Lite)? (?P<account>[^:]+):(?P<signature>.+)", re.IGNORECASE)
_CHALLENGE = f"Bearer authorization_uri=https://x/oauth2/authorize resource_id={tokens.STORAGE[0]}"


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


def admit(asked: Asked) -> Caller:
    """Return who asks: by a token, a key or a signed address.

    Nobody judges a signature; an account may refuse keys and what they sign.

    Raises:
        Refusal: 401 or 403.
    """
    properties = account(asked.world, asked.name).properties
    shared = _SHARED.fullmatch(asked.header("authorization"))
    if not shared and "sig" not in asked.query:
        return _by_token(asked)
    is_delegated = "skoid" in asked.query
    if properties.get("allowSharedKeyAccess") is False and not is_delegated:
        message = "Key based authentication is not permitted on this storage account."
        raise Refusal(403, "KeyBasedAuthenticationNotPermitted", message)
    return Caller(asked.query.get("skoid", asked.name), _KEY)


def judge(asked: Asked, action: str, resource: str, *, data: bool = True) -> None:
    """Refuse who has no role with an action; a key, and what it signed, may do all.

    Args:
        asked: the request.
        action: below `Microsoft.Storage/storageAccounts/`.
        resource: the id.
        data: whether it is a data action.

    Raises:
        Refusal: 403.
    """
    caller = asked.caller
    if caller.audience == _KEY:
        return
    if not roles.may(asked.world, caller.principal, f"{ACCOUNT}/{action}", resource, data=data):
        message = "This request is not authorized to perform this operation using this permission."
        raise Refusal(403, "AuthorizationPermissionMismatch", message)


def _by_token(asked: Asked) -> Caller:
    if not asked.caller.principal:
        message = "Server failed to authenticate the request."
        raise Refusal(401, "NoAuthenticationInformation", message, WWW_Authenticate=_CHALLENGE)
    own = f"https://{asked.name}."
    is_own = asked.caller.audience.startswith(own)
    if not is_own and not tokens.is_for(asked.caller.audience, tokens.STORAGE):
        message = f"The token is for `{asked.caller.audience}`, not for storage."
        raise Refusal(401, "InvalidAuthenticationInfo", message, WWW_Authenticate=_CHALLENGE)
    return asked.caller
