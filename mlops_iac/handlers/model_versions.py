"""What is declared of a model, as a resource, and the end of its versions."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.handlers.stores import StoreHandler
from mlops_iac.registry import Model, policy_path


class Versions(Protocol):
    """A provider's module of versions; `where` is its own place."""

    def remove_all(self, where: Any, model: Model, /, *, pause: Callable[[float], None]) -> None:
        """Remove every version of a model, and their records."""
        ...


class ModelRecordHandler(StoreHandler):
    """Writes the model's record; the versions are the runs', and go with it."""

    replace_on = frozenset({"bucket", "component", "model"})
    registry: ClassVar[Versions]

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the record, or write over what an interrupted create has left."""
        self._write(inputs, call)
        return inputs["model"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the record as it lies in the store; `None` when it is gone."""
        if not state:
            return None
        model = _model(state)
        with self._told(f"reading the record of `{model.component}`"):
            known = self.documents.read(self._where(call), model.bucket, policy_path(model))
        return None if known is None else Existing(id=resource_id, state=known, inputs=known)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write the record anew."""
        self._write(inputs, call)
        return dict(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove every version, and the record last: a kill is resumed."""
        model, where = _model(state), self._where(call)
        with self._told(f"removing the versions of `{model.component}`"):
            self.registry.remove_all(where, model, pause=call.wait)
            self.documents.remove(where, model.bucket, policy_path(model))

    def _write(self, inputs: Properties, call: Call) -> None:
        model = _model(inputs)
        with self._told(f"recording `{model.component}`"):
            self.documents.write(self._where(call), model.bucket, policy_path(model), inputs)


def _model(state: Properties) -> Model:
    return Model(name=state["model"], component=state["component"], bucket=state["bucket"])
