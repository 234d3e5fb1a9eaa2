"""Proves that the Google Cloud test cloud executes what KFP compiles, and when it starts it."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from kfp import dsl as kfp_dsl
from kfp.dsl import ContainerSpec, OutputPath

from tests.clouds_gcp.worked import ACCOUNT, BUCKET, IMAGE, Bench, job, named, pool

pytestmark = pytest.mark.slow

# Its decorators have no types.
dsl: Any = kfp_dsl

_JUDGE = """
import os, pathlib, sys
threshold, verdict, run = sys.argv[1:]
file = pathlib.Path(verdict)
file.parent.mkdir(parents=True)
file.write_text("true" if float(threshold) < 0.75 else "false")
print(run)
"""
_WRITE = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
# Fails once: what it leaves in the bucket tells the second attempt.
_FLAKY = """
import pathlib, sys
mark = pathlib.Path(sys.argv[1])
if not mark.exists():
    mark.write_text("tried")
    sys.exit(9)
"""


@dsl.container_component
def judge(threshold: float, verdict: OutputPath(str)) -> ContainerSpec:  # pyright: ignore[reportInvalidTypeForm, reportUnknownParameterType]
    run = dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER
    arguments: list[Any] = [threshold, verdict, run]
    return ContainerSpec(image=IMAGE, command=["python", "-c", _JUDGE], args=arguments)


@dsl.container_component
def write(path: str, text: str) -> ContainerSpec:
    return ContainerSpec(image=IMAGE, command=["python", "-c", _WRITE], args=[path, text])


@dsl.container_component
def flaky(path: str) -> ContainerSpec:
    return ContainerSpec(image=IMAGE, command=["python", "-c", _FLAKY], args=[path])


@dsl.container_component
def broken() -> ContainerSpec:
    return ContainerSpec(image=IMAGE, command=["python", "-c", "raise SystemExit(4)"])


@dsl.container_component
def endless() -> ContainerSpec:
    text = "import time; print('here', flush=True); time.sleep(600)"
    return ContainerSpec(image=IMAGE, command=["python", "-c", text])


@dsl.pipeline(name="gated")
def gated(folder: str, threshold: float = 0.5) -> None:
    judged = judge(threshold=threshold)
    with dsl.If(judged.outputs["verdict"] == "true"):
        write(path=f"{folder}/yes.txt", text="registered")
    with dsl.Else():
        write(path=f"{folder}/no.txt", text=judged.outputs["verdict"])


def compiled(pipeline: Any) -> dict[str, Any]:
    return MessageToDict(pipeline.pipeline_spec)


def request(spec: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {
        "displayName": "pipeline",
        "pipelineSpec": spec,
        "serviceAccount": ACCOUNT,
        "runtimeConfig": {
            "gcsOutputDirectory": f"gs://{BUCKET}/pipelines",
            "parameterValues": parameters,
        },
    }


def start(bench: Bench, spec: dict[str, Any], **parameters: Any) -> str:
    return bench.start("pipelineJobs", request(spec, **parameters), pipelineJobId=named("run"))


def tasks(ended: dict[str, Any]) -> dict[str, str]:
    return {one["taskName"]: one["state"] for one in ended["jobDetail"]["taskDetails"]}


def logged(bench: Bench, ended: dict[str, Any], task: str) -> list[str]:
    details = ended["jobDetail"]["taskDetails"]
    return bench.log(next(one["taskId"] for one in details if one["taskName"] == task))


@pytest.mark.parametrize(
    ("threshold", "left", "text", "triggered"),
    [
        (0.5, "yes.txt", b"registered", ("SUCCEEDED", "NOT_TRIGGERED")),
        (1.0, "no.txt", b"false", ("NOT_TRIGGERED", "SUCCEEDED")),
    ],
)
def test_a_condition_is_decided_by_what_a_task_has_written(
    bench: Bench, threshold: float, left: str, text: bytes, triggered: tuple[str, str]
) -> None:
    folder = named("gated")
    bench.put(f"{folder}/there.txt", "")

    name = start(bench, compiled(gated), folder=f"/gcs/{BUCKET}/{folder}", threshold=threshold)
    ended = bench.ended(name)

    assert ended["state"] == "PIPELINE_STATE_SUCCEEDED", ended
    assert bench.keys(folder) == sorted([f"{folder}/there.txt", f"{folder}/{left}"])
    assert bench.get(f"{folder}/{left}") == text
    found = tasks(ended)
    assert (found["condition-2"], found["condition-3"]) == triggered, found
    assert logged(bench, ended, "judge") == [name]


def test_a_task_that_fails_once_is_tried_again_and_one_that_fails_stops_what_follows(
    bench: Bench,
) -> None:
    @dsl.pipeline(name="brittle")
    def brittle(path: str) -> None:
        first = flaky(path=path).set_retry(num_retries=1)
        second = broken().after(first)
        write(path=f"{path}-never", text="x").after(second)

    folder = named("brittle")
    bench.put(f"{folder}/there.txt", "")

    ended = bench.ended(start(bench, compiled(brittle), path=f"/gcs/{BUCKET}/{folder}/mark"))

    assert ended["state"] == "PIPELINE_STATE_FAILED"
    assert tasks(ended) == {"flaky": "SUCCEEDED", "broken": "FAILED", "write": "NOT_TRIGGERED"}
    assert "The failed tasks are: [broken]" in ended["error"]["message"]
    details = {one["taskName"]: one for one in ended["jobDetail"]["taskDetails"]}
    assert "a non-zero status of 4" in details["broken"]["error"]["message"]
    assert bench.keys(folder) == [f"{folder}/mark", f"{folder}/there.txt"]


def test_a_cancelled_pipeline_ends_its_task(bench: Bench) -> None:
    @dsl.pipeline(name="endless")
    def whole() -> None:
        endless()

    name = start(bench, compiled(whole))
    details = bench.running_tasks(name)
    bench.until_logged(details[0]["taskId"], "here")

    bench.cloud.call("POST", f"aiplatform/v1/{name}:cancel", {})
    ended = bench.ended(name)

    assert ended["state"] == "PIPELINE_STATE_CANCELLED"
    assert tasks(ended) == {"endless": "CANCELLED"}


def test_what_the_interpreter_does_not_know_fails_the_pipeline(bench: Bench) -> None:
    @dsl.pipeline(name="loops")
    def loops() -> None:
        with dsl.ParallelFor(["a", "b"]) as item:
            write(path="/gcs/x", text=item)

    unfilled = json.loads(
        json.dumps(compiled(gated)).replace("{{$.pipeline_job_resource_name}}", "{{$.strange}}")
    )

    for spec, word in ((compiled(loops), "parameterIterator"), (unfilled, "strange")):
        ended = bench.ended(start(bench, spec, **({"folder": "x"} if spec is unfilled else {})))
        assert ended["state"] == "PIPELINE_STATE_FAILED"
        assert "The test cloud does not do" in ended["error"]["message"]
        assert word in ended["error"]["message"]


def test_a_task_starts_a_job_that_runs_under_its_own_account(bench: Bench) -> None:
    own = "flights-jobs@mlops-test.iam.gserviceaccount.com"
    code = bench.script(
        "import google.auth, google.auth.transport.requests as transport\n"
        "credentials, _ = google.auth.default()\n"
        "credentials.refresh(transport.Request())\n"
        "print(credentials.token)\n"
    )
    asked = job(pool("python", code))
    asked["jobSpec"]["serviceAccount"] = own
    text = (
        "import json, sys\n"
        "from mlops_iac_gcp import rest\n"
        "from mlops_iac_gcp.session import Place\n"
        f"place = Place(project={bench.cloud.project!r}, region={bench.cloud.region!r})\n"
        "create = 'projects.locations.customJobs.create'\n"
        "body = json.load(open(sys.argv[1]))\n"
        "print(rest.call(place, 'aiplatform.v1', create, {'parent': place.parent}, body)['name'])\n"
    )

    body = bench.put(f"{named('jobs')}.json", json.dumps(asked))

    @dsl.container_component
    def launch(body: str) -> ContainerSpec:
        return ContainerSpec(image=IMAGE, command=["python", "-c", text], args=[body])

    @dsl.pipeline(name="launching")
    def launching(body: str) -> None:
        launch(body=body)

    ended = bench.ended(start(bench, compiled(launching), body=body))

    assert ended["state"] == "PIPELINE_STATE_SUCCEEDED", ended
    (name,) = logged(bench, ended, "launch")
    assert bench.ended(name)["state"] == "JOB_STATE_SUCCEEDED", bench.log(name)
    assert bench.log(name) == [f"test-token-of:{own}"]
    creations = [
        one["caller"]
        for one in bench.cloud.control("calls", service="aiplatform")
        if one["method"] == "projects.locations.customJobs.create"
    ]
    assert creations[-1] == ACCOUNT


def test_a_schedule_starts_its_pipeline_when_its_time_comes(bench: Bench) -> None:
    folder = named("nightly")
    bench.put(f"{folder}/there.txt", "")
    job_request = request(compiled(gated), folder=f"/gcs/{BUCKET}/{folder}")
    place = f"aiplatform/v1/{bench.cloud.location}/schedules"
    made = bench.cloud.call(
        "POST",
        place,
        {
            "displayName": "nightly",
            "cron": "TZ=Europe/Berlin 0 3 * * *",
            "maxConcurrentRunCount": "1",
            "createPipelineJobRequest": {
                "parent": bench.cloud.location,
                "pipelineJob": job_request,
            },
        },
    )

    bench.cloud.clock.advance(86_400)

    started = bench.read(made["name"])["lastScheduledRunResponse"]["runResponse"]
    ended = bench.ended(started)
    assert ended["state"] == "PIPELINE_STATE_SUCCEEDED", ended
    assert ended["scheduleName"] == made["name"]
    assert bench.get(f"{folder}/yes.txt") == b"registered"
    bench.cloud.call("DELETE", f"aiplatform/v1/{made['name']}")
