"""`ImageBuild`: built once for each content, adopted where it is there, its failure explained.

ECR and CloudWatch Logs are the test cloud's; CodeBuild is a double that pushes as Docker would. The
request that starts a build is judged by botocore's model in `tests/contract/test_aws.py`.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.resources.image_build import ImageBuildHandler
from mlops_iac_aws.session import Clients, clients, place_of

from mlops_iac.custom import Cancelled
from tests.clouds.aws.running import Cloud, cloud_here
from tests.providers.aws.harness import Recorded, record
from tests.providers.aws.scenarios import RUNTIME, base, write_files
from tests.providers.local.world import FakeCall

REPOSITORY = "shop-runtime"
GROUP = "/aws/codebuild/shop-builder"


class Builder:
    """CodeBuild as the handler sees it; a finished build has pushed its image."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.builds: dict[str, dict[str, Any]] = {}
        self.outcome = "SUCCEEDED"
        self.pushes = True
        self.polls = 0

    def start_build(self, **request: Any) -> Any:
        identity = f"shop-builder:{len(self.builds)}"
        self.builds[identity] = {
            "id": identity,
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "environment": {"environmentVariables": request["environmentVariablesOverride"]},
            "logs": {"groupName": GROUP, "streamName": "one", "deepLink": "https://logs"},
            "phases": [],
        }
        return {"build": self.builds[identity]}

    def list_builds_for_project(self, **_: Any) -> Any:
        return {"ids": list(self.builds)}

    def batch_get_builds(self, ids: list[str]) -> Any:
        found = [dict(self.builds[identity]) for identity in ids]
        self.polls += 1
        for identity in ids:
            if not self.builds[identity]["buildComplete"]:
                self._finish(self.builds[identity])
        return {"builds": found}

    def _finish(self, build: dict[str, Any]) -> None:
        build["buildStatus"], build["buildComplete"] = self.outcome, True
        reason = {"message": "exit status 1 of `docker build`"}
        status = "SUCCEEDED" if self.outcome == "SUCCEEDED" else "FAILED"
        build["phases"] = [{"phaseType": "BUILD", "phaseStatus": status, "contexts": [reason]}]
        if self.outcome == "SUCCEEDED" and self.pushes:
            variables = {
                v["name"]: v["value"] for v in build["environment"]["environmentVariables"]
            }
            push(self.cloud, variables["IMAGE_TAG"])


def push(cloud: Cloud, tag: str) -> str:
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"digest": f"sha256:{'1' * 64}", "size": 1, "mediaType": tag},
            "layers": [],
        }
    )
    answer = cloud.client("ecr").put_image(
        repositoryName=REPOSITORY, imageManifest=manifest, imageTag=tag
    )
    return answer["image"]["imageId"]["imageDigest"]


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def cloud(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    here.client("ecr").create_repository(repositoryName=REPOSITORY)
    logs = here.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    yield here
    here.client("ecr").delete_repository(repositoryName=REPOSITORY, force=True)
    logs.delete_log_group(logGroupName=GROUP)


@pytest.fixture
def call(cloud: Cloud) -> FakeCall:
    config = {"region": cloud.region, "account": cloud.account}
    return FakeCall("urn:image", {**config, "endpoints": {"ecr": cloud.address}})


@pytest.fixture
def aws(call: FakeCall) -> Iterator[Clients]:
    found = clients(place_of(call.config))
    yield found
    found._made.clear()


@pytest.fixture
def builder(cloud: Cloud, aws: Clients) -> Builder:
    double = Builder(cloud)
    aws._made["codebuild"] = double
    return double


def inputs(tag: str = "abc") -> dict[str, Any]:
    variables = [{"name": "IMAGE_TAG", "value": tag, "type": "PLAINTEXT"}]
    body = {"projectName": "shop-builder", "environmentVariablesOverride": variables}
    return {
        "project": "shop-builder",
        "repository": REPOSITORY,
        "tag": tag,
        "requests": [{"api": "codebuild", "operation": "StartBuild", "params": {}, "body": body}],
    }


@pytest.mark.usefixtures("builder")
def test_a_build_pushes_an_image_that_is_named_by_digest(call: FakeCall, cloud: Cloud) -> None:
    identity, state = ImageBuildHandler().create(inputs(), call)

    (pushed,) = cloud.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert identity == f"{REPOSITORY}:abc"
    assert state["image"].endswith(f"/{REPOSITORY}@{pushed['imageDigest']}")
    assert state["buildId"] == "shop-builder:0"


def test_an_image_of_the_same_content_is_adopted_without_a_build(
    builder: Builder, call: FakeCall, cloud: Cloud
) -> None:
    digest = push(cloud, "abc")

    _, state = ImageBuildHandler().create(inputs(), call)

    assert state["digest"] == digest
    assert builder.builds == {}


def test_a_build_that_an_interrupted_up_left_running_is_waited_for(
    builder: Builder, call: FakeCall
) -> None:
    builder.start_build(**inputs()["requests"][0]["body"])

    _, state = ImageBuildHandler().create(inputs(), call)

    assert list(builder.builds) == [state["buildId"]]


def test_a_running_build_of_another_content_is_left_alone(builder: Builder, call: FakeCall) -> None:
    builder.start_build(**inputs("other")["requests"][0]["body"])

    _, state = ImageBuildHandler().create(inputs(), call)

    assert state["buildId"] == "shop-builder:1"


@pytest.mark.usefixtures("builder")
def test_the_builds_log_is_told_as_progress(call: FakeCall, cloud: Cloud) -> None:
    event = {"timestamp": int(time.time() * 1000), "message": "Step 3/9 : COPY requirements.lock\n"}
    cloud.client("logs").put_log_events(logGroupName=GROUP, logStreamName="one", logEvents=[event])

    ImageBuildHandler().create(inputs(), call)

    assert call.messages.count("Step 3/9 : COPY requirements.lock") == 1


def test_a_failed_build_says_which_phase_and_why(builder: Builder, call: FakeCall) -> None:
    builder.outcome = "FAILED"

    with pytest.raises(AwsError, match=r"BUILD exit status 1 of `docker build`"):
        ImageBuildHandler().create(inputs(), call)


def test_a_build_that_pushed_nothing_is_a_failure(builder: Builder, call: FakeCall) -> None:
    builder.pushes = False

    with pytest.raises(AwsError, match="not in the registry"):
        ImageBuildHandler().create(inputs(), call)


def test_a_stopped_up_leaves_the_build_to_the_next_one(builder: Builder, call: FakeCall) -> None:
    call.cancel_when = lambda: builder.polls > 0
    with pytest.raises(Cancelled):
        ImageBuildHandler().create(inputs(), call)

    call.cancel_when = None
    _, state = ImageBuildHandler().create(inputs(), call)

    assert (len(builder.builds), bool(state["digest"])) == (1, True)


@pytest.mark.usefixtures("builder")
def test_an_image_that_is_gone_is_gone_and_one_that_is_there_is_as_it_was(
    call: FakeCall, cloud: Cloud
) -> None:
    handler = ImageBuildHandler()
    identity, state = handler.create(inputs(), call)

    there = handler.read(identity, state, call)
    handler.delete(identity, state, call)
    kept = handler.read(identity, state, call)
    cloud.client("ecr").batch_delete_image(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": "abc"}]
    )

    assert there is not None
    assert (there.state, there.inputs) == (state, inputs())
    assert kept is not None
    assert handler.read(identity, state, call) is None


@pytest.mark.usefixtures("builder")
def test_an_image_is_imported_by_repository_and_tag(call: FakeCall, cloud: Cloud) -> None:
    digest = push(cloud, "abc")

    found = ImageBuildHandler().read(f"{REPOSITORY}:abc", {}, call)

    assert found is not None
    assert found.state["digest"] == digest
    change = ImageBuildHandler().diff(found.state, found.inputs, inputs())
    assert (change.changed, change.replaces) == ((), ())


# --- what the platform registers


@pytest.fixture
def recorder(tmp_path: Path) -> Callable[..., Recorded]:
    write_files(tmp_path)
    return lambda **platform: record(tmp_path, *base(), **platform)


def test_without_a_ready_image_the_platform_builds_one(recorder: Callable[..., Recorded]) -> None:
    recorded = recorder()

    built = recorded.one("platform-image").inputs
    (start,) = built["requests"]
    tag = {"name": "IMAGE_TAG", "value": built["tag"], "type": "PLAINTEXT"}
    assert start["body"]["environmentVariablesOverride"] == [tag]
    key = recorded.one("platform-image-context").inputs["key"]
    assert start["body"]["sourceLocationOverride"].endswith(f"/{key}")
    assert recorded.one("platform-builder").inputs["artifacts"] == {"type": "NO_ARTIFACTS"}


def test_a_ready_image_leaves_out_builder_role_and_build(
    recorder: Callable[..., Recorded],
) -> None:
    recorded = recorder(runtime_image=RUNTIME)

    assert [r.name for r in recorded.resources if "build" in r.name or "image-" in r.name] == []


def test_the_builder_may_push_to_its_repository_and_nothing_else(
    recorder: Callable[..., Recorded],
) -> None:
    recorded = recorder()

    policy = json.loads(recorded.one("platform-build-policy").inputs["policy"])
    repository = recorded.one("platform-images").inputs["name"]
    (push_images,) = [s for s in policy["Statement"] if s["Sid"] == "PushImages"]
    assert [arn.rpartition("/")[2] for arn in push_images["Resource"]] == [repository]
    trust = json.loads(recorded.one("platform-build-role").inputs["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "codebuild.amazonaws.com"}
    builder = recorded.one("platform-builder").inputs["name"]
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f"project/{builder}")


def test_the_buildspec_logs_in_builds_and_pushes_and_leaves_attestations_out(
    recorder: Callable[..., Recorded],
) -> None:
    source = recorder().one("platform-builder").inputs["source"]
    spec = json.loads(source["buildspec"])

    commands = [c for phase in spec["phases"].values() for c in phase["commands"]]
    assert [c.split()[1] for c in commands] == ["ecr", "build", "push"]
    assert spec["env"]["variables"] == {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
