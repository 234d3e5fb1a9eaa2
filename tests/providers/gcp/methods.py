"""The methods of Google's APIs that the provider's own code calls, read from its text. Not a test.

Limit: a method whose collection is a variable is not seen; those are of the tables of kinds.
"""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import mlops_iac_gcp

ROOT = Path(mlops_iac_gcp.__file__).parent


def called(known: Mapping[str, str]) -> Iterator[str]:
    """Yield each method of `known` (without its service's name) that is named in the code."""
    for path in ROOT.rglob("*.py"):
        yield from (each for each in _texts(path, path.read_text()) if each in known)


def _texts(path: Path, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            made = _said(node, _module(path))
            if made is not None:
                yield made


def _module(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return import_module(".".join(part for part in parts if part != "__init__"))


def _said(node: ast.JoinedStr, module: ModuleType) -> str | None:
    """Return what a text says whose parts are constants of its module."""
    words: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            words.append(str(part.value))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
            value = getattr(module, part.value.id, None)
            if not isinstance(value, str):
                return None
            words.append(value)
        else:
            return None
    return "".join(words)
