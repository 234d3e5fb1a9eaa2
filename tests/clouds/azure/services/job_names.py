"""What Azure ML's jobs name: it must be there."""

from collections.abc import Iterator
from typing import Any

from tests.clouds.azure.calls import Body, CloudError
from tests.clouds.azure.world import World

_NEEDED = frozenset({"codeId", "componentId", "environmentId"})
_SERVERLESS = "/computes/serverless"
_COMPUTE_PARTS = ("/computes/", "/virtualclusters/")


def workspace_of(id_: str) -> str:
    """Return the workspace of what is in one."""
    parts = id_.split("/")
    return "/".join(parts[: [one.lower() for one in parts].index("workspaces") + 2])


def require_named(world: World, properties: Body) -> None:
    """Refuse a job that names what is not there.

    Raises:
        CloudError: 400.
    """
    for name, wanted in _named(properties):
        if name == "computeId" and not any(one in wanted.lower() for one in _COMPUTE_PARTS):
            continue
        if name == "computeId" and wanted.lower().endswith(_SERVERLESS):
            continue
        bare = wanted.removeprefix("azureml:")
        if bare.startswith("/subscriptions/") and world.store.get(bare) is None:
            raise CloudError(400, "UserError", f"`{name}` '{wanted}' of the job is not there.")


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and (key in _NEEDED or key == "computeId"):
                yield key, item
            else:
                yield from _named(item)
