"""Images that Google Cloud builds: the builder's identity, and one custom resource for each image.

Cloud Build has no thing to set up: each build is one request, which names its source, its steps and
the service account that it runs as.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_iac import custom, image
from mlops_iac.content import FileSet, digest
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac_gcp import facts, place, sdk
from mlops_iac_gcp.grants import BUILDER
from mlops_iac_gcp.identities import Stores, bind, member, new_account, ready

if TYPE_CHECKING:
    from mlops_iac_gcp.foundation import Foundation

IMAGE_BUILD = "mlops-iac:gcp:ImageBuild"
PACKAGES = ("mlops_iac", "mlops_iac_gcp")
"""What of this distribution travels into the image."""
PACKAGE = "runtime"
"""Name of the images in the platform's repository."""
TAG_LENGTH = 32
TIMEOUT_MINUTES = 60
DOCKER = "gcr.io/cloud-builders/docker"
"""Google's own step: https://cloud.google.com/build/docs/cloud-builders. Its tag moves; what a
build yields is named by digest all the same."""
_CREATE = "cloudbuild.projects.locations.builds.create"
_SUFFIX = "builder"


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

    builder: sdk.pulumi.Input[str]
    """Address of the service account that builds run as."""
    bucket: sdk.pulumi.Input[str]
    """Where folders are uploaded to; an output where the platform is another component."""
    depends_on: Sequence[Any] = ()
    official: sdk.pulumi.ProviderResource | None = None
    plugin: sdk.pulumi.ProviderResource | None = None


def add_builder(foundation: Foundation, stores: Stores) -> sdk.pulumi.Output[str]:
    """Make the service account that builds run as; return its address, ready with its grants."""
    account = new_account(foundation, _SUFFIX, "builds images")
    who = member(account.email)
    granted = [
        bind(foundation, f"{_SUFFIX}-{binding.on.name.lower()}", binding, stores, who)
        for binding in BUILDER
    ]
    return ready(account, granted)


def runtime_image(
    foundation: Foundation, builder: sdk.pulumi.Output[str], depends_on: Sequence[Any]
) -> sdk.pulumi.Output[Any]:
    """Register the build of the runtime image; return it by digest."""
    wanted = Image(
        suffix="image",
        field="runtime_image",
        decides=digest(image.runtime_sources(PACKAGES)),
        files=image.runtime_context(PACKAGES),
    )
    owned = Owned(
        builder=builder,
        bucket=facts.bucket(foundation.context),
        depends_on=[*foundation.apis, *depends_on],
        official=foundation.provider,
        plugin=foundation.plugin,
    )
    return _build(foundation.context, wanted, owned)


def job_image(context: BuildContext, requirements: Path, suffix: str) -> sdk.pulumi.Output[Any]:
    """Return the image of a job with requirements: the runtime image and these, by digest.

    Each component uploads its own folder, also for the same requirements: what one builds with,
    another removes.
    """
    files = image.job_context(requirements)
    native = context.built_platform.native
    wanted = Image(
        suffix=suffix,
        field="requirements",
        decides=digest(files),
        files=files,
        base=native["runtime_image"],
    )
    return _build(context, wanted, Owned(builder=native["builder"], bucket=native["bucket"]))


def _build(context: BuildContext, wanted: Image, owned: Owned) -> sdk.pulumi.Output[Any]:
    """Register the upload of an image's folder, and its build; return the image by digest."""
    owner = "" if wanted.base is None else f"{context.component}/"
    key = place.image_key(owner + wanted.decides[:TAG_LENGTH])
    upload = _upload(context, wanted, key, owned)
    tag = sdk.pulumi.Output.from_input(wanted.base).apply(
        lambda base: content_hash([wanted.decides, base], TAG_LENGTH)
    )
    built = custom.register(
        IMAGE_BUILD,
        context.name(wanted.suffix),
        {
            "package": f"{facts.repository_name(context)}/packages/{PACKAGE}",
            "tag": tag,
            "requests": [_request(context, key, tag, wanted.base, owned.builder)],
        },
        outputs=("image",),
        opts=context.opts(
            wanted.field, depends_on=[*owned.depends_on, upload], provider=owned.plugin
        ),
    )
    return getattr(built, "image")  # noqa: B009  an output, by its name


def _upload(
    context: BuildContext, wanted: Image, key: str, owned: Owned
) -> sdk.gcp.storage.BucketObject:
    archive = sdk.pulumi.AssetArchive(
        {name: sdk.pulumi.FileAsset(str(path)) for name, path in wanted.files.items()}
    )
    return sdk.gcp.storage.BucketObject(
        context.name(f"{wanted.suffix}-context"),
        bucket=owned.bucket,
        name=key,
        source=archive,
        content_type="application/zip",
        metadata=facts.labels(context),
        opts=context.opts(
            wanted.field,
            provider=owned.official,
            depends_on=list(owned.depends_on),
            retain_on_delete=context.profile.protects_data,
        ),
    )


def _request(
    context: BuildContext,
    key: str,
    tag: sdk.pulumi.Output[str],
    base: sdk.pulumi.Input[str] | None,
    builder: sdk.pulumi.Input[str],
) -> dict[str, Any]:
    concat = sdk.pulumi.Output.concat
    address = concat(f"{facts.image_registry(context)}/{PACKAGE}:", tag)
    on = () if base is None else ("--build-arg", concat("BASE=", base))
    account = concat(f"projects/{facts.project(context)}/serviceAccounts/", builder)
    return {
        "api": "cloudbuild.v1",
        "operation": _CREATE,
        "params": {"parent": facts.location(context)},
        "body": {
            "source": {"storageSource": {"bucket": facts.bucket(context), "object": key}},
            "steps": [
                {
                    "name": DOCKER,
                    "args": ["build", *on, "--platform", "linux/amd64", "--tag", address, "."],
                }
            ],
            "images": [address],
            "timeout": f"{TIMEOUT_MINUTES * 60}s",
            "serviceAccount": account,
            # A build as an account of ours keeps its log where the project says, not in a bucket.
            "options": {"logging": "CLOUD_LOGGING_ONLY"},
            "tags": [concat("mlops-iac-", tag)],
        },
    }
