"""What AWS refuses, or that it is not reached, is told in one line, with what to do about it."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSOTokenLoadError,
)
from mlops_iac_aws.errors import AwsError, QuotaError
from mlops_iac_aws.faults import found, told

from mlops_iac.errors import OperationError


def refusal(code: str) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {}}
    return ClientError(answer, "DescribeEndpoint")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (refusal("AccessDeniedException"), "permissions"),
        (refusal("ExpiredTokenException"), "aws sso login"),
        (refusal("InvalidClientTokenId"), "aws sso login"),
        (refusal("OptInRequired"), "enable the region"),
        (refusal("ThrottlingException"), "try again"),
        (NoCredentialsError(), "AWS_PROFILE"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "AWS_PROFILE"),
        (SSOTokenLoadError(error_msg="gone"), "aws sso login"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "region"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BotoCoreError) else "",
)
def test_a_fault_is_told_with_what_to_do(fault: Exception, remedy: str) -> None:
    with pytest.raises(AwsError) as raised, told("looking at `score`"):
        raise fault

    assert raised.value.message.startswith("looking at `score`: ")
    assert "\n" not in raised.value.message
    assert remedy in raised.value.remedy
    assert raised.value.__cause__ is fault


def test_a_quota_is_told_apart() -> None:
    with pytest.raises(QuotaError, match="ResourceLimitExceeded"), told("starting"):
        raise refusal("ResourceLimitExceeded")


def test_a_wrong_request_of_ours_gets_no_remedy_that_is_not_one() -> None:
    with pytest.raises(AwsError) as raised, told("starting"):
        raise ParamValidationError(report="Missing required parameter")

    assert raised.value.remedy == ""


def test_an_error_of_ours_passes_as_it_is() -> None:
    error = OperationError("waits")

    with pytest.raises(OperationError) as raised, told("asking"):
        raise error

    assert raised.value is error


@pytest.mark.parametrize(
    "code", ["404", "NoSuchKey", "ResourceNotFoundException", "EntityNotFoundException"]
)
def test_what_each_service_calls_missing_is_nothing_found(code: str) -> None:
    def ask() -> None:
        raise refusal(code)

    assert found(ask) is None


def test_what_is_denied_is_not_taken_for_missing() -> None:
    def ask() -> None:
        raise refusal("AccessDeniedException")

    with pytest.raises(ClientError):
        found(ask)
