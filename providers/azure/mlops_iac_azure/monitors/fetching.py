"""A model's files, copied from the store to a folder of this machine."""

from pathlib import Path

from mlops_iac_azure import documents, place
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import Place


def fetched(where: Place, artifact: str, folder: Path) -> Path:
    """Copy the files at an address into a folder, and return it."""
    bucket, root = place.split(artifact)
    prefix = f"{root.rstrip('/')}/"
    with told("fetching the model"):
        for path in documents.paths(where, bucket, prefix):
            target = folder / path.removeprefix(prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                documents.blob(where, bucket, path).download_blob().readinto(stream)
    return folder
