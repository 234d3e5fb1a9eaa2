"""`mlops-iac:local:FeatureGroup` and `FeatureView`: the history, and what Feast knows of it."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac_local.features import joins, views
from mlops_iac_local.features.children import run_child
from mlops_iac_local.features.group import (
    Group,
    group_folder,
    history_file,
    online_file,
    read_group,
    remove_empty_folders,
    stored_group,
)
from mlops_iac_local.files import remove
from mlops_iac_local.ownership import adopt_or_make, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_SAME = ("name", "data", "format", "entities", "features")
_OPTIONAL = ("ttl", "offline", "online", "description", "tags")


class FeatureGroupHandler(LocalHandler):
    """The history of a group, checked and typed; its version says what it was made from."""

    token = "mlops-iac:local:FeatureGroup"  # noqa: S105
    replace_on = frozenset({"name", "entities", "eventTime"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare; another type of a feature is another feature, so the group is replaced."""
        change = super().diff(state, old, new)
        is_retyped = _retyped(old.get("features", {}), new.get("features", {}))
        replaces = (*change.replaces, *(("features",) if is_retyped else ()))
        return Change(
            changed=change.changed,
            replaces=replaces,
            # Old and new have the same name, and with it the same files.
            delete_before_replace=bool(replaces) and old.get("name") == new.get("name"),
        )

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Check the data against the definition and store its history."""
        layout = self.layout(call)
        group = _group(inputs)
        call.journal("store-features", group=group.name, version=group.version)
        adopt_or_make(group_folder(layout, group.name), call.urn)
        answer = run_child(layout, "write", {"group": asdict(group)}, call.wait)
        history = str(history_file(layout, group.name)) if group.offline else None
        made = {"version": group.version, "offlineStore": history, "rows": answer["rows"]}
        return group.name, {**inputs, **made}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the group; gone when its record is gone."""
        layout = self.layout(call)
        group = read_group(layout, resource_id)
        if group is None:
            return None
        is_stored = history_file(layout, resource_id).exists()
        drift = None
        if not is_stored or group.version != state["version"]:
            drift = (
                "the stored features are gone" if not is_stored else "they are of another version"
            )
        outputs = frozenset({"version", "offlineStore", "rows"})
        return existing(resource_id, state, declared(self, state, outputs), drift)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Store the history anew, under the same name, in one step."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the history and what was noted of joins with it."""
        layout = self.layout(call)
        folder = group_folder(layout, resource_id)
        require_ours(folder, call.urn)
        joins.forget(layout, resource_id)
        remove(folder)
        remove_empty_folders(layout)


class FeatureViewHandler(LocalHandler):
    """A group in Feast: its registry entry, and the newest values in the online store."""

    token = "mlops-iac:local:FeatureView"  # noqa: S105
    replace_on = frozenset({"group"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Register the stored group and fill the online store."""
        layout = self.layout(call)
        call.journal("register-features", group=inputs["group"])
        call.log("registering features with Feast")
        views.want(layout, stored_group(layout, inputs["group"]), call.wait)
        store = str(online_file(layout)) if inputs["online"] else None
        return inputs["group"], {**inputs, "onlineStore": store}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the view; gone when Feast is not to know it."""
        layout = self.layout(call)
        if resource_id not in views.views(layout):
            return None
        known = views.registered(layout).get(resource_id)
        is_same = known is not None and known.version == state["version"]
        drift = None if is_same else "Feast does not know this version"
        return existing(
            resource_id, state, declared(self, state, frozenset({"onlineStore"})), drift
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Register the new definition, and replace the newest values in one transaction."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the group from the registry, and its values from the online store."""
        layout = self.layout(call)
        views.unwant(layout, resource_id, call.wait)
        remove_empty_folders(layout)


def _group(inputs: Properties) -> Group:
    return Group(
        event_time=inputs["eventTime"],
        **{name: inputs[name] for name in _SAME},
        **{name: inputs[name] for name in _OPTIONAL if inputs.get(name) is not None},
    )


def _retyped(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(name in new and new[name] != kind for name, kind in old.items())
