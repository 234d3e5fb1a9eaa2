"""What Azure says when something is wrong: one reading for all services.

Resource Manager answers `{"error": {"code", "message", "details"}}`, also in what becomes of a
long-running operation (https://github.com/microsoft/api-guidelines, error condition responses);
registries answer `{"errors": [{"code", "message"}]}`, Azure ML's older services the first form.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from mlops_iac_azure.errors import ApiError, AzureError, QuotaError, UnreachedError
from mlops_iac_azure.fault_codes import (
    BUSY,
    BUSY_WORDS,
    LOG_IN,
    QUOTA_CODES,
    REACH,
    REMEDIES,
    STATUSES,
    TAKEN,
    UNSETTLED,
)


def api_error(doing: str, http: int, body: Any) -> ApiError:
    """Return what a service has answered as an error with a remedy."""
    error = _told(body)
    status = str(error.get("code") or STATUSES.get(http, "Unknown"))
    said = str(error.get("message") or (body if isinstance(body, str) else "")).strip()
    return _error(doing, http, status, said or _phrase(http), error.get("details"))


def operation_error(doing: str, error: Any) -> ApiError:
    """Return the error that ended a long-running operation, or a job, as one with a remedy."""
    known: Mapping[str, Any] = error if isinstance(error, Mapping) else {}
    status = str(known.get("code") or "Failed")
    said = str(known.get("message") or error or "no reason was given").strip()
    return _error(doing, 0, status, said, known.get("details"))


def is_missing(error: Exception) -> bool:
    """Whether an error says that something does not exist."""
    return _http(error) == HTTPStatus.NOT_FOUND


def is_taken(error: Exception) -> bool:
    """Whether an error says that something of that name exists already."""
    return _code(error) in TAKEN


def is_busy(error: Exception) -> bool:
    """Whether an error says that something is being changed by somebody else."""
    if not isinstance(error, ApiError):
        return False
    if error.status in BUSY:
        return True
    said = error.said.lower()
    is_conflict = error.http in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
    return is_conflict and any(words in said for words in BUSY_WORDS)


def is_unsettled(error: Exception) -> bool:
    """Whether a role that was just assigned may not hold yet: it takes up to ten minutes.

    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
    """
    return _code(error) in UNSETTLED or _http(error) == HTTPStatus.FORBIDDEN


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
    """Turn what Azure's own clients raise within into an error with a remedy.

    Raises:
        QuotaError: the subscription may not have that many.
        ApiError: every other refusal.
        AzureError: no credentials.
        UnreachedError: no way to Azure.
    """
    from azure.core.exceptions import (
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
        ServiceResponseError,
    )
    from requests import RequestException

    try:
        yield
    except ClientAuthenticationError as error:
        raise AzureError(f"{doing}: {_first_line(error)}", remedy=LOG_IN) from error
    except HttpResponseError as error:
        http = int(error.status_code or 0)
        status = str(_code(error) or STATUSES.get(http, "Unknown"))
        raise _error(doing, http, status, _first_line(error), None) from error
    except (ServiceRequestError, ServiceResponseError, RequestException) as error:
        raise UnreachedError(f"{doing}: {_first_line(error)}", remedy=REACH) from error


def _told(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        return {}
    error: Any = body.get("error")
    if isinstance(error, Mapping):
        return error
    if isinstance(error, str):
        # Our own server's words.
        return {"message": error}
    listed: Any = body.get("errors")
    if isinstance(listed, list) and listed and isinstance(listed[0], Mapping):
        return listed[0]
    return body if "code" in body and "message" in body else {}


def _error(doing: str, http: int, status: str, said: str, details: Any) -> ApiError:
    inner = [*_inner(details)]
    codes = [status, *(code for code, _ in inner)]
    kind = QuotaError if QUOTA_CODES & {*codes} else ApiError
    more = [f"{code}: {text}" for code, text in inner if text and text not in said]
    return kind(
        "; ".join((f"{doing}: {status}: {said}", *more)),
        # The innermost code is the reason; the outer one says that something was wrong.
        remedy=next((REMEDIES[code] for code in reversed(codes) if code in REMEDIES), ""),
        http=http,
        status=status,
        said=said,
    )


def _inner(details: Any) -> Generator[tuple[str, str]]:
    for detail in details or ():
        if isinstance(detail, Mapping):
            yield str(detail.get("code") or ""), str(detail.get("message") or "")
            yield from _inner(detail.get("details"))


def _http(error: Exception) -> int | None:
    if isinstance(error, ApiError):
        return error.http
    # Azure's own clients carry the HTTP status as `status_code`.
    return getattr(error, "status_code", None)


def _code(error: Exception) -> str | None:
    if isinstance(error, ApiError):
        return error.status
    code = getattr(error, "error_code", None)
    if code is None:
        code = getattr(getattr(error, "error", None), "code", None)
    return None if code is None else str(getattr(code, "value", code))


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "message", None) or error)
    return text.partition("\n")[0].strip()


def _phrase(http: int) -> str:
    try:
        return HTTPStatus(http).phrase
    except ValueError:
        return f"HTTP status {http}"
