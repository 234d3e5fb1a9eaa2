"""Proves the rules of the Google Cloud test cloud's work: paths, conditions, draws, workflows."""

import base64
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.gcp.work.container import moved
from tests.clouds.gcp.work.failures import UnknownError, WorkError
from tests.clouds.gcp.work.pipelines import values
from tests.clouds.gcp.work.pipelines.conditions import holds
from tests.clouds.gcp.work.tuning import settings
from tests.clouds.gcp.work.workflows.expressions import value
from tests.clouds_gcp.worked import ACCOUNT, BUCKET, IMAGE, SECONDS, Bench, job, named, pool

REPOSITORY = "flights-images"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/gcs/bucket/x", "/r/gcs/bucket/x"),
        ('{"path": "/gcs/bucket/x"}', '{"path": "/r/gcs/bucket/x"}'),
        ("a=/gcs/b/x,c=/tmp/y", "a=/r/gcs/b/x,c=/r/tmp/y"),
        ("gs://bucket/gcs/model", "gs://bucket/gcs/model"),
        ("https://host/gcs/x", "https://host/gcs/x"),
        ("/gcsfuse/x", "/gcsfuse/x"),
    ],
)
def test_paths_of_the_container_are_moved_and_no_others(text: str, expected: str) -> None:
    assert moved(text, Path("/r")) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("inputs.parameter_values['a'] == 'true'", True),
        ("!(inputs.parameter_values['a'] == 'true')", False),
        ("inputs.parameter_values['a'] != 'true' || int(inputs.parameter_values['n']) > 2", True),
        ("inputs.parameter_values['a'] == 'true' && int(inputs.parameter_values['n']) >= 4", False),
        ("inputs.parameter_values['t'] == 'a && !b'", True),
        ("true", True),
    ],
)
def test_a_condition_is_read_as_kfp_writes_it(condition: str, expected: bool) -> None:
    assert holds(condition, {"a": "true", "n": 3.0, "t": "a && !b"}) is expected


@pytest.mark.parametrize(
    "condition", ["size(inputs.parameter_values['a']) > 1", "inputs.artifacts['a']", "a ?: b"]
)
def test_a_condition_that_is_not_known_is_refused(condition: str) -> None:
    with pytest.raises(UnknownError):
        holds(condition, {"a": "true"})


def test_placeholders_are_filled_or_refused() -> None:
    inputs = {"n": 3.0, "list": [1, "a"]}

    def filled(text: str) -> Any:
        return values.filled(text, inputs, {"$.pipeline_job_name": "run"}, "/gcs/{}".format)

    assert filled("--n={{$.inputs.parameters['n']}}") == "--n=3"
    assert filled("{{$.inputs.parameters['list']}}") == '[1, "a"]'
    assert filled("{{$.outputs.parameters['m'].output_file}}") == "/gcs/m"
    assert filled("{{$.pipeline_job_name}}/x") == "run/x"
    for text in ("{{$}}", "{{$.inputs.artifacts['a'].uri}}", '{"IfPresent": {}}'):
        with pytest.raises(UnknownError):
            filled(text)


def test_a_parameter_that_is_needed_must_be_given() -> None:
    component = {
        "inputDefinitions": {
            "parameters": {
                "a": {"parameterType": "STRING"},
                "b": {"parameterType": "STRING", "defaultValue": "x"},
                "c": {"parameterType": "STRING", "isOptional": True},
            }
        }
    }

    assert values.with_defaults(component, {"a": "1"}) == {"a": "1", "b": "x"}
    with pytest.raises(WorkError, match="`a` is required"):
        values.with_defaults(component, {})


def _study(algorithm: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    study = {"algorithm": algorithm, "parameters": [*parameters], "metrics": []}
    return {"studySpec": study, "maxTrialCount": 50}


def test_draws_stay_within_their_ranges_and_are_the_same_each_time() -> None:
    asked = _study(
        "RANDOM_SEARCH",
        {
            "parameterId": "rate",
            "doubleValueSpec": {"minValue": 1e-4, "maxValue": 1.0},
            "scaleType": "UNIT_LOG_SCALE",
        },
        {"parameterId": "depth", "integerValueSpec": {"maxValue": "3"}},
        {"parameterId": "kind", "discreteValueSpec": {"values": [0.5, 2.0]}},
    )

    found = list(settings(asked))

    assert found == list(settings(asked))
    assert len(found) == 50
    assert all(1e-4 <= one["rate"] <= 1.0 for one in found)
    assert sum(one["rate"] < 1e-2 for one in found) > 10
    assert {one["depth"] for one in found} == {0.0, 1.0, 2.0, 3.0}
    assert {one["kind"] for one in found} == {0.5, 2.0}


def test_a_grid_takes_no_numbers_between_numbers() -> None:
    asked = _study(
        "GRID_SEARCH", {"parameterId": "r", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}
    )

    with pytest.raises(WorkError, match="GRID_SEARCH takes"):
        list(settings(asked))


def test_expressions_of_a_workflow_are_evaluated_or_refused() -> None:
    data = base64.b64encode(b'{"incident": {"state": "open"}}').decode()
    names = {"event": {"data": {"message": {"data": data}}}, "$environment": {"P": "p"}}
    decoded = "json.decode(text.decode(base64.decode(event.data.message.data)))"

    assert value(f"${{{decoded}.incident.state}}", names) == "open"
    assert value({"a": ['${"x" + "-" + "y"}']}, names) == {"a": ["x-y"]}
    assert value('${sys.get_env("P")}', names) == "p"
    assert value("${not (1 == 2) and true}", names) is True
    assert value('${default(map.get(event, "none"), 7)}', names) == 7
    with pytest.raises(UnknownError, match=r"uuid\.generate"):
        value("${uuid.generate()}", names)
    with pytest.raises(WorkError, match="missing"):
        value("${event.missing}", names)


def _state(bench: Bench, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while (told := bench.read(name, "workflowexecutions/v1"))["state"] == "ACTIVE":
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


def _workflow(bench: Bench, *steps: dict[str, Any]) -> str:
    source = json.dumps({"main": {"params": ["event"], "steps": [*steps]}})
    account = f"projects/{bench.cloud.project}/serviceAccounts/{ACCOUNT}"
    path = f"workflows/v1/{bench.cloud.location}/workflows?workflowId={named('react')}"
    made = bench.cloud.call("POST", path, {"sourceContents": source, "serviceAccount": account})
    return bench.finished(made, "workflows/v1")["name"]


def _execute(bench: Bench, workflow: str, argument: Any) -> dict[str, Any]:
    body = {"argument": json.dumps(argument)}
    made = bench.cloud.call("POST", f"workflowexecutions/v1/{workflow}/executions", body)
    return _state(bench, made["name"])


@pytest.mark.slow
def test_a_message_starts_a_pipeline_once_by_trigger_and_workflow(bench: Bench) -> None:
    run, topic = named("run"), f"projects/{bench.cloud.project}/topics/{named('alerts')}"
    bench.cloud.call("PUT", f"pubsub/v1/{topic}", {})
    workflow = _workflow(bench, *_starting(bench, run))
    trigger = {
        "eventFilters": [
            {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}
        ],
        "transport": {"pubsub": {"topic": topic}},
        "destination": {"workflow": workflow},
        "serviceAccount": ACCOUNT,
    }
    path = f"eventarc/v1/{bench.cloud.location}/triggers?triggerId={named('alert')}"
    bench.finished(bench.cloud.call("POST", path, trigger), "eventarc/v1")

    for state in ("closed", "open", "open"):
        data = base64.b64encode(json.dumps({"incident": {"state": state}}).encode()).decode()
        bench.cloud.call("POST", f"pubsub/v1/{topic}:publish", {"messages": [{"data": data}]})

    path = f"workflowexecutions/v1/{workflow}/executions"
    names = [one["name"] for one in bench.cloud.call("GET", path)["executions"]]
    ended = [_state(bench, name) for name in reversed(names)]
    assert [one["state"] for one in ended] == ["SUCCEEDED"] * 3, ended
    results = sorted(json.loads(one["result"]).rpartition("/")[2] for one in ended)
    assert results == sorted(["nothing to do", "just once", run])
    made = f"{bench.cloud.location}/pipelineJobs/{run}"
    assert bench.ended(made)["state"] == "PIPELINE_STATE_SUCCEEDED"


def _starting(bench: Bench, run: str) -> list[dict[str, Any]]:
    """Return steps that start a pipeline for an alert that opens; a taken id is no failure."""
    pipeline = {
        "displayName": "retrain",
        "pipelineSpec": {"root": {"dag": {"tasks": {}}}, "components": {}, "deploymentSpec": {}},
        "runtimeConfig": {"gcsOutputDirectory": f"gs://{BUCKET}/pipelines"},
        "serviceAccount": ACCOUNT,
    }
    create = {
        "call": "googleapis.aiplatform.v1.projects.locations.pipelineJobs.create",
        "args": {
            "parent": bench.cloud.location,
            "region": bench.cloud.region,
            "pipelineJobId": run,
            "body": pipeline,
        },
        "result": "job",
    }
    taken = [
        {"known": {"switch": [{"condition": "${error.code == 409}", "return": "just once"}]}},
        {"other": {"raise": "${error}"}},
    ]
    decoded = "json.decode(text.decode(base64.decode(event.data.message.data)))"
    return [
        {"read": {"assign": [{"alert": f"${{{decoded}}}"}]}},
        {
            "judge": {
                "switch": [
                    {"condition": '${alert.incident.state != "open"}', "return": "nothing to do"}
                ]
            }
        },
        {"start": {"try": create, "except": {"as": "error", "steps": taken}}},
        {"done": {"return": "${job.name}"}},
    ]


@pytest.mark.slow
def test_a_workflow_that_says_what_is_not_known_or_is_refused_fails(bench: Bench) -> None:
    unknown = _workflow(bench, {"loop": {"for": {"value": "x", "in": [1], "steps": []}}})
    get = "googleapis.aiplatform.v1.projects.locations.models.get"
    name = f"{bench.cloud.location}/models/none"
    refused = _workflow(bench, {"ask": {"call": get, "args": {"name": name}}})

    for workflow, words in ((unknown, "does not do ['for']"), (refused, "was not found")):
        ended = _execute(bench, workflow, {})
        assert ended["state"] == "FAILED"
        assert words in ended["error"]["context"]


def _build(bench: Bench, *names: str) -> dict[str, Any]:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, named("x"))
    key = f"images/{named('context')}.zip"
    bench.put(key, content.getvalue())
    address = f"{IMAGE.split('/')[0]}/{bench.cloud.project}/{REPOSITORY}/{named('job')}:1"
    return {
        "source": {"storageSource": {"bucket": BUCKET, "object": key}},
        "steps": [
            {"name": "gcr.io/cloud-builders/docker", "args": ["build", "--tag", address, "."]}
        ],
        "images": [address],
        "serviceAccount": f"projects/{bench.cloud.project}/serviceAccounts/{ACCOUNT}",
        "options": {"logging": "CLOUD_LOGGING_ONLY"},
    }


def _built(bench: Bench, asked: dict[str, Any]) -> dict[str, Any]:
    path = f"cloudbuild/v1/{bench.cloud.location}/builds"
    name = bench.cloud.call("POST", path, asked)["metadata"]["build"]["name"]
    deadline = time.monotonic() + SECONDS
    while (told := bench.read(name, "cloudbuild/v1"))["status"] in {"QUEUED", "WORKING"}:
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


@pytest.fixture(scope="module")
def repository(bench: Bench) -> str:
    path = f"artifactregistry/v1/{bench.cloud.location}/repositories?repositoryId={REPOSITORY}"
    body = {"format": "DOCKER", "dockerConfig": {"immutableTags": True}}
    bench.finished(bench.cloud.call("POST", path, body), "artifactregistry/v1")
    return f"{bench.cloud.location}/repositories/{REPOSITORY}"


@pytest.mark.slow
def test_a_build_leaves_an_image_that_jobs_run(bench: Bench, repository: str) -> None:
    del repository
    asked = _build(bench, "Dockerfile", "requirements.txt")

    told = _built(bench, asked)

    assert told["status"] == "SUCCESS", told
    (image,) = told["results"]["images"]
    address = f"{asked['images'][0].rpartition(':')[0]}@{image['digest']}"
    made = pool("python", "-V")
    made["containerSpec"]["imageUri"] = address
    assert bench.ended(bench.start("customJobs", job(made)))["state"] == "JOB_STATE_SUCCEEDED"


@pytest.mark.slow
def test_a_build_of_what_cannot_be_built_fails(bench: Bench, repository: str) -> None:
    del repository
    without = _built(bench, _build(bench, "requirements.txt"))
    asked = _build(bench, "Dockerfile")
    other = _built(bench, {**asked, "images": [f"{asked['images'][0]}2"]})

    assert (without["status"], other["status"]) == ("FAILURE", "FAILURE")
    assert "Dockerfile" in without["statusDetail"]
    assert "failed to find" in other["statusDetail"]
