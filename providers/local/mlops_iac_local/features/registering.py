"""Feast's registry and online store, made to agree with the groups that the stack has now.

Feast is only loaded when a definition changed, and before the definitions are read: what is
declared in the seconds that its import takes is registered with the rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP
from mlops_iac.runtime.features.history import read_history
from mlops_iac_local.features import online
from mlops_iac_local.features.encoding import KEY_VERSION
from mlops_iac_local.features.group import (
    PROJECT,
    Group,
    history_file,
    online_file,
    store_folder,
)
from mlops_iac_local.features.views import registered, views, write_registered
from mlops_iac_local.files import make_private, write_json
from mlops_iac_local.layout import Layout

_FEAST_TYPES: Mapping[str, str] = {STRING: "String", INTEGER: "Int64", NUMBER: "Float64",
                                   BOOLEAN: "Bool", TIMESTAMP: "UnixTimestamp"}  # fmt: skip
_FEAST_KEYS: Mapping[str, str] = {STRING: "STRING", INTEGER: "INT64"}


def register(layout: Layout, now: int) -> None:
    """Register what is declared, remove what is not any more, fill what has new values.

    Args:
        layout: the stack's folders.
        now: microseconds since 1970; later values are not known yet.
    """
    known, wanted = registered(layout), views(layout)
    if _shapes(known) != _shapes(wanted):
        apply = _loaded_feast()
        wanted = views(layout)
        apply(layout, known, wanted)
    for name, group in wanted.items():
        if known.get(name) != group:
            _fill(layout, group, now)
    write_registered(layout, wanted)
    make_private(store_folder(layout))


def _fill(layout: Layout, group: Group, now: int) -> None:
    if group.online:
        history = read_history(history_file(layout, group.name), group.version)
        online.fill(online_file(layout), group, history, now)
    else:
        online.empty(online_file(layout), group)


def _shapes(groups: Mapping[str, Group]) -> dict[str, Group]:
    """Return definitions without what changes with the data alone."""
    return {name: replace(group, data="", format="", rows=0) for name, group in groups.items()}


def _keys_are_same(old: Group, new: Group) -> bool:
    return old.keys == new.keys and old.event_time == new.event_time


def _loaded_feast() -> Callable[[Layout, Mapping[str, Group], Mapping[str, Group]], None]:
    import feast

    return lambda layout, known, wanted: _apply(feast, layout, known, wanted)


def _apply(
    feast: Any, layout: Layout, known: Mapping[str, Group], wanted: Mapping[str, Group]
) -> None:
    store = feast.FeatureStore(config=feast.RepoConfig(**_settings(layout)))
    present = {view.name: view for view in store.list_feature_views()}
    gone = [
        view
        for name, view in present.items()
        if not (name in wanted and name in known and _keys_are_same(known[name], wanted[name]))
    ]
    entities = _entities(feast, wanted)
    unused = [entity for entity in store.list_entities() if entity.name not in entities]
    if gone:
        store.apply([], objects_to_delete=gone, partial=False)
    made = [_view(feast, layout, group, entities) for group in wanted.values()]
    store.apply([*entities.values(), *made], objects_to_delete=unused, partial=False)
    # For notebooks and Feast's own command line; YAML reads JSON.
    write_json(store_folder(layout) / "feature_store.yaml", _settings(layout))


def _settings(layout: Layout) -> dict[str, Any]:
    folder = store_folder(layout)
    return {
        "project": PROJECT,
        "provider": "local",
        "registry": str(folder / "registry.db"),
        # Its `file` store, on dask, loses rows and runs out of memory: never that one.
        "offline_store": {"type": "duckdb"},
        "online_store": {"type": "sqlite", "path": str(online_file(layout))},
        "entity_key_serialization_version": KEY_VERSION,
    }


def _entities(feast: Any, groups: Mapping[str, Group]) -> dict[str, Any]:
    kinds = {key for group in groups.values() for key in group.keys.items()}
    return {
        _entity_name(column, kind): feast.Entity(
            name=_entity_name(column, kind),
            join_keys=[column],
            value_type=getattr(feast.ValueType, _FEAST_KEYS[kind]),
        )
        for column, kind in sorted(kinds)
    }


def _entity_name(column: str, kind: str) -> str:
    # One column may be text in one group and a number in another: two entities for Feast.
    return f"{column}_{kind}"


def _view(feast: Any, layout: Layout, group: Group, entities: Mapping[str, Any]) -> Any:
    columns = {**group.keys, **group.features}
    return feast.FeatureView(
        name=group.name,
        entities=[entities[_entity_name(name, group.keys[name])] for name in group.entities],
        ttl=None if group.ttl is None else timedelta(seconds=group.ttl),
        schema=[
            feast.Field(name=name, dtype=getattr(feast.types, _FEAST_TYPES[kind]))
            for name, kind in columns.items()
        ],
        online=group.online,
        source=feast.FileSource(
            path=str(history_file(layout, group.name)), timestamp_field=group.event_time
        ),
        description=group.description,
        tags=dict(group.tags),
    )
