"""Proves that executions of the AWS test cloud do what a pipeline's definition says."""

import json
from typing import Any

import pytest

from tests.clouds_aws.worked import (
    BUCKET,
    ROLE,
    Bench,
    definition,
    mounted,
    named,
    output,
    processing,
    until,
)

EVALUATE = """
import json, os, pathlib
out = pathlib.Path(os.environ["MLOPS_ROOT"], "opt/ml/processing/output/report")
auc = float(os.environ["AUC"])
(out / "evaluation.json").write_text(json.dumps({"metrics": {"auc": auc, "names": ["a", "b"]}}))
"""
READ = """
import os, pathlib, sys
root = pathlib.Path(os.environ["MLOPS_ROOT"], "opt/ml/processing/input/report")
print((root / "evaluation.json").read_text(), os.environ["TOLD"], *sys.argv[1:])
"""
FAIL = "import sys; sys.exit(3)"
WAIT = "import time; print('waiting', flush=True); time.sleep(100)"


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def step(name: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Processing", "Arguments": request, **more}


def evaluate(bench: Bench) -> dict[str, Any]:
    request = processing(
        bench.script(EVALUATE),
        Environment={"AUC": get("Parameters.Auc")},
        ProcessingOutputConfig={
            "Outputs": [
                output(
                    "report",
                    {"Std:Join": {"On": "/", "Values": [
                        f"s3://{BUCKET}/reports", get("Execution.PipelineExecutionId"),
                    ]}},
                )
            ]
        },
    )  # fmt: skip
    file = {
        "PropertyFileName": "Report",
        "OutputName": "report",
        "FilePath": "evaluation.json",
    }
    return step("Evaluate", request, PropertyFiles=[file])


def gate(bench: Bench) -> dict[str, Any]:
    place = "Steps.Evaluate.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"
    better = processing(
        bench.script(READ),
        {"Std:Join": {"On": "-", "Values": ["at", 1.5, get("Execution.PipelineName")]}},
        inputs=(mounted("report", get(place)),),
        Environment={"TOLD": get("Parameters.Told")},
    )
    worse = {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["auc is", get("Parameters.Auc")]}}}
    auc = {
        "Std:JsonGet": {
            "PropertyFile": get("Steps.Evaluate.PropertyFiles.Report"),
            "Path": "metrics.auc",
        }
    }
    condition = {"Type": "GreaterThanOrEqualTo", "LeftValue": auc, "RightValue": 0.75}
    return {
        "Name": "Gate",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [condition],
            "IfSteps": [step("Better", better)],
            "ElseSteps": [{"Name": "Worse", "Type": "Fail", "Arguments": worse}],
        },
    }


class Started:
    """An execution, and how it stands."""

    def __init__(self, bench: Bench, text: str, **values: str) -> None:
        self.sagemaker, self.name = bench.client(), named("delay")
        token = "t" * 32
        self.sagemaker.create_pipeline(
            PipelineName=self.name,
            PipelineDefinition=text,
            RoleArn=ROLE,
            ClientRequestToken=token,
        )
        parameters = [{"Name": name, "Value": value} for name, value in values.items()]
        self.arn = self.sagemaker.start_pipeline_execution(
            PipelineName=self.name, PipelineParameters=parameters, ClientRequestToken=token
        )["PipelineExecutionArn"]

    def ended(self) -> dict[str, Any]:
        describe = self.sagemaker.describe_pipeline_execution
        return until(
            lambda: describe(PipelineExecutionArn=self.arn),
            "PipelineExecutionStatus",
            {"Executing", "Stopping"},
        )

    def steps(self) -> dict[str, dict[str, Any]]:
        found = self.sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=self.arn, SortOrder="Ascending"
        )["PipelineExecutionSteps"]
        return {one["StepName"]: one for one in found}


def gated(bench: Bench) -> str:
    document = json.loads(definition(gate(bench), evaluate(bench)))
    document["Parameters"] = [
        {"Name": "Auc", "Type": "String"},
        {"Name": "Told", "Type": "String", "DefaultValue": "by default"},
    ]
    return json.dumps(document)


def test_a_condition_that_holds_leads_on_with_what_earlier_steps_made(bench: Bench) -> None:
    started = Started(bench, gated(bench), Auc="0.75")

    assert started.ended()["PipelineExecutionStatus"] == "Succeeded", started.steps()
    steps = started.steps()
    assert list(steps) == ["Evaluate", "Gate", "Better"]
    assert steps["Gate"]["Metadata"]["Condition"]["Outcome"] == "True"
    job = steps["Better"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    (line,) = bench.log("/aws/sagemaker/ProcessingJobs", f"{job}/algo-1")
    report = '{"metrics": {"auc": 0.75, "names": ["a", "b"]}}'
    assert line == f"{report} by default at-1.5-{started.name}"


def test_a_condition_that_does_not_hold_leads_to_the_other_steps(bench: Bench) -> None:
    started = Started(bench, gated(bench), Auc="0.5")

    found = started.ended()

    assert found["PipelineExecutionStatus"] == "Failed"
    assert found["FailureReason"] == "Step failure: One or multiple steps failed."
    steps = started.steps()
    assert list(steps) == ["Evaluate", "Gate", "Worse"]
    assert steps["Worse"]["FailureReason"] == "auc is 0.5"


def test_a_step_that_fails_holds_back_those_that_need_it_and_no_others(bench: Bench) -> None:
    nothing = bench.script("pass")
    text = definition(
        step("Fails", processing(bench.script(FAIL))),
        step("After", processing(nothing), DependsOn=["Fails"]),
        step("Other", processing(nothing)),
    )

    started = Started(bench, text)

    assert started.ended()["PipelineExecutionStatus"] == "Failed"
    steps = started.steps()
    assert set(steps) == {"Fails", "Other"}
    assert "exit code: 3" in steps["Fails"]["FailureReason"]
    assert steps["Other"]["StepStatus"] == "Succeeded"


def test_a_stopped_execution_stops_its_job(bench: Bench) -> None:
    started = Started(bench, definition(step("Waits", processing(bench.script(WAIT)))))
    waiting = until(
        lambda: {"status": str("Arn" in str(started.steps().get("Waits")))}, "status", {"False"}
    )
    assert waiting

    started.sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=started.arn, ClientRequestToken="s" * 32
    )

    assert started.ended()["PipelineExecutionStatus"] == "Stopped"
    job = started.steps()["Waits"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    found = bench.client().describe_processing_job(ProcessingJobName=job)
    assert found["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([{"Name": "A", "Type": "Lambda", "Arguments": {}}], "no step of type `Lambda`"),
        ([step("A", {"Environment": {"X": get("Steps.B.Y")}})], "refers to `B`, which is no step"),
        ([step("A", {"Environment": {"X": get("Parameters.B")}})], "refers to no parameter: `B`"),
        ([step("A", {}, DependsOn=["A"])], "['A'] wait for each other"),
        ([step("A", {}, Extra=1)], "unknown members ['Extra']"),
    ],
)
def test_a_definition_that_says_nonsense_fails_loudly(
    bench: Bench, steps: list[dict[str, Any]], reason: str
) -> None:
    found = Started(bench, definition(*steps)).ended()

    assert found["PipelineExecutionStatus"] == "Failed"
    assert reason in found["FailureReason"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"RoleArn": ROLE}, "ProcessingResources"),
        ({"Environment": {"X": get("Steps.First.Nothing")}}, "`Steps.First.Nothing` names nothing"),
    ],
)
def test_a_step_that_sagemaker_refuses_fails_with_its_words(
    bench: Bench, request_: dict[str, Any], reason: str
) -> None:
    text = definition(step("First", processing(bench.script("pass"))), step("Second", request_))

    started = Started(bench, text)

    assert started.ended()["PipelineExecutionStatus"] == "Failed"
    assert reason in started.steps()["Second"]["FailureReason"]
