"""How Azure refuses when a fault was asked for."""

from collections.abc import Callable, Mapping
from functools import partial

from tests.clouds.azure.calls import CloudError
from tests.clouds.faults import FaultKind

_ERRORS: Mapping[FaultKind, tuple[int, str, str]] = {
    FaultKind.THROTTLE: (429, "TooManyRequests", "The request is being throttled."),
    FaultKind.ERROR: (500, "InternalServerError", "An internal error occurred."),
    FaultKind.UNAVAILABLE: (503, "ServiceUnavailable", "The service is unavailable now."),
    FaultKind.TIMEOUT: (504, "GatewayTimeout", "The gateway did not receive a response in time."),
    FaultKind.DENIED: (
        403,
        "AuthorizationFailed",
        "The client does not have authorization to perform the action.",
    ),
}


def _refusal(kind: FaultKind) -> CloudError:
    # A client that is throttled is told when to come again.
    again = {"Retry-After": "0"} if kind is FaultKind.THROTTLE else {}
    return CloudError(*_ERRORS[kind], headers=again)


REFUSALS: Mapping[FaultKind, Callable[[], Exception]] = {
    kind: partial(_refusal, kind) for kind in _ERRORS
}
