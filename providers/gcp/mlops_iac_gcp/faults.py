"""What Google Cloud says when something is wrong: one reading for all services.

Every service answers in one shape (`{"error": {"code", "status", "message", "details"}}`,
https://cloud.google.com/apis/design/errors); the same words end a long-running operation.
"""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from mlops_iac_gcp.errors import ApiError, GcpError, QuotaError, UnreachedError

_STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""Google's words by HTTP status, for answers that are not in Google's shape."""
# https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
_CODES: Mapping[int, str] = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    15: "DATA_LOSS",
    16: "UNAUTHENTICATED",
}
"""Google's words by the number in the error of a long-running operation."""
LOG_IN = "log in: `gcloud auth application-default login`"
REACH = "check the declared `region`, and this machine's way to Google Cloud"
_QUOTA = "ask for more under IAM & Admin > Quotas, or ask for less or other `compute`"
_LATER = "too much was asked in a short time: try again in a minute"
_ROLES = (
    "the caller's roles lack this permission; `mlops-iac plan --format json` prints the role that "
    "a deployer needs"
)
_REMEDIES: Mapping[str, str] = {
    "PERMISSION_DENIED": _ROLES,
    "UNAUTHENTICATED": LOG_IN,
    "UNAVAILABLE": "Google Cloud does not answer as it should: try again in some minutes",
    "INTERNAL": "Google Cloud does not answer as it should: try again in some minutes",
    "DEADLINE_EXCEEDED": "Google Cloud does not answer as it should: try again in some minutes",
    "RESOURCE_EXHAUSTED": _QUOTA,
}
"""What to do, by the word of an answer: https://cloud.google.com/apis/design/errors."""
_PROJECT = "is the declared `account` the project's id, and may you use it? {consumer}"
_REASONS: Mapping[str, str] = {
    "BILLING_DISABLED": "link a billing account to the project: {consumer}",
    "CONSUMER_INVALID": _PROJECT,
    "RATE_LIMIT_EXCEEDED": _LATER,
    "SERVICE_DISABLED": "enable the service for the project: `gcloud services enable {service}`",
    "USER_PROJECT_DENIED": _PROJECT,
}
"""What to do, by the reason in an answer's `ErrorInfo`; in braces what Google tells with it.

https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
"""
_PER_TIME = re.compile(r"per (second|minute)", re.IGNORECASE)
_BUSY = frozenset({"ABORTED", "FAILED_PRECONDITION"})
_BUSY_WORDS = (
    "other operations running",
    "being deployed",
    "being updated",
    "being modified",
    "in progress",
    "concurrent",
)


def api_error(doing: str, http: int, body: Any) -> ApiError:
    """Return what a service has answered as an error with a remedy."""
    told: Any = body.get("error") if isinstance(body, Mapping) else None
    error: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    status = str(error.get("status") or _STATUSES.get(http, "UNKNOWN"))
    said = str(error.get("message") or (body if isinstance(body, str) else "")).strip()
    return _error(doing, http, status, said or _phrase(http), error.get("details", ()))


def operation_error(doing: str, error: Mapping[str, Any]) -> ApiError:
    """Return the error that ended a long-running operation, or a job, as one with a remedy."""
    status = _CODES.get(int(error.get("code", 2)), "UNKNOWN")
    said = str(error.get("message") or "no reason was given")
    return _error(doing, 0, status, said, error.get("details", ()))


def is_missing(error: Exception) -> bool:
    """Whether an error says that something does not exist."""
    return _is(error, "NOT_FOUND", HTTPStatus.NOT_FOUND)


def is_taken(error: Exception) -> bool:
    """Whether an error says that something of that name exists already."""
    return _is(error, "ALREADY_EXISTS", HTTPStatus.CONFLICT)


def is_precondition(error: Exception) -> bool:
    """Whether an error says that an object is not of the generation that was expected."""
    return _is(error, "FAILED_PRECONDITION", HTTPStatus.PRECONDITION_FAILED)


def is_busy(error: Exception) -> bool:
    """Whether an error says that something is being changed by somebody else."""
    if not isinstance(error, ApiError) or error.status not in _BUSY:
        return False
    said = error.said.lower()
    return error.status == "ABORTED" or any(words in said for words in _BUSY_WORDS)


def found(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> Any | None:
    """Return the answer of a call, or `None` when its object does not exist."""
    try:
        return call(*arguments, **parameters)
    except Exception as error:
        if is_missing(error):
            return None
        raise


@contextmanager
def told(doing: str) -> Generator[None]:
    """Turn what Google's own clients raise within into an error with a remedy.

    Raises:
        QuotaError: the project may not have that many.
        ApiError: every other refusal.
        GcpError: no credentials.
        UnreachedError: no way to Google Cloud.
    """
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests import RequestException

    try:
        yield
    except GoogleAPICallError as error:
        http = int(error.code or 0)
        status = _STATUSES.get(http, "UNKNOWN")
        raise _error(doing, http, status, error.message, error.details) from error
    except RetryError as error:
        raise UnreachedError(f"{doing}: {error.cause}", remedy=REACH) from error
    except (TransportError, RequestException) as error:
        raise UnreachedError(f"{doing}: {error}", remedy=REACH) from error
    except GoogleAuthError as error:
        raise GcpError(f"{doing}: {error}", remedy=LOG_IN) from error


def _error(doing: str, http: int, status: str, said: str, details: Any) -> ApiError:
    kind = QuotaError if status == "RESOURCE_EXHAUSTED" else ApiError
    return kind(
        "; ".join((f"{doing}: {status}: {said}", *_violations(details))),
        remedy=_remedy(status, said, details),
        http=http,
        status=status,
        said=said,
    )


def _violations(details: Any) -> list[str]:
    """Return what the details say of single fields, or of single quotas."""
    fields = [violation for detail in _mappings(details) for violation in _violations_of(detail)]
    return [f"{name}: {said}" for name, said in fields]


def _violations_of(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = [*detail.get("fieldViolations", ()), *detail.get("violations", ())]
    return [
        (str(item.get("field") or item.get("subject", "")), str(item.get("description", "")))
        for item in _mappings(listed)
    ]


def _remedy(status: str, said: str, details: Any) -> str:
    for detail in _mappings(details):
        if remedy := _REASONS.get(str(detail.get("reason"))):
            known = {"service": "SERVICE", "consumer": "", **(detail.get("metadata") or {})}
            return remedy.format_map(known).strip()
    # Quotas of what exists and of requests have one word.
    if status == "RESOURCE_EXHAUSTED" and _PER_TIME.search(said):
        return _LATER
    return _REMEDIES.get(status, "")


def _mappings(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items or () if isinstance(item, Mapping)]


def _is(error: Exception, status: str, http: HTTPStatus) -> bool:
    if isinstance(error, ApiError):
        return error.status == status or error.http == http
    # Google's own clients carry the HTTP status as `code`.
    return getattr(error, "code", None) == http


def _phrase(http: int) -> str:
    try:
        return HTTPStatus(http).phrase
    except ValueError:
        return f"HTTP status {http}"
