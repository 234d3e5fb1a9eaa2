"""The support matrix, generated from the capability tables of the installed providers."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.discovery import providers


def matrix_document() -> dict[str, Any]:
    """Return level, note and url of every capability on every target."""
    return {
        capability.value: {
            name: {
                "level": provider.capabilities[capability].level.value,
                "note": provider.capabilities[capability].note,
                "url": provider.capabilities[capability].url,
            }
            for name, provider in providers().items()
        }
        for capability in Capability
    }


def matrix_lines() -> Iterator[str]:
    """Yield the matrix as a Markdown table: one row per capability, one column per target."""
    document = matrix_document()
    names = list(providers())
    yield f"| capability | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for capability, row in document.items():
        cells = " | ".join(row[name]["level"] for name in names)
        yield f"| `{capability}` | {cells} |"
