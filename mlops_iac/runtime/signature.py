"""A model's inputs, as `MLmodel` declares them; reads no MLflow, so that it is quick."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Column:
    """One named input of a model."""

    name: str
    type: str
    """MLflow's name of the type, such as `double`."""
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """One array input of a model."""

    name: str | None
    dtype: str
    """numpy's name of the element type, such as `float32`."""
    shape: tuple[int, ...]
    """Lengths by axis; -1 is any."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a model takes: columns, tensors, or (when it does not say) neither."""

    columns: tuple[Column, ...] = ()
    tensors: tuple[Tensor, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in the model's order."""
        return tuple(column.name for column in self.columns)


def read_signature(metadata: Mapping[str, Any]) -> Signature:
    """Return the inputs that an `MLmodel` declares; an empty signature when it declares none."""
    declared = (metadata.get("signature") or {}).get("inputs")
    rows = json.loads(declared) if declared else []
    tensors = tuple(_tensor(row) for row in rows if row.get("type") == "tensor")
    if tensors:
        return Signature(tensors=tensors)
    return Signature(columns=tuple(_column(index, row) for index, row in enumerate(rows)))


def _column(index: int, row: Mapping[str, Any]) -> Column:
    return Column(
        name=str(row.get("name", index)),
        type=str(row["type"]),
        is_required=bool(row.get("required", True)),
    )


def _tensor(row: Mapping[str, Any]) -> Tensor:
    spec = row["tensor-spec"]
    return Tensor(name=row.get("name"), dtype=str(spec["dtype"]), shape=tuple(spec["shape"]))
