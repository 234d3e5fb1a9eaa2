"""The types of Azure Resource Manager that are played, and what is special about each, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

ML = "Microsoft.MachineLearningServices/"
_WS = f"{ML}workspaces"


@dataclass(frozen=True)
class Kind:
    """One type."""

    type: str
    judge: str = ""
    """What judges a body: a model of `azure-ai-ml` (for Azure ML's types) or the token of a
    resource of azure-native; empty: nothing does."""
    slow: bool = False
    """Whether `put` is answered by an operation."""
    slow_delete: bool = False
    """Whether `delete` is answered by an operation."""
    stated: bool = True
    """Whether `properties.provisioningState` is told."""
    fixed: tuple[str, ...] = ()
    """Members that stay as they were made: paths, as `properties.zoneRedundant`."""
    unique: bool = False
    """Whether a name is one resource's in all of Azure."""
    located: bool = True
    """Whether a `location` is required."""
    patch: str = ""
    """What judges the body of `patch`; empty: nothing does."""
    inner: bool = False
    """Whether it goes with what it is in, without having been deleted itself."""


def _ml(name: str, judge: str, **more: object) -> Kind:
    return Kind(f"{_WS}/{name}", judge, located=False, inner=True, **more)  # pyright: ignore[reportArgumentType]


def _asset(name: str, container: str, version: str) -> tuple[Kind, Kind]:
    return _ml(name, container), _ml(f"{name}/versions", version)


_KINDS = (
    Kind("Microsoft.Resources/resourceGroups", slow_delete=True, fixed=("location",)),
    Kind(
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "azure-native:managedidentity:UserAssignedIdentity",
        stated=False,
    ),
    Kind(_WS, "Workspace", slow=True, slow_delete=True),
    *_asset("codes", "CodeContainer", "CodeVersion"),
    *_asset("components", "ComponentContainer", "ComponentVersion"),
    *_asset("data", "DataContainer", "DataVersionBase"),
    *_asset("environments", "EnvironmentContainer", "EnvironmentVersion"),
    *_asset("models", "ModelContainer", "ModelVersion"),
    _ml("datastores", "Datastore", stated=False),
    _ml("jobs", "JobBase", stated=False, slow_delete=True),
)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all types, by their names in lower case."""
    return {one.type.lower(): one for one in _KINDS}


def find(type_: str) -> Kind | None:
    """Return a type."""
    return kinds().get(type_.lower())
