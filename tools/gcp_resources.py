"""Write the classes of our Vertex AI resources for programs: `python -m tools.gcp_resources`.

Arguments and their descriptions come from the discovery documents, what is ours from the tables
here. A test proves that the written classes are what this tool writes.
"""

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac_gcp.resources import RESOURCES, shapes
from mlops_iac_gcp.resources.collection import CollectionHandler

from tools.gcp_methods import document
from tools.gcp_schemas import prefix

FOLDER = Path(__file__).parents[1] / "providers/gcp/mlops_iac_gcp/resources/typed"
WIDTH = 100
FEW = 4
MOST_WORDS = 400
"""Characters that a description may have; Google's go on for pages."""

RUN: Mapping[str, tuple[str, str]] = {
    "key": ("str", "Another key is another run of the same declaration."),
    "wait": ("str", "`submitted` (when left out), or `finished`: `up` waits for the end."),
    "onDelete": ("str", "`keep` the history (when left out), `cancel` the run, or `delete` it."),
    "cancelOnStop": ("bool", "Whether stopping an `up` that waits also cancels the run."),
}
OWN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "BatchPredictionJob": RUN,
    "CustomJob": RUN,
    "HyperparameterTuningJob": RUN,
    "PipelineJob": {
        **RUN,
        "pipelineJobId": ("str", "Id of the job; made from the content when left out."),
    },
    "DeployedModel": {
        "endpoint": ("str!", "Name of the endpoint: `projects/P/locations/L/endpoints/E`."),
        "deployedModelId": ("str", "1 to 10 digits; see `deployed_model_id`."),
        "force": ("bool", "Whether it is undeployed although it has traffic."),
    },
    "EndpointTraffic": {
        "endpoint": ("str!", "Name of the endpoint: `projects/P/locations/L/endpoints/E`."),
        "trafficSplit": ("map!", "Whole percentages by deployed model's id, 100 in all."),
    },
    "Experiment": {"contextId": ("str", "Id of the experiment; made when left out.")},
    "FeatureMonitor": {
        "featureGroup": (
            "str!",
            "Name of the group: `projects/P/locations/L/featureGroups/G`.",
        ),
        "featureMonitorId": ("str", "Id of the monitor; made when left out."),
    },
    "Model": {
        "modelId": ("str", "Id of the model; made when left out."),
        "retain": ("bool", "False deletes this resource's older versions; they stay otherwise."),
        "uploadServiceAccount": ("str", "Service account that reads the artifact."),
    },
    "ModelMonitor": {"modelMonitorId": ("str", "Id of the monitor; made when left out.")},
    "ModelMonitoringSchedule": {},
    "PipelineTemplate": {
        "repository": ("str!", "KFP repository: `projects/P/locations/L/repositories/R`."),
        "template": ("str!", "The compiled pipeline, as YAML or JSON."),
        "tags": ("list", "Tags that name this version."),
        "retain": ("bool", "False deletes the version with the resource; it stays otherwise."),
    },
}
"""Arguments of ours: type (`!` when required) and description."""
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "DeployedModel": ("deployedId", "modelVersionId"),
    "EndpointTraffic": (),
    "Model": ("name", "versionId", "versionName", "createTime"),
    "PipelineTemplate": ("package", "version", "templateUri"),
}
SCHEMAS: Mapping[str, str] = {"DeployedModel": "DeployedModel", "Model": "Model"}
TYPES: Mapping[str, str] = {
    "any": "Any",
    "bool": "bool",
    "boolean": "bool",
    "int64": "int",
    "integer": "int",
    "list": "Sequence[pulumi.Input[str]]",
    "map": "Mapping[str, pulumi.Input[int]]",
    "number": "float",
    "str": "str",
    "string": "str",
}


@dataclass(frozen=True)
class Argument:
    """One argument of a class."""

    name: str
    type: str
    words: str
    is_required: bool

    @property
    def snake(self) -> str:
        """The argument in Python's spelling."""
        return snake(self.name)


def texts() -> Mapping[str, str]:
    """Return the text of each class's file, by file name."""
    classes = {
        f"{snake(handler.token.rpartition(':')[2])}.py": formatted(_text(handler))
        for handler in RESOURCES
        if handler.token.rpartition(":")[2] in OWN
    }
    return {**classes, "__init__.py": formatted(_package())}


def _package() -> str:
    base = "mlops_iac_gcp.resources.typed"
    modules = sorted([*(snake(kind) for kind in OWN), "base"])
    names = {snake(kind): kind for kind in OWN} | {"base": "Provider, deployed_model_id"}
    imports = "\n".join(f"from {base}.{module} import {names[module]}" for module in modules)
    exported = sorted([*OWN, "Provider", "deployed_model_id"])
    listed = "\n".join(f'    "{name}",' for name in exported)
    words = "Classes of the custom resources for Pulumi programs"
    return f'''"""{words}; written by `tools/gcp_resources.py`."""

{imports}

__all__ = [
{listed}
]
'''


def snake(name: str) -> str:
    """Return a camel-case name in Python's spelling."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def formatted(text: str) -> str:
    """Return Python source as `ruff format` writes it."""
    command = [sys.executable, "-m", "ruff", "format", "--line-length", str(WIDTH), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def _text(handler: Any) -> str:
    kind = handler.token.rpartition(":")[2]
    arguments = sorted(
        _arguments(handler, kind), key=lambda each: (not each.is_required, each.name)
    )
    outputs = handler.kind.outputs if isinstance(handler, CollectionHandler) else OUTPUTS[kind]
    outputs = ("name", *outputs) if isinstance(handler, CollectionHandler) else outputs
    signature = "\n".join(f"        {each.snake}: {_annotation(each)}," for each in arguments)
    passed = "\n".join(f'            "{each.name}": {each.snake},' for each in arguments)
    attributes = "\n".join(f"    {snake(each)}: pulumi.Output[Any]" for each in outputs)
    named = "".join(f'"{each}", ' for each in outputs)
    # A linter's limit, which the API's fields do not keep; a class of few says nothing of it.
    limit = "" if len(arguments) < FEW else "# ruff: noqa: PLR0913 -- the fields are the API's\n\n"
    return f'''"""`{kind}`, for Pulumi programs; written by `tools/gcp_resources.py`."""

{limit}{_imports(signature, attributes)}

class {kind}(VertexResource):
    """{(handler.__doc__ or "").strip().splitlines()[0]}"""

    token = "{handler.token}"  # noqa: S105
    outputs = ({named})
{attributes}

    def __init__(
        self,
        resource_name: str,
        *,
{signature}
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
{_described(arguments)}
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {{
{passed}
        }}
        super().__init__(resource_name, inputs, opts)
'''


def _imports(signature: str, attributes: str) -> str:
    abstract = [name for name in ("Mapping", "Sequence") if f"{name}[" in signature]
    lines = [f"from collections.abc import {', '.join(abstract)}"] if abstract else []
    lines += ["from typing import Any"] if "Any" in signature + attributes else []
    base = ["Json", "VertexResource"] if "Json" in signature else ["VertexResource"]
    return "\n".join(
        [
            *lines,
            *([""] if lines else []),
            "import pulumi",
            "",
            f"from mlops_iac_gcp.resources.typed.base import {', '.join(base)}",
            "",
        ]
    )


def _annotation(argument: Argument) -> str:
    base = f"pulumi.Input[{argument.type}]"
    return base if argument.is_required else f"{base} | None = None"


def _described(arguments: list[Argument]) -> str:
    lines = (
        textwrap.wrap(
            f"{each.snake}: {each.words}",
            WIDTH,
            initial_indent=" " * 12,
            subsequent_indent=" " * 16,
            break_long_words=False,
        )
        for each in arguments
    )
    return "\n".join(line for block in lines for line in block)


def _arguments(handler: Any, kind: str) -> Iterator[Argument]:
    for name, (type_name, words) in OWN[kind].items():
        yield Argument(name, TYPES[type_name.rstrip("!")], words, type_name.endswith("!"))
    if isinstance(handler, CollectionHandler):
        yield from _fields(handler.kind.api, handler.kind.schema, handler.kind.fields)
    elif kind in SCHEMAS:
        schema = SCHEMAS[kind]
        fields = shapes.writable("aiplatform.v1", schema) - {"name", "etag", "id"}
        yield from _fields("aiplatform.v1", schema, fields)


def _fields(api: str, schema: str, names: frozenset[str]) -> Iterator[Argument]:
    declared = document(api)["schemas"][f"{prefix(api)}{schema}"]["properties"]
    for name in sorted(names):
        shape = shapes.schema(api, schema)[name]
        words = _shortened(declared[name].get("description", "As the API has it."))
        yield Argument(name, _type(shape), words, bool(shape.get("required")))


def _type(shape: Mapping[str, Any]) -> str:
    if "ref" in shape:
        return "Json"
    if shape["type"] == "array":
        inner = _type(shape["items"])
        return f"Sequence[pulumi.Input[{inner}]]"
    if shape["type"] == "object":
        is_text = shape.get("values", {}).get("type") == "string"
        return "Mapping[str, pulumi.Input[str]]" if is_text else "Json"
    return TYPES[shape["type"]]


def _shortened(words: str) -> str:
    """Return whole sentences of a description, as many as are short enough."""
    plain = re.sub(r"\s+", " ", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", words)).replace("\\", "")
    plain = re.sub(r"^(Required|Optional|Immutable)\. ", "", plain).replace('"', "'")
    sentences = re.split(r"(?<=[.])\s+(?=[A-Z])", plain)
    kept = [sentences[0]]
    for sentence in sentences[1:]:
        if len(" ".join([*kept, sentence])) > MOST_WORDS:
            break
        kept.append(sentence)
    return " ".join(kept)


if __name__ == "__main__":
    for file, text in texts().items():
        (FOLDER / file).write_text(text)
        sys.stdout.write(f"{FOLDER / file}\n")
