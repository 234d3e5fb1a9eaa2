"""Feature groups as steps: filled with their data as it is now, so that training sees it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from mlops_iac.names import content_hash
from mlops_iac_local.features import views
from mlops_iac_local.features.children import run_child
from mlops_iac_local.features.group import VERSION_LENGTH, stored_group
from mlops_iac_local.files import locked
from mlops_iac_local.layout import Layout

KIND = "FeatureGroup"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A group after its step."""

    version: str
    seconds: float
    was_there: bool
    """Whether the group was of this version already."""


def definition_key(layout: Layout, name: str) -> str:
    """Return the hash of what a group is, whatever data it is filled from."""
    group = stored_group(layout, name)
    return content_hash({**asdict(group), "data": "", "keys": {}, "rows": 0}, VERSION_LENGTH)


def fill(layout: Layout, name: str, digest: str | None, wait: Callable[[float], None]) -> Filled:
    """Fill a group with data, its history and, where it has one, its online store.

    Args:
        layout: the stack's folders.
        name: the group.
        digest: the data; what the group was filled from last when `None`.
        wait: sleeps some seconds; raises to stop the work.

    Raises:
        LocalError: the data is not what the group declares.
    """
    began = time.monotonic()
    with locked(layout.lock(f"features-{name}")):
        stored = stored_group(layout, name)
        wanted = replace(stored, data=digest or stored.data)
        was_there = wanted.version == stored.version
        if not was_there:
            run_child(layout, "write", {"group": asdict(wanted)}, wait)
        if name in views.views(layout):
            # Also when the history is there: a kill may have come between the two.
            views.want(layout, stored_group(layout, name), wait)
    took = round(time.monotonic() - began, 3)
    return Filled(version=wanted.version, seconds=took, was_there=was_there)
