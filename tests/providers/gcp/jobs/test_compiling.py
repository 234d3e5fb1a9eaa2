"""What KFP makes of steps is the document that Vertex AI runs, as far as KFP's schema says it."""

import subprocess
import sys
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from kfp.pipeline_spec import pipeline_spec_pb2
from mlops_iac_gcp.jobs.compiling import IMAGE, compiled, with_image
from mlops_iac_gcp.jobs.steps import Step, Verb

STEPS = (
    Step(name="clean", document={}),
    Step(name="delay", document={}, after=("clean",)),
    Step(name="weekly-gates", document={}, after=("clean", "delay"), judges=True),
    Step(name="delay-register", document={}, verb=Verb.REGISTER, after=("delay",)).only_if(
        "weekly-gates"
    ),
)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    documents = {step.name: f"gs://b/{step.name}.json" for step in STEPS}
    return with_image(compiled("flights-weekly", "Pipeline weekly", STEPS, documents), "i@sha256:1")


def _message() -> Any:
    # The module makes its classes when it is loaded: no checker sees them.
    return vars(pipeline_spec_pb2)["PipelineSpec"]()


def test_the_compiled_pipeline_is_of_kfps_schema(pipeline: Any) -> None:
    parsed = ParseDict(pipeline, _message())

    assert parsed.schema_version == "2.1.0"
    assert sorted(parsed.root.dag.tasks) == ["clean", "condition-1", "delay", "weekly-gates"]


def test_tasks_follow_as_declared_and_nothing_is_cached(pipeline: Any) -> None:
    tasks = pipeline["root"]["dag"]["tasks"]

    assert tasks["weekly-gates"]["dependentTasks"] == ["clean", "delay"]
    assert tasks["delay"]["dependentTasks"] == ["clean"]
    assert not any(task.get("cachingOptions", {}).get("enableCache") for task in tasks.values())


def test_a_task_that_has_failed_is_not_tried_again(pipeline: Any) -> None:
    assert "retryPolicy" not in str(pipeline)


def test_what_a_gate_lets_through_reads_its_verdict(pipeline: Any) -> None:
    condition = pipeline["root"]["dag"]["tasks"]["condition-1"]

    assert condition["dependentTasks"] == ["weekly-gates"]
    inside = pipeline["components"]["comp-condition-1"]["dag"]["tasks"]
    assert list(inside) == ["delay-register"]


def test_every_launcher_is_told_its_document_its_run_and_its_key(pipeline: Any) -> None:
    executors = pipeline["deploymentSpec"]["executors"]

    for name, executor in executors.items():
        container = executor["container"]
        assert container["image"] == "i@sha256:1"
        assert container["command"] == ["python", "-m", "mlops_iac_gcp.work"]
        assert container["args"][1:7] == [
            "--document",
            "{{$.inputs.parameters['document']}}",
            "--key",
            "{{$.inputs.parameters['run_key']}}",
            "--run",
            "{{$.pipeline_job_resource_name}}",
        ], name
    assert IMAGE not in str(pipeline)


def test_compiling_leaves_kfps_client_to_whoever_wants_it() -> None:
    code = (
        "import os, sys\n"
        "from mlops_iac_gcp.jobs.kfp_language import dsl\n"
        "assert hasattr(dsl(), 'component') and '_KFP_RUNTIME' not in os.environ\n"
        "assert not {'kfp.client', 'kubernetes'} & set(sys.modules)\n"
        "from kfp import Client, components\n"
        "assert Client.__module__ == 'kfp.client.client' and components.load_component_from_text\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
