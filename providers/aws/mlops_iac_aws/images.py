"""Container images: SageMaker pulls from the registry of its own region, or inside a network."""

import re
from collections.abc import Iterator
from typing import Any

from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac.specs.platform import ExistingNetwork, Profile, PublicNetwork
from mlops_iac_aws import place

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^@:]+)"
)
TAG_VARIABLE = "IMAGE_TAG"
"""Variable of a build that holds the image's tag; a running build is found by it."""
MAX_LENGTH = 255
"""botocore sagemaker `AlgorithmSpecification.TrainingImage`."""


def repository_arns(scope: Scope) -> set[str]:
    """Return the repositories that workloads of this stack pull from."""
    found = {place.repository_arn(scope)}
    for image in _named(scope):
        if match := _ECR.match(image):
            resource = f"repository/{match['name']}"
            account, region = match["account"], match["region"]
            found.add(f"arn:{place.PARTITION}:ecr:{region}:{account}:{resource}")
    return found


def image_problems(component: str, field: str, image: str, scope: Scope) -> Iterator[Problem]:
    """Yield why SageMaker cannot pull `image`."""
    if len(image) > MAX_LENGTH:
        yield Problem(
            code="image.too-long",
            component=component,
            field=field,
            value=image,
            message=f"the image's address has {len(image)} characters",
            rule=f"SageMaker takes {MAX_LENGTH}",
            remedy="use a shorter repository name",
        )
    match = _ECR.match(image)
    if (match is None and not isinstance(scope.platform.network, ExistingNetwork)) or (
        match is not None and match["region"] != scope.target.region
    ):
        yield _not_reachable(component, field, image, scope)


def is_foreign(image: str) -> bool:
    """Whether an image is in another registry than Amazon ECR."""
    return _ECR.match(image) is None


def repository_access(image: str | None, scope: Scope) -> dict[str, Any]:
    """Return the access mode of `image`, in the form both training and hosting share.

    In `regulated` with a network of its own everything is pulled through that network
    (Security Hub SageMaker.16).
    """
    if isinstance(scope.platform.network, PublicNetwork):
        return {}
    is_strict = scope.profile is Profile.REGULATED
    return {
        "RepositoryAccessMode": "Vpc" if is_strict or (image and is_foreign(image)) else "Platform"
    }


def _named(scope: Scope) -> Iterator[str]:
    if scope.platform.runtime_image is not None:
        yield scope.platform.runtime_image
    for spec in scope.specs.values():
        if isinstance(spec, TrainingJob | ProcessingJob) and spec.image is not None:
            yield spec.image


def _not_reachable(component: str, field: str, image: str, scope: Scope) -> Problem:
    host = place.registry_host(scope)
    return Problem(
        code="image.not-in-registry",
        component=component,
        field=field,
        value=image,
        message=f"SageMaker in `{scope.target.region}` cannot pull `{image}`",
        rule="images are in Amazon ECR in the same region, or in a registry inside "
        "`platform.network`",
        remedy=f"push it to `{host}`, or declare the network that reaches its registry",
    )
