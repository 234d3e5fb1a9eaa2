"""One whole life of a stack on AWS, through the real engine, in the test cloud.

Proves what a user sees of `preview`, `up`, changes from outside and `destroy`; plain boto3 looks at
the cloud itself. The stack holds all fourteen kinds and a network of its own. Limits: the plugins
for `aws` and `aws-native` are stand-ins (`tests/clouds/aws/plugins`), and runs succeed at once:
`test_aws_loop.py` and `test_aws_story.py` execute them.
"""

from collections.abc import Iterator, Mapping

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.providers.aws.complete import complete
from tests.support.aws_stack import LISTS, AwsStack, everything
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

PLATFORM = {"encryption": {"rotation_days": 180}, "network": {"mode": "own"}}
SCORE = {
    "challenger": {"model": "late@challenger", "percent": 20},
    "scaling": {"replicas": 1},
    "capture": {"percent": 100},
}
CARD = {"intended_use": "demo", "owner": "team", "limitations": "New York only"}
WISH = {"platform": PLATFORM, "score": SCORE, "late": {"card": CARD}}
NOT_MADE = {"projects"}
"""An image is given here; `test_aws_import.py` has one built."""


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def test_life(engine: Engine, aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = AwsStack.make(engine, aws, components=complete, **WISH)
    empty = everything(aws)
    assert set(stack.preview()) == {"create"}
    assert everything(aws) == empty

    stack.up()
    assert stack.output("score", "state") == "waiting"

    stack.promote(stack.register())
    assert replicas(stack) == [1]
    assert LISTS.keys() - new(aws, empty) == NOT_MADE
    assert set(stack.up(refresh=True)) == {"same"}

    stack.challenge(stack.register())
    stack.wish(**{**WISH, "score": {**SCORE, "scaling": {"replicas": 2}}})
    assert stack.up()["update"] == 1
    assert replicas(stack) == [2, 2]

    stack.promote(stack.register())
    before = everything(aws)
    meddle(stack)
    assert everything(aws) != before
    # The promotion is none of it.
    refreshed = stack.refresh()
    assert (refreshed["update"], refreshed["delete"]) == (2, 5)
    mended = stack.up()
    assert (mended["update"], mended["create"]) == (2, 5)
    assert everything(aws) == before
    assert versioning(stack) == "Enabled"
    assert replicas(stack) == [2, 2]

    stack.destroy()
    assert everything(aws) == empty


def new(cloud: Cloud, before: Mapping[str, set[str]]) -> set[str]:
    """Return the kinds of which plain boto3 sees more than before."""
    return {kind for kind, names in everything(cloud).items() if names - before.get(kind, set())}


def replicas(stack: AwsStack) -> list[int]:
    """Return how many replicas each variant of the endpoint has."""
    described = stack.cloud.client("sagemaker").describe_endpoint(
        EndpointName=stack.name("endpoint", "score")
    )
    assert described["EndpointStatus"] == "InService"
    return [variant["CurrentInstanceCount"] for variant in described["ProductionVariants"]]


def versioning(stack: AwsStack) -> str:
    """Return whether the bucket keeps versions."""
    return stack.cloud.client("s3").get_bucket_versioning(Bucket=stack.name("bucket"))["Status"]


def meddle(stack: AwsStack) -> None:
    """Change two things, and delete others, from outside."""
    client, name = stack.cloud.client, stack.name
    client("s3").put_bucket_versioning(
        Bucket=name("bucket"), VersioningConfiguration={"Status": "Suspended"}
    )
    client("sagemaker").update_pipeline(
        PipelineName=name("pipeline", "tune"), PipelineDescription="Mine"
    )
    client("sagemaker").delete_pipeline(PipelineName=name("pipeline", "forecast"))
    client("sagemaker").delete_monitoring_schedule(
        MonitoringScheduleName=name("monitoring_schedule", "watch", "data")
    )
    client("scheduler").delete_schedule(Name=name("schedule", "retrain"))
    # Its life cycle goes with it.
    (repository,) = everything(stack.cloud)["repositories"]
    client("ecr").delete_repository(repositoryName=repository, force=True)
