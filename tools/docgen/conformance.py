"""`docs/reference/conformance.md`: every scenario of the conformance kit, a heading per number."""

import json
from collections.abc import Iterator

from mlops_iac.testing.conformance import TABLES, Scenario, Table
from mlops_iac.witness import Own

HEAD = """\
# Conformance

Generated from `mlops_iac.testing.conformance` by `python -m tools.generate_docs`: the scenarios
that every provider is held to. A number never changes its meaning. How a provider's author runs
them is in [write an adapter](../guides/write-an-adapter.md).

| level | proves | needs |
|---|---|---|
| **K0** declaration | the capability table is total and has its notes and sources; the record is read without its SDK; adapters match the protocol; pages and extras exist | nothing |
| **K1** planning | what the table refuses is refused, all at once, with a remedy, and nothing is registered; the rest plans; planning is total and pure | nothing |
| **K2** building | children, names, providers, outputs, secrets, tags, protection, the caller's options; a capability that is claimed is wired; no field is lost | the SDK |
| **K5** engine | made, left alone by a second preview, removed | the Pulumi CLI and the target |

A scenario that names a capability is *honest* when the provider's own witness is true of what it
registers, and false of the same declaration *without* it. What is expected is read from the
provider's capability table: what is refused there must be refused by planning.
"""  # noqa: E501


def page() -> str:
    """Return the page: kinds as a stack is usually read, a heading per number."""
    return "\n".join([HEAD, *(line for table in TABLES.values() for line in _table(table))])


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.kind}\n"
    if table.fields:
        yield f"All of them declare {_fields(table.fields)}.\n"
    for scenario in table.scenarios:
        yield f"### {scenario.id}\n"
        yield _line(scenario)
        yield ""


def _line(scenario: Scenario) -> str:
    asked = f" Asks for `{scenario.asks}`." if scenario.asks else ""
    declared = f" Declares {_fields(scenario.fields)}." if scenario.fields else ""
    return f"{scenario.title[0].upper()}{scenario.title[1:]}.{asked}{declared}{_without(scenario)}"


def _without(scenario: Scenario) -> str:
    if scenario.asks is None:
        return ""
    if scenario.without is None:
        return " Without: the component is not there."
    return f" Without: {_fields(scenario.without)}." if scenario.without else ""


def _fields(fields: object) -> str:
    """Return fields as they are written, what the target itself spells in angle brackets."""
    return f"`{_text(fields)}`"


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, Own):
        return f"<{value.name}>"
    return "null" if value is None else json.dumps(value).strip('"')
