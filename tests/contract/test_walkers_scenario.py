"""A whole plan is judged: every resource by its token, custom resources by their requests.

Limit: plans here are small and written by hand; the adapters' own plans are judged by their tests.
"""

import time
from typing import Any

import pytest

from tests.contract.scenario import check_document
from tests.contract.test_walkers_aws import SAMPLES
from tests.contract.walkers import aws_tables, azure_tables, botocore_api, gcp_tables, sdk
from tests.contract.walkers.finding import Rule
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.walk import compiled

_DEPLOYMENT = {
    "type": "mlops-iac:aws:ModelDeployment",
    "name": "score",
    "inputs": {
        "requests": [
            {
                "api": "sagemaker",
                "operation": "CreateEndpoint",
                "body": {"EndpointName": "score", "EndpointConfigName": "score_1"},
            }
        ]
    },
}


def _resources() -> list[dict[str, Any]]:
    return [
        {"type": token, "name": f"r{index}", "inputs": inputs}
        for index, (token, inputs) in enumerate(SAMPLES.items())
    ]


def test_valid_plan_has_no_finding() -> None:
    assert check_document("aws", _resources()) == []


def test_request_of_a_custom_resource_is_judged_in_its_place() -> None:
    found = check_document("aws", [*_resources(), _DEPLOYMENT])

    assert [f.path for f in found] == ["score: requests[0].EndpointConfigName"]


def test_resource_of_another_cloud_is_a_finding() -> None:
    found = check_document("gcp", [{"type": "aws:s3/bucket:Bucket", "name": "b", "inputs": {}}])

    assert [f.rule for f in found] == [Rule.TOKEN]


@pytest.mark.parametrize(
    "token",
    [*aws_tables.TRANSLATIONS, *gcp_tables.TRANSLATIONS, *azure_tables.CHECKS],
)
def test_every_token_with_a_table_is_a_resource_of_its_sdk(token: str) -> None:
    assert sdk.inputs_shape(token).members


def test_plan_is_judged_in_under_a_second_once_models_are_loaded() -> None:
    resources = _resources() * 3
    check_document("aws", resources)

    started = time.process_time()
    check_document("aws", resources)

    assert time.process_time() - started < 1


def _patterns(shape: Shape, depth: int = 0) -> set[str]:
    found = {shape.pattern} if shape.pattern else set[str]()
    inner = [m.shape for m in shape.members.values()] if shape.kind is Kind.OBJECT else []
    inner += [shape.item()] if shape.item else []
    for child in inner if depth < 12 else ():
        found |= _patterns(child, depth + 1)
    return found


@pytest.mark.parametrize(
    "operation", ["CreateTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateModelPackage"]
)
def test_every_pattern_of_an_operation_compiles(operation: str) -> None:
    patterns = _patterns(botocore_api.operation_shape("sagemaker", operation))

    assert all(compiled(pattern) for pattern in patterns)
    assert patterns
