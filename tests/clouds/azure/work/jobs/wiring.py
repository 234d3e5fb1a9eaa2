"""How the nodes of a pipeline hang together, and what their inputs say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.jobs.template import binding

Told = Mapping[str, Any]


def ordered(nodes: Told) -> Iterator[str]:
    """Yield the nodes, each after those that it waits for; else in the document's order."""
    done: set[str] = set()
    while len(done) < len(nodes):
        ready = [one for one in nodes if one not in done and done.issuperset(before(nodes[one]))]
        if not ready:
            raise WorkError(f"The nodes {sorted(nodes.keys() - done)} wait for each other.")
        yield ready[0]
        done.add(ready[0])


def before(node: Told) -> Sequence[str]:
    """Return the nodes whose outputs a node takes."""
    values = (
        one.get("value") if isinstance(one, Mapping) else one
        for one in (node.get("inputs") or {}).values()
    )
    bound = (binding(value).split(".") for value in values)
    return [parts[2] for parts in bound if parts[:2] == ["parent", "jobs"]]


def own(told: Any) -> dict[str, Any]:
    """Return an input that says what it is, as a job has it."""
    if not isinstance(told, Mapping):
        return {"jobInputType": "literal", "value": told}
    kind = told.get("jobInputType") or told.get("job_input_type") or told.get("type")
    return {
        "jobInputType": kind or ("uri_folder" if told.get("uri") else "literal"),
        "value": told.get("value"),
        "uri": told.get("uri") or told.get("path"),
        "mode": told.get("mode"),
    }


def data_kind(kind: str) -> str:
    """Return the type of an input of data; a folder where the component tells none."""
    return kind if kind.startswith("uri_") or kind.endswith("_model") else "uri_folder"
