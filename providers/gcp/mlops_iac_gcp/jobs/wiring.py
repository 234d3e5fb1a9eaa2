"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.jobs import wiring
from mlops_iac.jobs.wiring import built_images, declared_images
from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.specs import Dataset, ExperimentTracker
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.dataset import manifest_path


@dataclass(frozen=True, kw_only=True)
class Wiring(wiring.Wiring):
    """Values that a request takes from elsewhere."""

    tensorboard: Any = None
    key: Any = None
    """Key of the stack; `None` while Google owns the key."""
    network_attachment: Any = None
    trackers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Addresses of the tracking servers, by tracker."""

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
    return Wiring(
        component=context.component,
        bucket=facts.bucket(context),
        runtime_image=runtime_image(context),
        images=built_images(context, own, facts.UNKNOWN),
        identities=platform.identities,
        tensorboard=platform.native["tensorboard"],
        key=platform.encryption_key if _has_key(context) else None,
        network_attachment=(
            platform.native["network_attachment"] if _has_network(context) else None
        ),
        trackers={name: _address(context, name) for name in _servers(context)},
    )


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
        tensorboard="tensorboard",
        key=scope.platform.encryption.model_dump_json() if _has_key(scope) else None,
        network_attachment=(
            scope.platform.network.model_dump_json() if _has_network(scope) else None
        ),
        trackers={name: f"tracking server {name}" for name in _servers(scope)},
    )


def runtime_image(context: BuildContext) -> Any:
    """Return the image of the runtime: the platform's own, or the one that is declared."""
    built = context.built_platform.native.get("runtime_image")
    return built or context.platform.runtime_image or facts.UNKNOWN


def _servers(scope: Scope) -> list[str]:
    trackers = (s for s in scope.specs.values() if isinstance(s, ExperimentTracker))
    return sorted(each.name for each in trackers if each.server is not None)


def _address(context: BuildContext, tracker: str) -> Any:
    outputs = context.outputs.get(tracker)
    return outputs.url if isinstance(outputs, ExperimentTrackerOutputs) else facts.UNKNOWN


def _has_key(scope: Scope) -> bool:
    return scope.platform.encryption.mode != "managed"


def _has_network(scope: Scope) -> bool:
    return scope.platform.network.mode != "public"
