"""Data with features, joined once for each version of both, and found again by it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.names import content_hash
from mlops_iac.runtime.features import joining
from mlops_iac_local import store
from mlops_iac_local.errors import LocalError
from mlops_iac_local.features.children import run_child
from mlops_iac_local.features.group import Group, store_folder, stored_group
from mlops_iac_local.files import locked, make_folder, read_json, remove, write_json
from mlops_iac_local.layout import Layout


def joined_inputs(
    layout: Layout, groups: Mapping[str, str], inputs: Mapping[str, str]
) -> dict[str, str]:
    """Return the digests of a run's inputs, with features where a group can be joined.

    A group is joined to each input that has its entity columns and its event time, under the same
    names. Rows, their order and their columns stay; the features come behind them.

    Args:
        layout: the stack's folders.
        groups: the version of each group.
        inputs: digest by name of the input.

    Raises:
        OperationError: a group fits no input, or is of another version by now.
        DataError: an input has a feature's column already, or the types do not go together.
    """
    if not groups:
        return dict(inputs)
    with locked(layout.lock("features-join")):
        found = {name: _joined(layout, groups, digest) for name, digest in inputs.items()}
    _require_all_joined(groups, found)
    return {name: str(result["digest"]) for name, result in found.items()}


def forget(layout: Layout, group: str) -> None:
    """Forget what was joined with a group; the data itself belongs to the runs that read it."""
    folder = _index(layout)
    for file in folder.glob("*.json") if folder.is_dir() else ():
        if group in (read_json(file) or {}).get("groups", ()):
            remove(file)


def _index(layout: Layout) -> Path:
    return store_folder(layout) / "joins"


def _joined(layout: Layout, groups: Mapping[str, str], digest: str) -> Mapping[str, Any]:
    key = content_hash([digest, sorted(groups.items())], 32)
    file = _index(layout) / f"{key}.json"
    known = read_json(file)
    if known is not None and _is_there(layout, known["digest"]):
        return known
    for name, version in groups.items():
        _require_version(stored_group(layout, name), version)
    result = run_child(layout, "join", {"digest": digest, "groups": list(groups)})
    make_folder(file.parent)
    write_json(file, {**result, "groups": sorted(groups)})
    return result


def _is_there(layout: Layout, digest: str) -> bool:
    with suppress(LocalError):
        return store.data(layout, digest).is_dir()
    return False


def _require_version(group: Group, version: str) -> None:
    if group.version != version:
        raise OperationError(
            f"feature group `{group.name}` is of version `{group.version}` by now, and this job "
            f"was declared with `{version}`",
            remedy="run `mlops-iac up`",
        )


def _require_all_joined(groups: Iterable[str], found: Mapping[str, Mapping[str, Any]]) -> None:
    lacks = {name: result["lacks"] for name, result in found.items()}
    if faults := joining.unfitting(groups, lacks):
        raise OperationError(
            "features cannot be joined: " + "; ".join(faults), remedy=joining.REMEDY
        )
