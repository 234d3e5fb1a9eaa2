"""Proves that the Google Cloud test cloud executes jobs as Vertex AI lays them out."""

import json
from typing import Any

import pytest

from tests.clouds_gcp.worked import ACCOUNT, BUCKET, IMAGE, Bench, job, named, pool, training

pytestmark = pytest.mark.slow

_TELL = """
import json, os, google.auth
from google.auth.transport.requests import Request
from google.cloud import storage
credentials, project = google.auth.default()
credentials.refresh(Request())
names = [blob.name for blob in storage.Client().list_blobs(os.environ["BUCKET"])]
print(json.dumps([dict(os.environ), credentials.token, project, names]))
"""
_RESUME = """
import os, pathlib, time
from mlops_iac.runtime.conventions import local_path
root = pathlib.Path(os.environ["MLOPS_ROOT"])
folder = local_path(os.environ["AIP_CHECKPOINT_DIR"], root)
folder.mkdir(parents=True, exist_ok=True)
scratch = pathlib.Path(os.environ["TMPDIR"], "scratch")
print("scratch" if scratch.exists() else "new disk", flush=True)
scratch.touch()
if (folder / "step").exists():
    print("resumed at " + (folder / "step").read_text())
else:
    (folder / "step").write_text("7")
    print("saved", flush=True)
    time.sleep(600)
"""
_TRIAL = """
import json, os, pathlib, sys
given = dict(argument[2:].split("=") for argument in sys.argv[1:])
print(json.dumps(given))
if given["kind"] == '"c"':
    sys.exit(3)
told = {"trial": os.environ["CLOUD_ML_TRIAL_ID"], "auc": str(int(given["depth"]) / 10)}
file = pathlib.Path(os.environ["CLOUD_ML_HP_METRIC_FILE"])
file.parent.mkdir(parents=True)
file.write_text(json.dumps({**told, "global_step": "0"}) + "\\n")
"""
_MIRROR = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / "changed.txt").write_text("after")
(folder / "deleted.txt").unlink()
(folder / "new").mkdir()
(folder / "new" / "made.txt").write_text("made")
"""


def _told(bench: Bench, name: str) -> Any:
    return json.loads(bench.log(name)[-1])


def test_a_job_has_its_places_and_the_token_of_its_own_account(bench: Bench) -> None:
    folder = named("runs")
    code = bench.script(_TELL)

    name = bench.start(
        "customJobs",
        job(pool("python", code, BUCKET=BUCKET, LEFT=f"/gcs/{BUCKET}/x"), output=folder),
    )
    ended = bench.ended(name)

    assert ended["state"] == "JOB_STATE_SUCCEEDED", (ended, bench.log(name))
    environment, token, project, keys = _told(bench, name)
    assert environment["AIP_MODEL_DIR"] == f"gs://{BUCKET}/{folder}/model/"
    assert environment["AIP_CHECKPOINT_DIR"] == f"gs://{BUCKET}/{folder}/checkpoints/"
    assert environment["CLOUD_ML_JOB_ID"] == name.rpartition("/")[2]
    assert environment["LEFT"] == f"{environment['MLOPS_ROOT']}/gcs/{BUCKET}/x"
    assert (token, project) == (f"test-token-of:{ACCOUNT}", bench.cloud.project)
    assert "datasets/flights/1/rows.csv" in keys
    assert bench.cloud.token not in environment.values()


def test_replicas_know_each_other_and_see_one_bucket(bench: Bench) -> None:
    code = bench.script("import os; print(os.environ['CLUSTER_SPEC'])")

    name = bench.start("customJobs", job(pool("python", code), pool("python", code, replicas=2)))
    ended = bench.ended(name)

    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    told = [json.loads(line) for line in bench.log(name)]
    assert sorted((one["task"]["type"], one["task"]["index"]) for one in told) == [
        ("workerpool0", 0),
        ("workerpool1", 0),
        ("workerpool1", 1),
    ]
    assert told[0]["cluster"] == {
        "workerpool0": ["workerpool0-0:2222"],
        "workerpool1": ["workerpool1-0:2222", "workerpool1-1:2222"],
    }


def test_what_a_job_does_in_its_bucket_is_stored(bench: Bench) -> None:
    folder = named("mirror")
    for name in ("changed", "deleted", "kept"):
        bench.put(f"{folder}/{name}.txt", "before")
    generation = bench.storage.bucket(BUCKET).get_blob(f"{folder}/kept.txt").generation

    command = ("python", bench.script(_MIRROR), f"/gcs/{BUCKET}/{folder}")
    ended = bench.ended(bench.start("customJobs", job(pool(*command))))

    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    assert bench.keys(folder) == [
        f"{folder}/{name}.txt" for name in ("changed", "kept", "new/made")
    ]
    assert bench.get(f"{folder}/changed.txt") == b"after"
    kept = bench.storage.bucket(BUCKET).get_blob(f"{folder}/kept.txt")
    assert kept.generation == generation


def test_the_reason_of_a_failing_script_comes_through(bench: Bench) -> None:
    folder = named("runs")
    code = bench.code("raise ValueError('no flights today')")

    name = bench.start("customJobs", job(training(code), output=folder))
    ended = bench.ended(name)

    assert ended["state"] == "JOB_STATE_FAILED"
    assert "workerpool0-0 exited with a non-zero status of 1" in ended["error"]["message"]
    result = json.loads(bench.get(f"{folder}/output/run.json"))
    assert "no flights today" in result["error"]
    assert any("no flights today" in line for line in bench.log(name))


def test_a_spot_job_resumes_on_a_new_machine(bench: Bench) -> None:
    made = job(
        pool("python", bench.script(_RESUME)), output=named("runs"), strategy="SPOT", timeout="300s"
    )
    name = bench.start("customJobs", made)
    bench.until_logged(name, "saved")

    bench.cloud.control("interrupt", job=name)
    ended = bench.ended(name)

    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    assert bench.log(name) == ["new disk", "saved", "new disk", "resumed at 7"]


def test_a_job_on_machines_of_its_own_fails_with_them(bench: Bench) -> None:
    code = bench.script("import time; print('here', flush=True); time.sleep(600)")
    name = bench.start("customJobs", job(pool("python", code)))
    bench.until_logged(name, "here")

    bench.cloud.control("interrupt", job=name)
    ended = bench.ended(name)

    assert ended["state"] == "JOB_STATE_FAILED"
    assert "a worker was lost" in ended["error"]["message"]


def test_a_cancelled_job_is_told_to_end(bench: Bench) -> None:
    code = bench.script(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('told', flush=True)))\n"
        "print('here', flush=True)\n"
        "time.sleep(600)"
    )
    name = bench.start("customJobs", job(pool("python", code)))
    bench.until_logged(name, "here")

    bench.cloud.call("POST", f"aiplatform/v1/{name}:cancel", {})

    assert bench.ended(name)["state"] == "JOB_STATE_CANCELLED"
    assert bench.log(name) == ["here", "told"]


def test_a_job_has_no_more_time_than_it_asked_for(bench: Bench) -> None:
    code = bench.script("import time; time.sleep(600)")

    ended = bench.ended(bench.start("customJobs", job(pool("python", code), timeout="1s")))

    assert ended["state"] == "JOB_STATE_FAILED"
    assert "longer than its timeout" in ended["error"]["message"]


def test_an_image_that_is_nowhere_is_not_pulled(bench: Bench) -> None:
    made = pool("python", "-V")
    made["containerSpec"]["imageUri"] = IMAGE.replace("runtime", "unknown")

    ended = bench.ended(bench.start("customJobs", job(made)))

    assert ended["state"] == "JOB_STATE_FAILED"
    assert "it was not found" in ended["error"]["message"]


def _search(bench: Bench, kinds: list[str], **study: Any) -> dict[str, Any]:
    parameters = [
        {"parameterId": "depth", "integerValueSpec": {"minValue": "1", "maxValue": "2"}},
        {"parameterId": "kind", "categoricalValueSpec": {"values": kinds}},
    ]
    return {
        "displayName": "search",
        "maxTrialCount": 4,
        "parallelTrialCount": 1,
        "studySpec": {
            "metrics": [{"metricId": "auc", "goal": "MAXIMIZE"}],
            "parameters": parameters,
            **study,
        },
        "trialJobSpec": job(pool("python", bench.script(_TRIAL)))["jobSpec"],
    }


def test_a_grid_search_tries_all_and_reads_their_metrics(bench: Bench) -> None:
    asked = _search(bench, ['"b"', '"c"'], algorithm="GRID_SEARCH")

    ended = bench.ended(bench.start("hyperparameterTuningJobs", asked))

    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    settings = [
        {p["parameterId"]: p["value"] for p in one["parameters"]} for one in ended["trials"]
    ]
    assert settings == [{"depth": d, "kind": k} for d in (1, 2) for k in ('"b"', '"c"')]
    states = [one["state"] for one in ended["trials"]]
    assert states == ["SUCCEEDED", "INFEASIBLE", "SUCCEEDED", "INFEASIBLE"]
    best = ended["trials"][2]["finalMeasurement"]["metrics"]
    assert best == [{"metricId": "auc", "value": 0.2}]


def test_a_search_whose_trials_all_fail_has_failed(bench: Bench) -> None:
    asked = {**_search(bench, ['"c"']), "maxTrialCount": 1}

    ended = bench.ended(bench.start("hyperparameterTuningJobs", asked))

    assert ended["state"] == "JOB_STATE_FAILED"
    assert "All trials have failed" in ended["error"]["message"]


def test_work_that_the_cloud_does_not_do_fails(bench: Bench) -> None:
    batch = {
        "displayName": "batch",
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": ["gs://b/x"]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": "gs://b/y"},
        },
    }

    ended = bench.ended(bench.start("batchPredictionJobs", batch))

    assert "does not do the work of `batchPredictionJobs`" in ended["error"]["message"]
