"""The support matrix, generated from the capability tables of the installed providers."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.discovery import providers
from mlops_iac.specs import KINDS


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


def kind_lines() -> Iterator[str]:
    """Yield which kind each target runs, as a Markdown table."""
    names = list(providers())
    yield f"| kind | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for kind in KINDS:
        yield f"| `{kind}` | {' | '.join(_carried(kind, name) for name in names)} |"


def _carried(kind: str, target: str) -> str:
    provider = providers()[target]
    if kind not in provider.adapters:
        return "not yet"
    return "runs" if provider.can_apply else "planned"
