"""One whole life of a stack on AWS, through the real engine, in the test cloud.

Proves what a user sees of `preview`, `up`, changes from outside and `destroy`; plain boto3 looks at
the cloud itself. Limits: the plugins for `aws` and `aws-native` are stand-ins
(`tests/clouds/aws/plugins`), and nothing runs in containers here.
"""

from collections.abc import Iterator

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_stack import AwsStack, everything
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

KEY = {"encryption": {"rotation_days": 180}}


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def test_life(engine: Engine, aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = AwsStack.make(engine, aws, platform=KEY)
    empty = everything(aws)
    assert set(stack.preview()) == {"create"}
    assert everything(aws) == empty

    stack.up()
    assert stack.output("score", "state") == "waiting"

    stack.promote(stack.register())
    assert replicas(stack) == 1
    assert set(stack.refresh()) == {"same"}
    assert set(stack.up()) == {"same"}

    stack.wish(platform=KEY, score={"scaling": {"replicas": 2}})
    assert stack.up()["update"] == 1
    assert replicas(stack) == 2

    stack.promote(stack.register())
    assert set(stack.refresh()) == {"same"}
    assert replicas(stack) == 2

    before = everything(aws)
    meddle(stack)
    assert everything(aws) != before
    assert stack.refresh().keys() == {"same", "update", "delete"}
    assert stack.up().keys() == {"same", "update", "create"}
    assert everything(aws) == before
    assert versioning(stack) == "Enabled"

    stack.destroy()
    assert everything(aws) == empty


def replicas(stack: AwsStack) -> int:
    """Return how many replicas the endpoint has."""
    described = stack.cloud.client("sagemaker").describe_endpoint(
        EndpointName=stack.name("endpoint", "score")
    )
    assert described["EndpointStatus"] == "InService"
    return described["ProductionVariants"][0]["CurrentInstanceCount"]


def versioning(stack: AwsStack) -> str:
    """Return whether the bucket keeps versions."""
    return stack.cloud.client("s3").get_bucket_versioning(Bucket=stack.name("bucket"))["Status"]


def meddle(stack: AwsStack) -> None:
    """Change one thing, and delete another, from outside."""
    stack.cloud.client("s3").put_bucket_versioning(
        Bucket=stack.name("bucket"), VersioningConfiguration={"Status": "Suspended"}
    )
    (repository,) = everything(stack.cloud)["repositories"]
    stack.cloud.client("ecr").delete_repository(repositoryName=repository, force=True)
