"""Write the shapes of the requests of our Vertex AI resources: `python -m tools.gcp_schemas`.

From the discovery documents in `googleapiclient`: the schemas that these resources are declared
by, with all that they name. Required and immutable stand as the first words of a description. What
only the service writes is written with its type alone.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.gcp_methods import document

FILE = Path(__file__).parents[1] / "providers/gcp/mlops_iac_gcp/resources/schemas.json"
ROOTS: Mapping[str, tuple[str, ...]] = {
    "aiplatform.v1": (
        "BatchPredictionJob",
        "Context",
        "CustomJob",
        "DeployedModel",
        "HyperparameterTuningJob",
        "Model",
        "PipelineJob",
    ),
    "aiplatform.v1beta1": ("DeployedModel", "FeatureMonitor", "ModelMonitor", "Schedule"),
}


def prefix(api: str) -> str:
    """Return what Vertex AI's own schemas begin with in the document of a version."""
    return f"GoogleCloudAiplatform{api.partition('.')[2].capitalize()}"


def schemas(api: str) -> Mapping[str, Any]:
    """Return the shapes of an API by short name, sorted."""
    declared, found, waiting = document(api)["schemas"], {}, list(ROOTS[api])
    while waiting:
        name = waiting.pop()
        if name not in found:
            schema = declared.get(f"{prefix(api)}{name}") or declared[name]
            found[name] = _properties(schema, api)
            waiting.extend(_named(found[name].values()))
    return dict(sorted(found.items()))


def text() -> str:
    """Return the whole file: a line for each schema."""
    blocks = (f"{json.dumps(api)}: {{\n{_block(schemas(api))}\n}}" for api in sorted(ROOTS))
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _block(found: Mapping[str, Any]) -> str:
    return ",\n".join(f"{json.dumps(key)}: {json.dumps(found[key])}" for key in found)


def _properties(schema: Mapping[str, Any], api: str) -> Mapping[str, Any]:
    properties = schema.get("properties", {}).items()
    return {key: _property(value, api) for key, value in sorted(properties)}


def _property(declared: Mapping[str, Any], api: str) -> dict[str, Any]:
    words = declared.get("description", "")
    if declared.get("readOnly") or words.startswith("Output only"):
        return {"output": True}
    shape = _shape(declared, api)
    if words.startswith("Required."):
        shape["required"] = True
    if words.startswith("Immutable."):
        shape["immutable"] = True
    return shape


def _shape(declared: Mapping[str, Any], api: str) -> dict[str, Any]:
    if "$ref" in declared:
        return {"ref": declared["$ref"].removeprefix(prefix(api))}
    shape: dict[str, Any] = {"type": declared["type"]}
    if "enum" in declared:
        shape["enum"] = declared["enum"]
    if declared.get("format") in {"int64", "uint64"}:
        shape["type"] = "int64"
    if "items" in declared:
        shape["items"] = _shape(declared["items"], api)
    if "additionalProperties" in declared:
        shape["values"] = _shape(declared["additionalProperties"], api)
    return shape


def _named(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if "ref" in shape:
            yield shape["ref"]
        yield from _named(shape[key] for key in ("items", "values") if key in shape)


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"{FILE}\n")
