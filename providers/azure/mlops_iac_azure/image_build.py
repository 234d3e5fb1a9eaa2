"""Images that Azure builds: one custom resource for each, by the registry's own tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac import custom, image
from mlops_iac.content import FileSet, digest
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac_azure import facts, sdk

IMAGE_BUILD = "mlops-iac:azure:ImageBuild"
PACKAGES = ("mlops_iac", "mlops_iac_azure")
"""What of this distribution travels into the image."""
REPOSITORY = "runtime"
"""Name of the images in the platform's registry."""
TAG_LENGTH = 32
TIMEOUT_SECONDS = 3600
POOL = "builds"
"""Name of the machines that a private registry builds on."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image to build."""

    suffix: str
    """End of the logical name."""
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
    """What a build stands on; the plugin is named by the platform, which inherits none."""

    registry: sdk.pulumi.Input[str]
    pool: sdk.pulumi.Input[str | None] = None
    """Where it is built; `None` on Azure's own machines."""
    depends_on: Sequence[Any] = ()
    plugin: sdk.pulumi.ProviderResource | None = None


def runtime_image(context: BuildContext, owned: Owned) -> sdk.pulumi.Output[Any]:
    """Register the build of the runtime image; return it by digest."""
    wanted = Image(
        suffix="image",
        field="runtime_image",
        decides=digest(image.runtime_sources(PACKAGES)),
        files=image.runtime_context(PACKAGES),
    )
    return _build(context, wanted, owned)


def job_image(context: BuildContext, requirements: Path, suffix: str) -> sdk.pulumi.Output[Any]:
    """Return the image of a job with requirements: the runtime image and these, by digest."""
    files = image.job_context(requirements)
    native = context.built_platform.native
    wanted = Image(
        suffix=suffix,
        field="requirements",
        decides=digest(files),
        files=files,
        base=native["runtime_image"],
    )
    return _build(context, wanted, Owned(registry=native["registry"], pool=native["build_pool"]))


def _build(context: BuildContext, wanted: Image, owned: Owned) -> sdk.pulumi.Output[Any]:
    tag = sdk.pulumi.Output.from_input(wanted.base).apply(
        lambda base: content_hash([wanted.decides, base], TAG_LENGTH)
    )
    built = custom.register(
        IMAGE_BUILD,
        context.name(wanted.suffix),
        {
            "registry": owned.registry,
            "repository": REPOSITORY,
            "tag": tag,
            "pool": owned.pool,
            "files": {name: str(path.resolve()) for name, path in wanted.files.items()},
            "requests": [_request(context, wanted, owned, tag)],
        },
        outputs=("image",),
        opts=context.opts(wanted.field, depends_on=[*owned.depends_on], provider=owned.plugin),
    )
    return getattr(built, "image")  # noqa: B009  an output, by its name


def _request(
    context: BuildContext, wanted: Image, owned: Owned, tag: sdk.pulumi.Output[str]
) -> dict[str, Any]:
    """Return what the registry is asked; where the folder lies is known when it is uploaded."""
    arguments = [] if wanted.base is None else [{"name": "BASE", "value": wanted.base}]
    return {
        "api": "azure.registry",
        "operation": "POST Microsoft.ContainerRegistry/registries/scheduleRun",
        "params": {"resourceGroupName": facts.group(context), "registryName": owned.registry},
        "body": {
            "type": "DockerBuildRequest",
            "imageNames": [sdk.pulumi.Output.concat(f"{REPOSITORY}:", tag)],
            "isPushEnabled": True,
            "dockerFilePath": "Dockerfile",
            "platform": {"os": "Linux", "architecture": "amd64"},
            "arguments": arguments,
            "timeout": TIMEOUT_SECONDS,
            "agentPoolName": owned.pool,
            "sourceLocation": facts.UNKNOWN,
        },
    }
