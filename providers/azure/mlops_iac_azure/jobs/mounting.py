"""Inputs of a container: what Azure ML mounts, and where in it a run finds its own.

A path that holds the run's key is mounted at the folder before it: what is mounted stands in the
pipeline, which is the same for every run.
"""

from mlops_iac_azure import place

FILE, FOLDER = "uri_file", "uri_folder"
_SUFFIXES = (".csv", ".jsonl", ".json", ".parquet", ".txt", ".zip")
_MARK = "${"


def mounted(location: str) -> tuple[str, str]:
    """Return what is mounted for an address, and the path in it; empty where it is the whole."""
    whole = place.datastore_uri(place.split(location)[1]) if place.is_ours(location) else location
    if _MARK not in whole:
        return whole, ""
    before, after = whole[: whole.index(_MARK)], whole[whole.index(_MARK) :]
    folder, _, begun = before.rpartition("/")
    return f"{folder}/", f"{begun}{after}".strip("/")


def kind_of(location: str) -> str:
    """Return whether an address is of a file or of a folder, as Azure ML has to be told."""
    whole, inside = mounted(location)
    return FILE if not inside and whole.lower().endswith(_SUFFIXES) else FOLDER
