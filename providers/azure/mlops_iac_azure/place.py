"""Where things lie in the stack's store: its paths, and how they are addressed.

It stands on the standard library: whoever starts a job without the engine knows where to look.
Everything is in one storage account; a *bucket* is named by the account (its container
`artifacts`), or as `account/container`. The workspace's datastore `mlops_iac` names the same
container: a job's inputs and outputs are mounted from there.
"""

from mlops_iac.store_paths import *  # noqa: F403  the paths are as those of every store

CONTAINER = "artifacts"
"""The container that is meant when only the account is named."""
CAPTURES = "captures"
"""The container that endpoints' data collectors write to."""
DATASTORE = "mlops_iac"
"""The workspace's name for the container of artifacts."""
TRIALS = "azureml/"
"""Where Azure ML puts what the trials of a sweep leave: a folder each, in a default datastore."""
HOST = ".blob.core.windows.net"


def uri(bucket: str, path: str) -> str:
    """Return the address of a blob of the bucket."""
    account, _, container = bucket.partition("/")
    return f"https://{account}{HOST}/{container or CONTAINER}/{path}"


def is_ours(location: str) -> bool:
    """Whether an address is one that `uri` gives."""
    return location.startswith("https://") and HOST in location.partition("://")[2].split("/")[0]


def datastore_uri(path: str) -> str:
    """Return how a job's inputs and outputs name a path of the container of artifacts."""
    return f"azureml://datastores/{DATASTORE}/paths/{path}"


def split(location: str) -> tuple[str, str]:
    """Return bucket and path of an address."""
    host, _, rest = location.removeprefix("https://").partition("/")
    account, container, path = host.removesuffix(HOST), *_first(rest)
    return (account if container == CONTAINER else f"{account}/{container}"), path


def container_of(bucket: str) -> tuple[str, str]:
    """Return account and container of a bucket."""
    account, _, container = bucket.partition("/")
    return account, container or CONTAINER


def _first(path: str) -> tuple[str, str]:
    head, _, tail = path.partition("/")
    return head, tail
