"""A pipeline's definition, read and judged: version 2020-12-01 of the pipeline JSON schema.

https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
Limits: steps of the kinds below; a step's retries are accepted and not made; no step caches.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.pipelines.expressions import references

VERSION = "2020-12-01"


class StepType(StrEnum):
    """The kinds of steps that are interpreted."""

    TRAINING = "Training"
    PROCESSING = "Processing"
    TRANSFORM = "Transform"
    TUNING = "Tuning"
    MODEL = "Model"
    REGISTER_MODEL = "RegisterModel"
    CONDITION = "Condition"
    FAIL = "Fail"


_STEP_KEYS = frozenset(
    {
        "Name", "Type", "Arguments", "DependsOn", "PropertyFiles", "DisplayName", "Description",
        "RetryPolicies", "CacheConfig",
    }
)  # fmt: skip
_PARAMETER_TYPES = {"String": str, "Integer": int, "Float": float, "Boolean": bool}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step."""

    name: str
    type: StepType
    arguments: Mapping[str, Any]
    depends_on: frozenset[str]
    """Steps that must have succeeded: those it names, and those whose results it uses."""
    property_files: Mapping[str, Mapping[str, str]]
    """`OutputName` and `FilePath` by the file's name."""
    branch: "tuple[str, bool] | None" = None
    """The condition, and the outcome of it, under which the step runs."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A pipeline."""

    parameters: Mapping[str, Mapping[str, Any]]
    steps: Sequence[Step]
    """In the order they stand, those of a condition after it."""
    names: frozenset[str] = field(default=frozenset())


def read_definition(text: str) -> Definition:
    """Return a definition.

    Raises:
        JobError: it is none that SageMaker, or this interpreter, would take.
    """
    document = json.loads(text)
    if document.get("Version") != VERSION:
        raise JobError(f"ValidationException: the version is not `{VERSION}`")
    if unknown := set(document) - {
        "Version", "Metadata", "Parameters", "PipelineExperimentConfig", "Steps",
    }:  # fmt: skip
        raise JobError(f"ValidationException: unknown members {sorted(unknown)}")
    steps = [*_steps(document["Steps"], branch=None)]
    parameters = {item["Name"]: item for item in document.get("Parameters", [])}
    definition = Definition(
        parameters=parameters, steps=steps, names=frozenset(step.name for step in steps)
    )
    if problems := [*_problems(definition)]:
        raise JobError(f"ValidationException: {'; '.join(problems)}")
    return definition


def parameter_values(
    definition: Definition, given: Sequence[Mapping[str, str]]
) -> Mapping[str, Any]:
    """Return the parameters' values with their types: what is given, else the default.

    Raises:
        JobError: one is unknown, missing, or of a wrong type.
    """
    texts = {item["Name"]: item["Value"] for item in given}
    if unknown := sorted(set(texts) - set(definition.parameters)):
        raise JobError(f"ValidationException: the pipeline has no parameter {unknown}")
    return {
        name: _value(declared, texts.get(name)) for name, declared in definition.parameters.items()
    }


def _value(declared: Mapping[str, Any], text: str | None) -> Any:
    name, kind = declared["Name"], _PARAMETER_TYPES[declared["Type"]]
    if text is None:
        if "DefaultValue" not in declared:
            raise JobError(f"ValidationException: the parameter `{name}` has no value")
        return declared["DefaultValue"]
    if (allowed := declared.get("EnumValues")) and text not in map(str, allowed):
        raise JobError(f"ValidationException: `{name}` is none of {allowed}")
    if kind is bool:
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        raise JobError(f"ValidationException: `{name}` is no {declared['Type']}") from None


def _steps(
    documents: Sequence[Mapping[str, Any]], branch: tuple[str, bool] | None
) -> Iterator[Step]:
    for document in documents:
        step = _step(document, branch)
        yield step
        if step.type is StepType.CONDITION:
            for key, outcome in (("IfSteps", True), ("ElseSteps", False)):
                yield from _steps(step.arguments.get(key, []), (step.name, outcome))


def _step(document: Mapping[str, Any], branch: tuple[str, bool] | None) -> Step:
    name = document.get("Name", "")
    if unknown := sorted(set(document) - _STEP_KEYS):
        raise JobError(f"ValidationException: the step `{name}` has unknown members {unknown}")
    if (document.get("CacheConfig") or {}).get("Enabled"):
        raise JobError(f"the test cloud caches no step; `{name}` asks for it")
    if document.get("Type") not in [*StepType]:
        raise JobError(f"the test cloud has no step of type `{document.get('Type')}` (`{name}`)")
    arguments = document["Arguments"]
    own = {k: v for k, v in arguments.items() if k not in {"IfSteps", "ElseSteps"}}
    used = {reference.step for reference in references(own) if reference.step}
    return Step(
        name=name,
        type=StepType(document["Type"]),
        arguments=arguments,
        depends_on=frozenset({*document.get("DependsOn", []), *used}),
        property_files={
            item["PropertyFileName"]: item for item in document.get("PropertyFiles", [])
        },
        branch=branch,
    )


def _problems(definition: Definition) -> Iterator[str]:
    names = [step.name for step in definition.steps]
    yield from (f"the step `{name}` is there twice" for name in _doubled(names))
    for step in definition.steps:
        for other in sorted(step.depends_on - definition.names):
            yield f"the step `{step.name}` refers to `{other}`, which is no step"
        for reference in references(step.arguments):
            if reference.parameter and reference.parameter not in definition.parameters:
                yield f"the step `{step.name}` refers to no parameter: `{reference.parameter}`"
    if circle := _circle(definition):
        yield f"the steps {circle} wait for each other"


def _doubled(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _circle(definition: Definition) -> list[str]:
    """Return the steps that no order can satisfy."""
    left = {step.name: needs(step) & definition.names for step in definition.steps}
    while ready := [name for name, waits in left.items() if not waits & set(left)]:
        for name in ready:
            del left[name]
    return sorted(left)


def needs(step: Step) -> frozenset[str]:
    """Return all steps that must end before `step` begins."""
    return step.depends_on | ({step.branch[0]} if step.branch else frozenset())
