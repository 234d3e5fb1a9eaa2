"""Between the policy's records and JSON documents: strict, with every fault named at once."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, TypeVar

from mlops_iac.runtime.errors import PolicyError

T = TypeVar("T")

TAG = "type"
"""Field that names the class of a document, where there are several."""


def document(record: Any) -> dict[str, Any]:
    """Return a record as a JSON document, without the name of its class."""
    return _plain(asdict(record))


def tagged(record: Any) -> dict[str, Any]:
    """Return a record as a JSON document that names its class."""
    return {TAG: type(record).__name__, **document(record)}


def parsed(cls: type[T], given: Mapping[str, Any]) -> T:
    """Return the record of `cls` that `document` made.

    Raises:
        PolicyError: fields are missing or unknown.
    """
    known: Mapping[str, Any] = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    missing = [
        name
        for name, field in known.items()
        if name not in given and field.default is MISSING and field.default_factory is MISSING
    ]
    faults = [f"`{name}` is missing" for name in missing]
    faults += [f"`{name}` is not known" for name in given if name not in known]
    if faults:
        raise PolicyError(
            f"this is no `{cls.__name__}` of a retraining policy: {', '.join(faults)}",
            remedy="use the same release of `mlops-iac` for what writes it and what reads it",
        )
    return cls(**{name: _frozen(value) for name, value in given.items()})


def parsed_tagged(classes: Mapping[str, type[T]], given: Mapping[str, Any]) -> T:
    """Return the record of the class that the document names.

    Raises:
        PolicyError: it names none of `classes`, or its fields are not those of the class.
    """
    name = str(given.get(TAG))
    if name not in classes:
        raise PolicyError(
            f"`{name}` is none of {', '.join(sorted(classes))}",
            remedy=f"name one of them in `{TAG}`",
        )
    return parsed(classes[name], {key: value for key, value in given.items() if key != TAG})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
