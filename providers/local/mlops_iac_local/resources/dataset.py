"""`mlops-iac:local:Dataset`: files copied by content into the store, judged by the declaration."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from contextlib import AbstractContextManager
from pathlib import Path

from mlops_iac.content import data_files, folder_digest
from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.runtime.columns import check_columns, check_readable
from mlops_iac_local import store
from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import locked, read_json, remove, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.ownership import adopt_or_make, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

RECORD = "dataset.json"
_OUTPUTS = frozenset({"uri", "version"})


class DatasetHandler(LocalHandler):
    """A dataset; its version is the digest of its files."""

    token = "mlops-iac:local:Dataset"  # noqa: S105
    replace_on = frozenset({"name"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Check the files against the declaration and store them."""
        layout = self.layout(call)
        folder = layout.dataset(inputs["name"])
        call.journal("store-data", dataset=inputs["name"], digest=inputs["digest"])
        adopt_or_make(folder, call.urn)
        files = data_files(inputs["source"], Path(call.config["projectDir"]))
        if not files:
            raise LocalError(f"`{inputs['source']}` matches no file", remedy="correct `source`")
        check_readable(files, inputs["format"])
        check_columns(files, inputs["format"], inputs["columns"])
        with _held(layout):
            place = store.add(layout, "data", inputs["digest"], files, folder_digest)
            self._note(folder, inputs)
        return inputs["name"], {**inputs, "uri": str(place), "version": inputs["digest"]}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the dataset; gone when its record is gone."""
        layout = self.layout(call)
        if read_json(layout.dataset(resource_id) / RECORD) is None:
            return None
        is_stored = store.stored(layout, "data", state["digest"]).is_dir()
        drift = None if is_stored else "the stored files are gone"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Store the new version beside the old ones, which runs of the past have read."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the dataset, and every version that no other dataset has."""
        layout = self.layout(call)
        folder = layout.dataset(resource_id)
        require_ours(folder, call.urn)
        with _held(layout):
            remove(folder)
            store.sweep(layout, "data", _versions(layout))

    def _note(self, folder: Path, inputs: Properties) -> None:
        known = (read_json(folder / RECORD) or {"versions": []})["versions"]
        if inputs["digest"] not in [version["digest"] for version in known]:
            known = [*known, {"digest": inputs["digest"], "created": utc_now()}]
        facts = {key: inputs[key] for key in ("name", "source", "format", "columns",
                                              "description", "tags")}  # fmt: skip
        write_json(folder / RECORD, {**facts, "version": inputs["digest"], "versions": known})


def _held(layout: Layout) -> AbstractContextManager[None]:
    # The engine works on datasets side by side: a sweep must not meet another, nor take away what
    # is stored and not yet noted.
    return locked(layout.lock("datasets"))


def _versions(layout: Layout) -> set[str]:
    records = (layout.root / "datasets").glob(f"*/{RECORD}")
    return {
        version["digest"]
        for record in records
        for version in (read_json(record) or {"versions": []})["versions"]
    }
