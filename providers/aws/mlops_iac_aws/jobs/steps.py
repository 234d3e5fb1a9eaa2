"""Steps of a SageMaker pipeline, and the document that defines it.

The document's schema: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

DOCUMENT_VERSION = "2020-12-01"
EXECUTION = {"Get": "Execution.PipelineExecutionId"}
"""The id of the run in which a step is."""
_PARAMETER = "Parameters."


class StepType(StrEnum):
    """Types of steps; the arguments of the first four are those of the API's create calls."""

    TRAINING = "Training"
    PROCESSING = "Processing"
    TUNING = "Tuning"
    REGISTER = "RegisterModel"
    CONDITION = "Condition"


@dataclass(frozen=True, kw_only=True)
class PropertyFile:
    """A JSON file that a step leaves, whose values later steps read."""

    name: str
    output: str
    """The step's output that holds it."""
    path: str
    """Where it lies in the output."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step."""

    name: str
    type: StepType
    arguments: Mapping[str, Any]
    after: tuple[str, ...] = ()
    """Steps that must have ended well; those it takes values from need not be named."""
    files: tuple[PropertyFile, ...] = ()

    def following(self, names: Iterable[str]) -> "Step":
        """Return the step after these steps too."""
        return replace(self, after=tuple(dict.fromkeys((*self.after, *names))))

    def within(self, seconds: int) -> "Step":
        """Return the step stopped after `seconds` at the latest."""
        known = self.arguments.get("StoppingCondition")
        if known is None:
            return self
        bounds = {
            name: limit if limit is None else min(limit, seconds) for name, limit in known.items()
        }
        return replace(self, arguments={**self.arguments, "StoppingCondition": bounds})

    def document(self) -> dict[str, Any]:
        """Return the step as a definition holds it."""
        files = [
            {"PropertyFileName": file.name, "OutputName": file.output, "FilePath": file.path}
            for file in self.files
        ]
        return {
            "Name": self.name,
            "Type": self.type.value,
            "Arguments": dict(self.arguments),
            **({"DependsOn": list(self.after)} if self.after else {}),
            **({"PropertyFiles": files} if files else {}),
        }


def definition(steps: Sequence[Step]) -> dict[str, Any]:
    """Return the document of a pipeline; its parameters are those that its steps refer to."""
    documents = [step.document() for step in steps]
    return {
        "Version": DOCUMENT_VERSION,
        "Parameters": [{"Name": name, "Type": "String"} for name in parameters_of(documents)],
        "Steps": documents,
    }


def parameters_of(documents: Any) -> list[str]:
    """Return the names of the parameters that steps refer to, in order."""
    found = (reference for reference in _references(documents) if reference.startswith(_PARAMETER))
    return sorted({reference.removeprefix(_PARAMETER) for reference in found})


def parameter(name: str) -> dict[str, str]:
    """Return a reference to a parameter."""
    return {"Get": f"{_PARAMETER}{name}"}


def of_step(step: str, place: str) -> dict[str, str]:
    """Return a reference to what a step's describe call answers, such as `TrainingJobName`."""
    return {"Get": f"Steps.{step}.{place}"}


def joined(*parts: Any) -> Any:
    """Return parts of a URI joined by `/`: a text, or what SageMaker joins when it runs."""
    if all(isinstance(part, str) for part in parts):
        return "/".join(parts)
    values: list[Any] = []
    for part in parts:
        values += part["Std:Join"]["Values"] if "Std:Join" in part else [part]
    return {"Std:Join": {"On": "/", "Values": values}}


def is_late(value: Any) -> bool:
    """Whether only a run tells a value."""
    return isinstance(value, Mapping) and bool({"Get", "Std:Join", "Std:JsonGet"} & set(value))


def condition(name: str, step: str, file: PropertyFile, path: str, then: Iterable[Step]) -> Step:
    """Return a step that does others only when a value in a step's file is true."""
    value = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": f"Steps.{step}.PropertyFiles.{file.name}"},
            "Path": path,
        }
    }
    return Step(
        name=name,
        type=StepType.CONDITION,
        arguments={
            "Conditions": [{"Type": "Equals", "LeftValue": value, "RightValue": True}],
            "IfSteps": [each.document() for each in then],
            "ElseSteps": [],
        },
        after=(step,),
    )


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            yield value["Get"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)
