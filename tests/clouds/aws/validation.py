"""Requests judged by botocore's service models before anything sees them.

AWS ignores members that it does not know; here they are refused, for nothing of ours may be lost.
"""

from collections.abc import Iterator, Mapping

from tests.clouds.aws.calls import QUERY, Call, CloudError
from tests.contract.walkers.botocore_api import operation_shape
from tests.contract.walkers.finding import Finding
from tests.contract.walkers.walk import walk

_CODES: Mapping[str, str] = {
    "cloudwatch": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "secretsmanager": "InvalidParameterException",
    "codebuild": "InvalidInputException",
}
JUDGED = frozenset(
    {
        "application-autoscaling",
        "cloudwatch",
        "codebuild",
        "ecr",
        "events",
        "iam",
        "kms",
        "logs",
        "sagemaker",
        "sagemaker-featurestore-runtime",
        "scheduler",
        "secretsmanager",
        "sns",
        "ssm",
    }
)
"""Services whose requests are judged. S3 is not: its requests are objects."""


def judge(call: Call) -> None:
    """Refuse a request that breaks the service's model.

    Raises:
        CloudError: in the service's code, with every rule that is broken.
    """
    if call.service not in JUDGED:
        return
    found = list(_findings(call))
    if found:
        told = "; ".join(_words(finding) for finding in found)
        plural = "s" if len(found) > 1 else ""
        message = f"{len(found)} validation error{plural} detected: {told}"
        raise CloudError(_code(call), message)


def _findings(call: Call) -> Iterator[Finding]:
    yield from walk(operation_shape(call.service, call.operation), call.params)


def _words(finding: Finding) -> str:
    return f"Value at '{finding.path}' failed to satisfy constraint: {finding.message}"


def _code(call: Call) -> str:
    default = "ValidationError" if call.protocol in QUERY else "ValidationException"
    return _CODES.get(call.service, default)
