"""What AWS says when something is not there: one reading for all services.

Services differ in the code of the error, and SageMaker has one code for every wrong request: only
its words tell that nothing was found.
"""

from collections.abc import Callable
from typing import Any

_CODES = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "ObjectNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
_WORDS = ("could not find", "cannot find", "does not exist", "not found")


def found(call: Callable[..., Any], **parameters: Any) -> Any | None:
    """Return the answer of a call, or `None` when AWS says that its object does not exist."""
    from botocore.exceptions import ClientError

    try:
        return call(**parameters)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def is_missing(error: Any) -> bool:
    """Whether a `botocore` `ClientError` says that something does not exist."""
    said = error.response["Error"]
    if said["Code"] in _CODES:
        return True
    words = said.get("Message", "").lower()
    return said["Code"] == "ValidationException" and any(text in words for text in _WORDS)
