"""Which groups Feast is to know, and which it knows: two lists that `sync` makes equal."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from mlops_iac_local.features.children import run_child
from mlops_iac_local.features.group import Group, online_file, store_folder
from mlops_iac_local.files import locked, make_folder, read_json, remove, write_json
from mlops_iac_local.layout import Layout

_OWN_FILES = ("registry.db", "online.db", "registered.json", "feature_store.yaml")


def want(layout: Layout, group: Group, wait: Callable[[float], None] = time.sleep) -> None:
    """Register a group with Feast and fill the online store; return when it is done.

    Groups that are declared at the same time are registered by one process.

    Args:
        layout: the stack's folders.
        group: the group as it is stored.
        wait: sleeps some seconds; raises to stop the work.
    """
    make_folder(_folder(layout))
    write_json(_folder(layout) / f"{group.name}.json", asdict(group))
    _sync(layout, wait)


def unwant(layout: Layout, name: str, wait: Callable[[float], None] = time.sleep) -> None:
    """Remove a group from Feast and from the online store; succeed when it is gone already."""
    remove(_folder(layout) / f"{name}.json")
    _sync(layout, wait)


def views(layout: Layout) -> dict[str, Group]:
    """Return the groups that Feast is to know, by name."""
    found = {file.stem: read_json(file) for file in sorted(_folder(layout).glob("*.json"))}
    return {name: Group(**document) for name, document in found.items() if document is not None}


def registered(layout: Layout) -> dict[str, Group]:
    """Return the groups that Feast knows, as they were registered last; none without its files."""
    known = read_json(_record(layout))
    if known is None or not online_file(layout).exists():
        return {}
    return {name: Group(**document) for name, document in known.items()}


def write_registered(layout: Layout, groups: dict[str, Group]) -> None:
    """Note what Feast knows now."""
    write_json(_record(layout), {name: asdict(group) for name, group in groups.items()})


def _sync(layout: Layout, wait: Callable[[float], None]) -> None:
    with locked(layout.lock("features")):
        wanted = views(layout)
        if not wanted:
            for name in _OWN_FILES:
                remove(store_folder(layout) / name)
        elif wanted != registered(layout):
            run_child(layout, "register", {}, wait)


def _folder(layout: Layout) -> Path:
    return store_folder(layout) / "views"


def _record(layout: Layout) -> Path:
    return store_folder(layout) / "registered.json"
