"""How Google Cloud refuses when a fault was asked for."""

from collections.abc import Callable, Mapping
from functools import partial

from tests.clouds.faults import FaultKind
from tests.clouds.gcp.calls import CloudError, Status

_ERRORS: Mapping[FaultKind, tuple[Status, str]] = {
    FaultKind.THROTTLE: (Status.RESOURCE_EXHAUSTED, "Quota exceeded for requests per minute."),
    FaultKind.ERROR: (Status.INTERNAL, "Internal error encountered."),
    FaultKind.UNAVAILABLE: (Status.UNAVAILABLE, "The service is currently unavailable."),
    FaultKind.TIMEOUT: (Status.DEADLINE_EXCEEDED, "Deadline exceeded."),
    FaultKind.DENIED: (Status.PERMISSION_DENIED, "The caller does not have permission."),
}

REFUSALS: Mapping[FaultKind, Callable[[], Exception]] = {
    kind: partial(CloudError, *told) for kind, told in _ERRORS.items()
}
