"""`mlops-iac:aws:ImageBuild`: an image in the platform's repository, built by CodeBuild.

The image's tag is the hash of all that it is built from, and the repository's tags are immutable:
an image of that tag *is* the wished one, whoever pushed it, and is adopted. Deleting the resource
leaves the image: versions of models name it by digest, and goes with its repository.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.faults import found, is_missing
from mlops_iac_aws.images import TAG_VARIABLE
from mlops_iac_aws.session import Clients, clients, place_of

POLL_SECONDS = 5.0
"""Between two looks at a build; CloudWatch shows its log with about the same delay."""
_MISSING = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})
_RECENT_BUILDS = 20
"""Builds that are looked at for one of the same tag: only a running one matters."""
_OUTPUTS = frozenset({"image", "digest", "buildId"})


class ImageBuildFailedError(AwsError):
    """CodeBuild could not build or push the image."""

    code = "image.build-failed"


class ImageBuildHandler(Handler):
    """Builds an image once for each content; adopts one that is there."""

    token = "mlops-iac:aws:ImageBuild"  # noqa: S105
    replace_on = frozenset({"repository", "tag"})
    # How an image is built changes nothing about one that is built.
    ignore = frozenset({"project", "requests"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Adopt the image of the tag, or build it and wait, with the build's log as progress."""
        aws = clients(place_of(call.config))
        digest, build = _digest(aws, inputs["repository"], inputs["tag"]), None
        if digest is None:
            build = _running(aws, inputs) or _started(aws, inputs, call)
            _awaited(aws, build, call)
            digest = _pushed(aws, inputs, build)
        else:
            call.log(f"an image of this content is there: {inputs['tag']}")
        return _identity(inputs), _state(aws, inputs, digest, build)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the image as it is in the repository."""
        aws = clients(place_of(call.config))
        repository, _, tag = resource_id.partition(":")
        digest = _digest(aws, repository, tag)
        if digest is None:
            return None
        inputs = {
            "project": None,
            "requests": [],
            **{key: value for key, value in state.items() if key not in _OUTPUTS},
            "repository": repository,
            "tag": tag,
        }
        return Existing(
            id=resource_id,
            state=_state(aws, inputs, digest, state.get("buildId")),
            inputs=inputs,
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Keep the image; only what a later build would be asked has changed."""
        return {**inputs, **{key: state[key] for key in _OUTPUTS}}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Leave the image to its repository; what runs names it by digest."""
        call.log("the image stays: what runs, and versions to roll back to, name it by digest")


def _identity(inputs: Properties) -> str:
    return f"{inputs['repository']}:{inputs['tag']}"


def _state(aws: Clients, inputs: Properties, digest: str, build: str | None) -> dict[str, Any]:
    uri = _repository_uri(aws, inputs["repository"])
    return {**inputs, "image": f"{uri}@{digest}", "digest": digest, "buildId": build}


def _repository_uri(aws: Clients, repository: str) -> str:
    known = aws("ecr").describe_repositories(repositoryNames=[repository])
    return known["repositories"][0]["repositoryUri"]


def _digest(aws: Clients, repository: str, tag: str) -> str | None:
    from botocore.exceptions import ClientError

    wanted = {"repositoryName": repository, "imageIds": [{"imageTag": tag}]}
    try:
        return aws("ecr").describe_images(**wanted)["imageDetails"][0]["imageDigest"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING or is_missing(error):
            return None
        raise


# --- builds


def _started(aws: Clients, inputs: Properties, call: Call) -> str:
    (wanted,) = inputs["requests"]
    call.journal("build", project=inputs["project"], tag=inputs["tag"])
    # The token makes a start that is repeated within five minutes the same build.
    answer = aws("codebuild").start_build(**wanted["body"])
    call.log(f"CodeBuild builds {inputs['tag']}")
    return answer["build"]["id"]


def _running(aws: Clients, inputs: Properties) -> str | None:
    """Return a build of the same tag that goes on, left behind by an interrupted `up`."""
    builder = aws("codebuild")
    listed = builder.list_builds_for_project(projectName=inputs["project"], sortOrder="DESCENDING")
    recent = listed["ids"][:_RECENT_BUILDS]
    builds = builder.batch_get_builds(ids=recent)["builds"] if recent else []
    tags = {build["id"]: _tag(build) for build in builds if not build.get("buildComplete")}
    return next((identity for identity, tag in tags.items() if tag == inputs["tag"]), None)


def _tag(build: Mapping[str, Any]) -> str | None:
    variables = build.get("environment", {}).get("environmentVariables", [])
    return next((v["value"] for v in variables if v["name"] == TAG_VARIABLE), None)


def _awaited(aws: Clients, build_id: str, call: Call) -> None:
    """Wait until a build has ended, with its log as progress; a stopped `up` leaves it running.

    Raises:
        ImageBuildFailedError: it did not succeed.
    """
    seen: str | None = None
    while True:
        (build,) = aws("codebuild").batch_get_builds(ids=[build_id])["builds"]
        seen = _logged(aws, build, seen, call)
        if build["buildStatus"] != "IN_PROGRESS":
            break
        call.wait(POLL_SECONDS)
    if build["buildStatus"] != "SUCCEEDED":
        raise ImageBuildFailedError(
            f"CodeBuild ended with {build['buildStatus']}: {'; '.join(_reasons(build))}",
            remedy=f"the whole log: {build['logs'].get('deepLink', build_id)}",
        )


def _reasons(build: Mapping[str, Any]) -> Iterator[str]:
    for phase in build.get("phases", []):
        if phase.get("phaseStatus") not in {None, "SUCCEEDED"}:
            said = [c["message"] for c in phase.get("contexts", []) if c.get("message")]
            yield f"{phase['phaseType']} {', '.join(said)}".strip()


def _logged(aws: Clients, build: Mapping[str, Any], seen: str | None, call: Call) -> str | None:
    """Tell what a build has written since `seen`; return where to go on."""
    logs = build.get("logs", {})
    if not logs.get("groupName") or not logs.get("streamName"):
        return seen
    after = {"nextToken": seen} if seen else {"startFromHead": True}
    place = {"logGroupName": logs["groupName"], "logStreamName": logs["streamName"]}
    # The stream is named before its first line makes it.
    answer = found(aws("logs").get_log_events, **place, **after)
    if answer is None:
        return seen
    for event in answer["events"]:
        call.log(event["message"].rstrip())
    return answer["nextForwardToken"]


def _pushed(aws: Clients, inputs: Properties, build: str) -> str:
    digest = _digest(aws, inputs["repository"], inputs["tag"])
    if digest is None:
        raise ImageBuildFailedError(
            f"build `{build}` succeeded, but `{_identity(inputs)}` is not in the registry",
            remedy="run `up` again; if it stays so, look at the build's log",
        )
    return digest
