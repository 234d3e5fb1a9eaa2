"""CodeBuild: the context that the source holds becomes an image in the server's own registry.

No image is built: the manifest that is pushed has a digest that follows from the context. What
the builder would do is in the buildspec, whose form is judged.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

import yaml

from tests.clouds.aws.hooks import Run, RunState
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.logs import LogStream

_MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
_LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_VERSIONS = ("0.2", 0.2)
_BUILDSPEC = "buildspec.yml"
_INLINE = re.compile(r"\bversion\b.*:")
_PUSH = re.compile(r"docker push \"?(?P<image>[^\"\s]+)\"?$")


def build(run: Run) -> None:
    """Do a build to its end."""
    stream = LogStream(run.client("logs"), *_log_place(run))
    try:
        with zipfile.ZipFile(io.BytesIO(_source(run))) as archive:
            contents = {name: archive.read(name) for name in sorted(archive.namelist())}
        commands = _commands(_buildspec(run, contents))
        for command in commands:
            stream.add(f"[Container] Running command {command}")
        digest = _push(run, contents, _target(commands, _variables(run)))
        stream.add(f"[Container] digest: {digest}")
    finally:
        stream.close()
    run.finish(RunState.SUCCEEDED)


def _source(run: Run) -> bytes:
    place = (
        run.request.get("sourceLocationOverride") or run.request["Project"]["source"]["location"]
    )
    try:
        return objects.read(run.client("s3"), f"s3://{place}")
    except run.client("s3").exceptions.ClientError as error:
        raise JobError(f"DOWNLOAD_SOURCE: the source `{place}` is not there") from error


def _buildspec(run: Run, contents: Mapping[str, bytes]) -> Mapping[str, Any]:
    source = run.request["Project"]["source"]
    declared = run.request.get("buildspecOverride") or source.get("buildspec") or _BUILDSPEC
    if _INLINE.search(declared) is None:
        if declared not in contents:
            raise JobError(f"YAML_FILE_ERROR: stat {declared}: no such file or directory")
        declared = contents[declared].decode()
    spec = yaml.safe_load(declared)
    if not isinstance(spec, dict) or spec.get("version") not in _VERSIONS or "phases" not in spec:
        raise JobError("YAML_FILE_ERROR: wrong version or no phases")
    if "Dockerfile" not in contents:
        raise JobError("BUILD: failed to read dockerfile: open Dockerfile: no such file")
    return spec


def _commands(spec: Mapping[str, Any]) -> list[str]:
    phases = (phase or {} for phase in spec["phases"].values())
    commands = [command for phase in phases for command in phase.get("commands", [])]
    if not any(command.startswith("docker build") for command in commands):
        raise JobError("BUILD: the buildspec builds no image")
    return commands


def _target(commands: Sequence[str], variables: Mapping[str, str]) -> tuple[str, str]:
    """Return repository and tag of what the buildspec pushes."""
    pushed = next((match for match in map(_PUSH.match, commands) if match), None)
    if pushed is None:
        raise JobError("BUILD: the buildspec pushes no image")
    try:
        address = Template(pushed["image"]).substitute(variables)
    except KeyError as error:
        raise JobError(f"BUILD: the variable {error} is not set") from error
    repository, _, tag = address.partition("/")[2].partition(":")
    return repository, tag


def _variables(run: Run) -> dict[str, str]:
    declared = run.request["Project"]["environment"].get("environmentVariables", [])
    given = run.request.get("environmentVariablesOverride") or []
    return {item["name"]: item["value"] for item in [*declared, *given]}


def _log_place(run: Run) -> tuple[str, str]:
    logs = (run.request["Project"].get("logsConfig") or {}).get("cloudWatchLogs") or {}
    project = run.request["Project"]["name"]
    group = logs.get("groupName") or f"/aws/codebuild/{project}"
    stream = run.name.rpartition(":")[2]
    return group, "/".join(filter(None, (logs.get("streamName"), stream)))


def _push(run: Run, contents: Mapping[str, bytes], target: tuple[str, str]) -> str:
    """Store an image under its tag; its digest follows from the context and the variables."""
    digest = _digest(run, contents)
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MEDIA_TYPE,
        "config": {"mediaType": _CONFIG_TYPE, "size": 1, "digest": digest},
        # moto makes an image's digest of those of its layers.
        "layers": [{"mediaType": _LAYER_TYPE, "size": 1, "digest": digest}],
    }
    ecr = run.client("ecr")
    # moto itself answers 500 where there is no repository.
    ecr.describe_repositories(repositoryNames=[target[0]])
    answer = ecr.put_image(
        repositoryName=target[0],
        imageManifest=json.dumps(manifest),
        imageManifestMediaType=_MEDIA_TYPE,
        imageTag=target[1],
    )
    return str(answer["image"]["imageId"]["imageDigest"])


def _digest(run: Run, contents: Mapping[str, bytes]) -> str:
    body = hashlib.sha256(json.dumps(_variables(run), sort_keys=True).encode())
    for name, content in contents.items():
        body.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"sha256:{body.hexdigest()}"
