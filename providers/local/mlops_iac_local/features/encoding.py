"""Keys and values as Feast's online store holds them, without loading Feast.

Values are Feast's own protocol buffer message, of which only the one module is loaded. Keys are its
serialization version 3 (`feast/infra/key_encoding_utils.py`). A test compares both with Feast.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP
from mlops_iac_local.errors import LocalError

KEY_VERSION = 3
"""Feast's `entity_key_serialization_version`."""

# Of `feast.value_type.ValueType`.
_FEAST_STRING, _FEAST_INT64 = 2, 4

_MODULE = "protos/feast/types/Value_pb2.py"

_FIELDS: Mapping[str, str] = {STRING: "string_val", INTEGER: "int64_val", NUMBER: "double_val",
                              BOOLEAN: "bool_val", TIMESTAMP: "unix_timestamp_val"}  # fmt: skip
"""Field of Feast's message that holds each type."""


@lru_cache(maxsize=1)
def _message() -> Callable[..., Any]:
    # `import feast.protos…` would run `feast/__init__.py`, which imports all of Feast: 3 to 12 s.
    package = find_spec("feast")
    if package is None or not package.submodule_search_locations:
        raise LocalError("Feast is not installed", remedy="pip install 'mlops-iac[local]'")
    file = Path(next(iter(package.submodule_search_locations))) / _MODULE
    spec = spec_from_file_location("mlops_iac_local.features.feast_value", file)
    if spec is None or spec.loader is None:
        raise LocalError(f"`{file}` is no module", remedy="install Feast anew")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Value


def encode_value(value: Any, kind: str) -> bytes:
    """Return a value of a declared type as the online store holds it; `None` is an empty one."""
    if value is None:
        return b""
    told = int(value.timestamp()) if kind == TIMESTAMP else value
    return _message()(**{_FIELDS[kind]: told}).SerializeToString()


def decode_value(stored: bytes) -> Any:
    """Return what the online store holds; a time as `datetime` in UTC."""
    value = _message()()
    value.ParseFromString(stored)
    held = value.WhichOneof("val")
    if held is None:
        return None
    plain = getattr(value, held)
    is_time = held == _FIELDS[TIMESTAMP]
    return datetime.fromtimestamp(plain, tz=UTC) if is_time else plain


def value_text(value: Any, kind: str) -> str | None:
    """Return what Feast keeps of a value for searching: its text, nothing of a time."""
    return None if value is None or kind == TIMESTAMP else str(value)


def encode_key(entity: Mapping[str, str | int]) -> bytes:
    """Return an entity as the online store's key: names and values in the order of the names."""
    names = sorted(entity)
    parts = [struct.pack("<I", len(names))]
    for name in names:
        parts += [struct.pack("<I", _FEAST_STRING), _sized(name.encode())]
    for name in names:
        parts.append(_key_value(entity[name]))
    return b"".join(parts)


def _key_value(value: str | int) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", _FEAST_STRING) + _sized(value.encode())
    return struct.pack("<I", _FEAST_INT64) + _sized(struct.pack("<q", value))


def _sized(content: bytes) -> bytes:
    return struct.pack("<I", len(content)) + content
