"""Who may do what, by role assignments; nothing is decided until a test asks for it."""

from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World


def require(world: World, caller: Caller, action: str, resource: str) -> None:
    """Refuse who has no role with an action on a resource (to come).

    Args:
        world: the cloud.
        caller: who asks.
        action: an action or a data action, as
            `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`.
        resource: the id.

    Raises:
        CloudError: 403.
    """
    del world, caller, action, resource
