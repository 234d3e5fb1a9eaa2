"""Shapes of AWS requests, read from botocore's service models.

botocore's own validator checks types, required members and least values only
(`botocore/validate.py`), so the models are walked here, with patterns, enums and greatest values.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationNotFoundError, ServiceModel

from tests.contract.walkers.shape import Kind, Member, Shape, anything

_KINDS: Mapping[str, Kind] = {
    "boolean": Kind.BOOLEAN,
    "character": Kind.STRING,
    "double": Kind.NUMBER,
    "float": Kind.NUMBER,
    "integer": Kind.INTEGER,
    "list": Kind.LIST,
    "long": Kind.INTEGER,
    "map": Kind.MAP,
    "string": Kind.STRING,
    "structure": Kind.OBJECT,
}


class UnknownOperationError(LookupError):
    """No service model has the operation."""


@cache
def operation_shape(service: str, operation: str) -> Shape:
    """Return the shape of the parameters of `operation`, as `CreateModel` of `sagemaker`.

    Raises:
        UnknownOperationError: when botocore has no such service or operation.
    """
    try:
        model = _service(service).operation_model(operation).input_shape
    except (UnknownServiceError, OperationNotFoundError) as error:
        raise UnknownOperationError(f"`{service}` has no operation `{operation}`") from error
    source = f"botocore {service}.{operation}"
    return _shape(model, source) if model is not None else Shape(Kind.OBJECT, source)


def member_shape(service: str, operation: str, path: str) -> Shape:
    """Return the shape at the dotted `path` in an operation's parameters; `[]` enters a list."""
    shape = operation_shape(service, operation)
    for step in path.replace("[]", ".[]").split("."):
        if step == "[]":
            assert shape.item is not None, f"`{path}`: not a list"
            shape = shape.item()
        else:
            shape = shape.members[step].shape
    return shape


@cache
def _loader() -> Loader:
    return Loader()


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(_loader().load_service_model(name, "service-2"), name)


def _shape(model: Any, source: str) -> Shape:
    kind = _KINDS.get(model.type_name)
    if kind is None or getattr(model, "is_document_type", False):
        return anything(source)
    metadata = model.metadata
    return Shape(
        kind,
        source,
        load=partial(_members, model, source),
        item=_item(model, source),
        key=partial(_shape, model.key, source) if kind is Kind.MAP else None,
        values=frozenset(metadata.get("enum", ())),
        pattern=metadata.get("pattern"),
        minimum=metadata.get("min"),
        maximum=metadata.get("max"),
        one_of=bool(getattr(model, "is_tagged_union", False)),
    )


def _item(model: Any, source: str) -> Any:
    if model.type_name == "list":
        return partial(_shape, model.member, source)
    return partial(_shape, model.value, source) if model.type_name == "map" else None


def _members(model: Any, source: str) -> Mapping[str, Member]:
    required = frozenset(model.required_members)
    return {
        name: Member(partial(_shape, member, source), required=name in required)
        for name, member in model.members.items()
    }
