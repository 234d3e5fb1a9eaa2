"""The ready runtime image: where it may lie, and that Vertex AI may pull it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_iac.provider import Grant, Problem
from mlops_iac.specs import Platform
from mlops_iac_gcp import sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import GRANTS
from mlops_iac_gcp.identities import member

_IMAGE = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/.+"
)


def image_problems(spec: Platform) -> Iterator[Problem]:
    """Yield why Vertex AI could not serve with the runtime image."""
    if spec.runtime_image is not None and not _IMAGE.fullmatch(spec.runtime_image):
        yield Problem(
            code="image.registry",
            component=spec.name,
            field="runtime_image",
            value=spec.runtime_image,
            message=f"Vertex AI cannot serve with `{spec.runtime_image}`",
            # discovery aiplatform.v1, ModelContainerSpec.imageUri
            rule="an image in Artifact Registry: `R-docker.pkg.dev/P/REPOSITORY/IMAGE@sha256:…`",
            remedy="copy it with `gcrane cp` or a remote repository, and name the copy",
        )


def let_vertex_pull(foundation: Foundation) -> None:
    """Let Vertex AI's service agent read the repository of a ready runtime image."""
    image = foundation.context.platform.runtime_image
    match = _IMAGE.fullmatch(image) if image else None
    if match is None:
        return
    assert foundation.agent is not None  # noqa: S101  made when the foundation is opened
    (binding,) = GRANTS[Grant.PULL_IMAGES]
    sdk.gcp.artifactregistry.RepositoryIamMember(
        foundation.name("runtime-image"),
        project=match["project"],
        location=match["location"],
        repository=match["repository"],
        role=binding.role,
        member=member(foundation.agent.email),
        opts=foundation.opts("runtime_image"),
    )
