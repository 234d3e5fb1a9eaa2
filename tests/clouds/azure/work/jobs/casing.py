"""Names as Azure Resource Manager writes them, and as azure-ai-ml's YAML does."""

import re

_WORD = re.compile(r"_([a-z])")
_KEPT = frozenset({"componentId", "computeId", "_source"})
"""Members of nodes that are in camel case, and one that begins with a mark."""


def camel(name: str) -> str:
    """Return a name as Azure Resource Manager writes it."""
    return _WORD.sub(lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """Return a name as azure-ai-ml writes it."""
    if name in _KEPT:
        return name
    return re.sub(r"(?<!^)([A-Z])", lambda found: f"_{found[1].lower()}", name)
