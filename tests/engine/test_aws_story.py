"""The same declaration on a laptop and on AWS, as a user lives it: by the `mlops-iac` command.

Each step is done on both targets and must be told in the same words; predictions agree to 1e-9.
CodeBuild's stand-in makes the image, runs and endpoints are executed, an event deploys.
Limits: the plugins for `aws` and `aws-native` are stand-ins, and processes stand for containers.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_stack import PLUGINS, everything
from tests.support.laptop import eventually
from tests.support.story import ROWS, User, same_as_on_a_laptop, served_elsewhere

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]
REQUEST = "monday-1"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(work="processes", root=tmp_path / "cloud") as running:
        yield running


@pytest.fixture
def user(tmp_path: Path, aws: Cloud) -> Iterator[User]:
    made = User(tmp_path / "flights", aws, PLUGINS, "aws")
    made.write("eu-west-1", "123456789012")
    yield made
    for process in made.processes():
        process.kill()


def test_what_a_user_sees_on_aws_is_what_a_laptop_shows(user: User, aws: Cloud) -> None:
    empty = everything(aws)
    assert "absent" in user.run("status", "-s", "aws")

    same_as_on_a_laptop(user)
    served_elsewhere(user, lambda: asked(aws))
    leaves_nothing(user, aws, empty)


def asked(cloud: Cloud) -> str:
    """Ask once by boto3; return the name of the request."""
    (name,) = everything(cloud)["endpoints"]
    cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=f'{{"instances": {ROWS}}}', ContentType="application/json",
        InferenceId=REQUEST,
    )  # fmt: skip
    return REQUEST


def leaves_nothing(user: User, cloud: Cloud, empty: Mapping[str, set[str]]) -> None:
    """Both stacks are removed; nothing of them is left."""
    user.run("destroy", "--yes", "-s", "aws")
    left = everything(cloud)
    # SageMaker makes them, one of each for the whole account.
    assert left.pop("logs") == {f"/aws/sagemaker/{kind}Jobs" for kind in ("Processing", "Training")}
    assert left == empty
    user.run("destroy", "--yes", "-s", "dev")
    eventually(lambda: not user.processes(("runtime",)))
