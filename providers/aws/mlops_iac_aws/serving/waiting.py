"""Waiting until something of SageMaker moves no more, or until nobody else changes it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.faults import is_busy
from mlops_iac_aws.serving.documents import Work

POLL_SECONDS = 10.0
MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""States that pass, of endpoints and of inference components."""
_CONTENDERS = 3
"""Changes by others that one waits for."""


class _Moving(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Moving)


def still(
    work: Work, kind: str, look: Callable[[], _Thing | None], timeout_seconds: float
) -> _Thing | None:
    """Return something as soon as it moves no more; `None` when there is none.

    Raises:
        DeploymentError: it still moves after `timeout_seconds`; it goes on by itself.
    """
    waited, said = 0.0, ""
    while (now := look()) is not None and now.status in MOVING:
        if waited >= timeout_seconds:
            raise DeploymentError(
                f"{kind} `{now.name}` is still {now.status} after {waited:.0f} s",
                remedy="it goes on by itself; `mlops-iac up` takes up where it is",
            )
        if now.status != said:
            work.log(f"{kind} {now.name}: {now.status}")
            said = now.status
        work.pause(POLL_SECONDS)
        waited += POLL_SECONDS
    return now


def when_free(
    change: Callable[..., Any], request: Mapping[str, Any], settle: Callable[[], Any]
) -> None:
    """Change something, after whoever else is changing it has ended."""
    from botocore.exceptions import ClientError

    for _ in range(_CONTENDERS):
        try:
            change(**request)
        except ClientError as error:
            if not is_busy(error):
                raise
            settle()
        else:
            return
    change(**request)
