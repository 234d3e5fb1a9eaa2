"""Managed identities, and the endpoint where their machines get tokens."""

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.clouds.azure import tokens
from tests.clouds.azure.calls import Answer, CloudError, Request, told

if TYPE_CHECKING:
    from tests.clouds.azure.world import World

_SPACE = uuid.UUID("6f3c9f57-0d5e-4c43-8a5e-7d2f41c6a001")


@dataclass(frozen=True)
class Identity:
    """Who a managed identity is."""

    principal: str
    client: str
    resource: str = ""
    """The id of the identity, or of the resource whose own it is."""


class Identities:
    """All managed identities."""

    def __init__(self) -> None:
        self._all: dict[str, Identity] = {}
        self._made = 0

    def make(self, resource: str) -> Identity:
        """Return a new identity of a resource; one made again is another one."""
        self._made += 1
        base = f"{resource.lower()}#{self._made}"
        own = Identity(_guid(f"{base}/principal"), _guid(f"{base}/client"), resource)
        self._all[resource.lower()] = own
        return own

    def of(self, resource: str) -> Identity | None:
        """Return a resource's identity."""
        return self._all.get(resource.lower())

    def drop(self, resource: str) -> None:
        """Forget a resource's identity."""
        self._all.pop(resource.lower(), None)

    def find(self, asked: str) -> Identity:
        """Return an identity by its id, client id or principal id.

        Raises:
            CloudError: 400, as the identity endpoint has it.
        """
        for one in self._all.values():
            if asked.lower() in {one.resource.lower(), one.client, one.principal}:
                return one
        raise CloudError(400, "invalid_request", f"Identity not found: `{asked}`.")

    def knows(self, principal: str) -> bool:
        """Tell whether a principal is there."""
        return any(one.principal == principal for one in self._all.values())


def answer(world: "World", request: Request) -> Answer:
    """Give a token: Azure ML's protocol, version 2017-09-01, as msal speaks it."""
    asked = dict(request.query)
    try:
        secret = request.headers.get("secret") or request.headers.get("x-identity-header", "")
        identity = world.identity_for(secret, asked.get("clientid") or asked.get("client_id", ""))
    except CloudError as error:
        return error.answer()
    audience = asked.get("resource", "")
    token = tokens.make(identity.principal, audience, identity.client, identity.resource)
    expires = int(time.time()) + tokens.LIFE_SECONDS
    body = {"access_token": token, "expires_on": str(expires), "resource": audience}
    return told({**body, "token_type": "Bearer", "client_id": identity.client})


def _guid(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text))
