"""Images that AWS builds: the builder of a platform, and one custom resource for each image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac import custom, image
from mlops_iac.content import FileSet, digest
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.identities import register_identity
from mlops_iac_aws.images import TAG_VARIABLE
from mlops_iac_aws.objects import after_platform, register_object
from mlops_iac_aws.requests import request

IMAGE_BUILD = "mlops-iac:aws:ImageBuild"
PACKAGES = ("mlops_iac", "mlops_iac_aws")
"""What of this distribution travels into the image."""
TAG_LENGTH = 32
TIMEOUT_MINUTES = 60
BUILD_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
"""AWS's own image with Docker: https://docs.aws.amazon.com/codebuild/latest/userguide/available.html."""
LOG_DAYS = 365

_LOGIN = (
    'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"'
)
_BUILD = (
    'docker build ${BASE:+--build-arg "BASE=$BASE"} --platform linux/amd64 '
    '--tag "$REPOSITORY:$IMAGE_TAG" .'
)
_BUILDSPEC: Mapping[str, Any] = {
    "version": 0.2,
    "env": {
        "shell": "bash",
        # SageMaker refuses the index that holds an attestation beside the image.
        "variables": {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
    },
    "phases": {
        "pre_build": {"commands": [_LOGIN]},
        "build": {
            "on-failure": "ABORT",
            "commands": [_BUILD, 'docker push "$REPOSITORY:$IMAGE_TAG"'],
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image to build."""

    suffix: str
    """End of the logical names."""
    field: str
    """Field of the declaration that asks for it."""
    decides: str
    """Hash of all that it is made of, less its base."""
    files: FileSet
    """The folder that it is built in."""
    base: sdk.pulumi.Input[str] | None = None
    """What it stands on by digest; the Dockerfile's own when `None`."""


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What a build stands on; the providers are named by the platform, which inherits none."""

    depends_on: list[Any]
    official: sdk.pulumi.ProviderResource | None = None
    plugin: sdk.pulumi.ProviderResource | None = None


def register_builder(
    context: BuildContext,
    provider: sdk.pulumi.ProviderResource,
    key: sdk.pulumi.Output[str] | None,
) -> sdk.aws.codebuild.Project:
    """Register CodeBuild's project of the platform, with its role and log group."""
    granted = register_identity(context, provider, names.BUILD_ROLE)
    group = sdk.aws.cloudwatch.LogGroup(
        context.name("build-logs"),
        name=place.build_log_group(context),
        retention_in_days=LOG_DAYS,
        kms_key_id=key,
        tags=context.tags,
        opts=context.opts("runtime_image", provider=provider),
    )
    return sdk.aws.codebuild.Project(
        context.name("builder"),
        name=names.builder(context),
        description=f"Builds images of {context.project} in {context.stack}",
        service_role=place.role_arn(context, names.BUILD_ROLE),
        build_timeout=TIMEOUT_MINUTES,
        # Each build names its own object; the project needs a source that is one.
        source=sdk.aws.codebuild.ProjectSourceArgs(
            type="S3",
            location=f"{names.bucket(context)}/{place.IMAGE_PREFIX}",
            buildspec=json.dumps(_BUILDSPEC),
        ),
        artifacts=sdk.aws.codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
        encryption_key=key,
        environment=_environment(context),
        logs_config=sdk.aws.codebuild.ProjectLogsConfigArgs(
            cloudwatch_logs=sdk.aws.codebuild.ProjectLogsConfigCloudwatchLogsArgs(
                group_name=place.build_log_group(context), status="ENABLED"
            )
        ),
        tags=context.tags,
        opts=context.opts("runtime_image", provider=provider, depends_on=[granted, group]),
    )


def _environment(context: BuildContext) -> Any:
    variable = sdk.aws.codebuild.ProjectEnvironmentEnvironmentVariableArgs
    repository = f"{place.registry_host(context)}/{names.repository(context)}"
    return sdk.aws.codebuild.ProjectEnvironmentArgs(
        type="LINUX_CONTAINER",
        compute_type="BUILD_GENERAL1_MEDIUM",
        image=BUILD_IMAGE,
        image_pull_credentials_type="CODEBUILD",
        # Docker's daemon does not start without it; the build runs in a machine of its own.
        privileged_mode=True,
        environment_variables=[variable(name="REPOSITORY", value=repository)],
    )


def runtime_image(context: BuildContext, owned: Owned) -> sdk.pulumi.Output[Any]:
    """Register the build of the runtime image; return it by digest."""
    wanted = Image(
        suffix="image",
        field="runtime_image",
        decides=digest(image.runtime_sources(PACKAGES)),
        files=image.runtime_context(PACKAGES),
    )
    return _build(context, wanted, owned)


def job_image(context: BuildContext, requirements: Path, job: str) -> sdk.pulumi.Output[Any]:
    """Return the image of a job with requirements: the runtime image and these, by digest.

    Each job has its own, also for the same requirements: what one builds with, another removes.
    """
    files = image.job_context(requirements)
    wanted = Image(
        suffix="image",
        field="requirements",
        decides=content_hash([job, digest(files)], TAG_LENGTH),
        files=files,
        base=context.built_platform.native["runtime_image"],
    )
    return _build(context, wanted, Owned(depends_on=after_platform(context)))


def _build(context: BuildContext, wanted: Image, owned: Owned) -> sdk.pulumi.Output[Any]:
    """Register the upload of an image's folder, and its build; return the image by digest."""
    key = place.image_key(wanted.decides[:TAG_LENGTH])
    folder = sdk.pulumi.AssetArchive(
        {name: sdk.pulumi.FileAsset(str(path)) for name, path in wanted.files.items()}
    )
    upload = register_object(
        context,
        f"{wanted.suffix}-context",
        wanted.field,
        key,
        source=folder,
        provider=owned.official,
    )
    tag = sdk.pulumi.Output.from_input(wanted.base).apply(
        lambda base: content_hash([wanted.decides, base], TAG_LENGTH)
    )
    built = custom.register(
        IMAGE_BUILD,
        context.name(wanted.suffix),
        {
            "project": names.builder(context),
            "repository": names.repository(context),
            "tag": tag,
            "requests": [_start(context, key, tag, wanted.base)],
        },
        outputs=("image",),
        opts=context.opts(
            wanted.field, depends_on=[*owned.depends_on, upload], provider=owned.plugin
        ),
    )
    return getattr(built, "image")  # noqa: B009  an output, by its name


def _start(
    context: BuildContext, key: str, tag: sdk.pulumi.Output[str], base: sdk.pulumi.Input[str] | None
) -> dict[str, Any]:
    variables: list[dict[str, Any]] = [{"name": TAG_VARIABLE, "value": tag}]
    if base is not None:
        variables.append({"name": "BASE", "value": base})
    return request(
        "codebuild",
        "StartBuild",
        {
            "projectName": names.builder(context),
            "sourceTypeOverride": "S3",
            "sourceLocationOverride": f"{names.bucket(context)}/{key}",
            "environmentVariablesOverride": [
                {**variable, "type": "PLAINTEXT"} for variable in variables
            ],
            "idempotencyToken": tag,
        },
    )
