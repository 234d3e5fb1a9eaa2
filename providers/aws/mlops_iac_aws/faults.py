"""What AWS says when something is wrong: one reading for all services.

Services differ in the codes of their errors, and SageMaker has one code for every wrong request:
only its words tell that nothing was found, or that a role is not there yet.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from mlops_iac_aws.errors import AwsError, QuotaError

_MISSING_CODES = frozenset(
    {
        "404",
        "EntityNotFoundException",
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "ObjectNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
_MISSING_WORDS = ("could not find", "cannot find", "does not exist", "not found")
_ROLE_WORDS = ("assume role", "assume the role", "assume execution role")
_BUSY_WORDS = ("in-progress", "in progress", "_in_progress", "updating state")
_EXISTS_WORDS = ("already existing", "already exists")
_QUOTA_CODES = frozenset({"ResourceLimitExceeded", "LimitExceededException"})
_LOG_IN = "log in again (`aws sso login`), or name other credentials (`AWS_PROFILE`)"
_LATER = "AWS has too many calls of this account: try again in some minutes"
_REACH = "check the declared `region`, and this machine's way to AWS"
_REMEDIES: Mapping[str, str] = {
    "AccessDenied": "the caller's permissions lack this action",
    "AccessDeniedException": "the caller's permissions lack this action",
    "UnauthorizedOperation": "the caller's permissions lack this action",
    "AuthFailure": _LOG_IN,
    "ExpiredToken": _LOG_IN,
    "ExpiredTokenException": _LOG_IN,
    "InvalidAccessKeyId": _LOG_IN,
    "InvalidClientTokenId": _LOG_IN,
    "RequestExpired": "set this machine's clock",
    "SignatureDoesNotMatch": _LOG_IN,
    "UnrecognizedClientException": _LOG_IN,
    "OptInRequired": "enable the region for the account, or declare another",
    "RequestLimitExceeded": _LATER,
    "SlowDown": _LATER,
    "Throttling": _LATER,
    "ThrottlingException": _LATER,
    "TooManyRequestsException": _LATER,
}
"""What to do, by the code of an answer.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""
_UNASKED_REMEDIES: Mapping[str, str] = {
    "ConnectTimeoutError": _REACH,
    "ConnectionClosedError": _REACH,
    "EndpointConnectionError": _REACH,
    "ProxyConnectionError": _REACH,
    "ReadTimeoutError": _REACH,
    "SSLError": _REACH,
    "CredentialRetrievalError": _LOG_IN,
    "NoAuthTokenError": _LOG_IN,
    "NoCredentialsError": _LOG_IN,
    "PartialCredentialsError": _LOG_IN,
    "ProfileNotFound": _LOG_IN,
    "SSOTokenLoadError": _LOG_IN,
    "TokenRetrievalError": _LOG_IN,
    "UnauthorizedSSOTokenError": _LOG_IN,
}
"""What to do, by botocore's exception, when AWS was not asked, or no answer has come."""
_ROLE_TRIES = 12
_ROLE_PAUSE_SECONDS = 5.0


def found(call: Callable[..., Any], **parameters: Any) -> Any | None:
    """Return the answer of a call, or `None` when AWS says that its object does not exist."""
    from botocore.exceptions import ClientError

    try:
        return call(**parameters)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def created(call: Callable[..., Any], **parameters: Any) -> bool:
    """Create something; false when somebody else has done so meanwhile."""
    from botocore.exceptions import ClientError

    try:
        call(**parameters)
    except ClientError as error:
        if _says(error, _EXISTS_WORDS):
            return False
        raise
    return True


def is_missing(error: Any) -> bool:
    """Whether a `botocore` `ClientError` says that something does not exist."""
    code = error.response["Error"]["Code"]
    is_vague = code in {"ValidationException", "ValidationError"}
    return code in _MISSING_CODES or (is_vague and _says(error, _MISSING_WORDS))


def is_busy(error: Any) -> bool:
    """Whether a `ClientError` says that something is being changed by somebody else."""
    return _says(error, _BUSY_WORDS)


def retried(pause: Callable[[float], None], call: Callable[[], Any]) -> Any:
    """Return the answer of a call that may name a role which is made just now.

    A new role reaches all of AWS within a minute; until then services cannot assume it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    """
    from botocore.exceptions import ClientError

    for _ in range(_ROLE_TRIES):
        try:
            return call()
        except ClientError as error:
            if not _says(error, _ROLE_WORDS):
                raise
        pause(_ROLE_PAUSE_SECONDS)
    return call()


@contextmanager
def told(doing: str) -> Generator[None]:
    """Turn what AWS refuses within, or that it is not reached, into an error with a remedy.

    Raises:
        QuotaError: the account may not have that many.
        AwsError: every other refusal; no credentials; no way to AWS.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _explained(doing, error) from error
    except BotoCoreError as error:
        remedy = _UNASKED_REMEDIES.get(type(error).__name__, "")
        raise AwsError(f"{doing}: {error}", remedy=remedy) from error


def _explained(doing: str, error: Any) -> AwsError:
    said = error.response["Error"]
    message = f"{doing}: {error.operation_name}: {said['Code']}: {said.get('Message', '')}"
    if said["Code"] in _QUOTA_CODES:
        return QuotaError(
            message, remedy="ask for more in Service Quotas, or ask for less or other `compute`"
        )
    return AwsError(message, remedy=_REMEDIES.get(said["Code"], ""))


def _says(error: Any, words: tuple[str, ...]) -> bool:
    message = error.response["Error"].get("Message", "").lower()
    return any(text in message for text in words)
