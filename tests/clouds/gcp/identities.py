"""Identity tokens: they tell one service who asks, and open nothing of Google's own."""

from tests.clouds.gcp.calls import CloudError, Status

_MARK, _FOR = "test-identity-of:", "|for:"


def identity_token(account: str, audience: str) -> str:
    """Return a token of an account for the service at an address."""
    return f"{_MARK}{account}{_FOR}{audience}"


def is_identity(token: str) -> bool:
    """Whether it tells who asks; Google's own services take none of these."""
    return token.startswith(_MARK)


def asker(authorization: str, *audiences: str) -> str:
    """Return who asks a service.

    Raises:
        CloudError: nobody says, or it is no identity token for this service.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise CloudError(
            Status.PERMISSION_DENIED,
            "The request was not authenticated. Either allow unauthenticated invocations or set "
            "the proper Authorization header.",
        )
    account, _, asked = token.removeprefix(_MARK).partition(_FOR)
    if not is_identity(token) or asked not in audiences:
        raise CloudError(
            Status.UNAUTHENTICATED, "The access token could not be verified: wrong audience."
        )
    return account
