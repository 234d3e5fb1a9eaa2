"""Containers: Azure Resource Manager's records, whoever made them."""

from tests.clouds.azure.services import accounts
from tests.clouds.azure.services.blob_store import http_time
from tests.clouds.azure.services.planes import Asked, Refusal
from tests.clouds.azure.store import Record

TYPE = "Microsoft.Storage/storageAccounts/blobServices/containers"


def id_of(asked: Asked) -> str:
    """Return the id of the container that is meant."""
    account = accounts.account(asked.world, asked.name)
    return f"{account.id}/blobServices/default/containers/{asked.path.partition('/')[0]}"


def container(asked: Asked) -> Record:
    """Return the container that is meant.

    Raises:
        Refusal: 404.
    """
    found = asked.world.store.get(id_of(asked))
    if found is None:
        raise Refusal(404, "ContainerNotFound", "The specified container does not exist.")
    return found


def marks(asked: Asked, record: Record) -> dict[str, str]:
    """Return what is told of any container: its etag and when it changed."""
    moment = record.hidden.setdefault("modified", asked.world.clock.now())
    return {"ETag": f'"0x{int(moment.timestamp()):X}"', "Last-Modified": http_time(moment)}
