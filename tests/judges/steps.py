"""The calls of a plan: requests of custom resources, steps of pipelines. Not a test."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.testing import Registration

_STEPS: Mapping[str, str] = {
    "Processing": "CreateProcessingJob",
    "RegisterModel": "CreateModelPackage",
    "Training": "CreateTrainingJob",
    "Tuning": "CreateHyperParameterTuningJob",
}
"""The call of each type of step; a `Condition` is none, and what stands under it is."""


@dataclass(frozen=True)
class Call:
    """One call with its arguments, and where the plan says it."""

    operation: str
    address: str
    body: Mapping[str, Any]


def requests(resource: Registration) -> Iterator[Call]:
    """Yield what a custom resource asks for when it is made, and when it is changed."""
    for key in ("requests", "update_requests"):
        for request in resource.inputs.get(key) or ():
            yield Call(request["operation"], resource.name, request["body"])


def steps(resource: Registration) -> Iterator[Call]:
    """Yield the calls of a pipeline's steps; none for what is no pipeline."""
    definition = resource.inputs.get("pipelineDefinition")
    if isinstance(definition, str):
        for step in _every(json.loads(definition)["Steps"]):
            yield Call(_STEPS[step["Type"]], f"{resource.name}/{step['Name']}", step["Arguments"])


def _every(found: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in found:
        if step["Type"] == "Condition":
            yield from _every([*step["Arguments"]["IfSteps"], *step["Arguments"]["ElseSteps"]])
        else:
            yield step
