"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.jobs import wiring
from mlops_iac.jobs.wiring import built_images, declared_images
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.specs import Dataset
from mlops_iac_azure import facts, place
from mlops_iac_azure.dataset import manifest_path
from mlops_iac_azure.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Wiring(wiring.Wiring):
    """Values that a request takes from elsewhere."""

    clients: Mapping[Purpose, Any]
    """Their client ids, by which a library in a container picks one."""

    def address(self, path: str) -> str:
        """Return the URI of what lies in the store."""
        return place.uri(self.bucket, path)

    def manifest(self, dataset: Dataset, scope: Scope) -> str:
        """Return where in the store it lies what is declared of a dataset."""
        return manifest_path(dataset, scope)


def in_definition(context: BuildContext, own: Mapping[str, Any]) -> Wiring:
    """Return what the platform has made.

    Args:
        context: the component that is built.
        own: its native facts, when it is a job with requirements.
    """
    platform = context.built_platform
    foundation = Foundation.read(platform.native)
    return Wiring(
        component=context.component,
        bucket=facts.bucket(context),
        runtime_image=runtime_image(context),
        images=built_images(context, own, facts.UNKNOWN),
        identities={purpose: foundation.identity(purpose) for purpose in Purpose},
        clients={purpose: _client(foundation, purpose) for purpose in Purpose},
    )


def _client(foundation: Foundation, purpose: Purpose) -> Any:
    """Return the client id of an identity, after all that it may do and runs on."""
    ready = foundation.identity(purpose)
    return foundation.client(purpose).apply(lambda client: ready.apply(lambda _: client))


def as_declared(scope: Scope, component: str) -> Wiring:
    """Return what was declared in the place of what the platform makes.

    Documents are named by it before anything exists.
    """
    return Wiring(
        component=component,
        bucket=facts.bucket(scope),
        runtime_image=scope.platform.runtime_image or "runtime image",
        images=declared_images(scope),
        identities={purpose: purpose.value for purpose in Purpose},
        clients={purpose: purpose.value for purpose in Purpose},
    )


def runtime_image(context: BuildContext) -> Any:
    """Return the image of the runtime: the platform's own, or the one that is declared."""
    return Foundation.read(context.built_platform.native).runtime_image
