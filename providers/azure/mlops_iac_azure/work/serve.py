"""`python -m mlops_iac_azure.work serve ADDRESS`: serves a model that lies in the stack's store.

Where a platform mounts no blobs, the model is fetched first, as the container's own identity.
The server takes this process's place, so that the platform's signals reach it.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mlops_iac import container_contract as contract
from mlops_iac_azure import documents, place
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import Place

Become = Callable[[str, tuple[str, ...], dict[str, str]], object]
_SERVER = (sys.executable, "-m", "mlops_iac.runtime.serve")


def main(arguments: Sequence[str], become: Become = os.execve) -> int:
    """Fetch the model and become its server; return the exit code if that fails.

    Raises:
        AzureError: there is no model at the address.
    """
    (address,) = arguments
    folder = fetched(Place(subscription="", region=""), address)
    become(_SERVER[0], _SERVER, {**os.environ, contract.MODEL_DIR: str(folder)})
    return 0


def fetched(where: Place, address: str) -> Path:
    """Return the folder with a copy of what lies at an address of the store.

    Raises:
        AzureError: nothing lies there.
    """
    bucket, prefix = place.split(address)
    folder = Path(tempfile.mkdtemp(prefix="mlops-model-"))
    with told(f"fetching `{address}`"):
        paths = documents.paths(where, bucket, f"{prefix}/")
        for path in paths:
            _fetch(where, bucket, path, folder / path.removeprefix(f"{prefix}/"))
    if not paths:
        raise AzureError(
            f"no model lies at `{address}`", remedy="train it again, and serve that version"
        )
    return folder


def _fetch(where: Place, bucket: str, path: str, target: Path) -> None:
    found = documents.read_bytes(where, bucket, path)
    if found is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(found[0])
