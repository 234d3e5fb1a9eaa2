"""What a feature group is on this machine: its definition, and the files that it has."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mlops_iac.errors import OperationError
from mlops_iac.names import content_hash
from mlops_iac.runtime.features.group import HISTORY, FeatureSet
from mlops_iac_local.files import read_json, write_json
from mlops_iac_local.layout import Layout

PROJECT = "mlops_iac"
"""Feast's project: a stack has a registry of its own, and one project in it."""
RECORD = "group.json"
VERSION_LENGTH = 16
"""Hex digits of a version."""


@dataclass(frozen=True, kw_only=True)
class Group(FeatureSet):
    """A feature group in one version."""

    data: str
    """Digest of the data it is filled from."""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: int = 0
    """Rows of the history."""

    @property
    def version(self) -> str:
        """Hash of what the group's values depend on."""
        facts = (self.data, self.format, self.entities, self.event_time, dict(self.features),
                 self.ttl, self.offline)  # fmt: skip
        return content_hash(facts, VERSION_LENGTH)

    @property
    def table(self) -> str:
        """Name of its table in Feast's online store."""
        return f"{PROJECT}_{self.name}"


def store_folder(layout: Layout) -> Path:
    """Return the folder of the stack's feature store."""
    return layout.root / "features"


def group_folder(layout: Layout, name: str) -> Path:
    """Return the folder of a group's own files."""
    return store_folder(layout) / "groups" / name


def history_file(layout: Layout, name: str) -> Path:
    """Return where a group's history lies."""
    return group_folder(layout, name) / HISTORY


def online_file(layout: Layout) -> Path:
    """Return Feast's online store."""
    return store_folder(layout) / "online.db"


def write_group(layout: Layout, group: Group) -> None:
    """Keep the definition of a group beside its history."""
    write_json(group_folder(layout, group.name) / RECORD, asdict(group))


def read_group(layout: Layout, name: str) -> Group | None:
    """Return a group as it is stored; `None` before it is."""
    document = read_json(group_folder(layout, name) / RECORD)
    return None if document is None else Group(**document)


def stored_group(layout: Layout, name: str) -> Group:
    """Return a group as it is stored.

    Raises:
        OperationError: there is none of that name.
    """
    group = read_group(layout, name)
    if group is None:
        raise OperationError(
            f"there is no feature group `{name}` in this stack",
            remedy="run `mlops-iac up` first, and name a `FeatureGroup` of the declaration",
        )
    return group


def remove_empty_folders(layout: Layout) -> None:
    """Remove the folders of a store that holds nothing any more."""
    top = store_folder(layout)
    for folder in (*sorted(top.glob("*/")), top):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
