"""Proves that the Azure test cloud executes commands and sweeps as Azure ML lays them out."""

import json
from typing import Any

import pytest

from tests.clouds_azure.worked import ACCOUNT, Bench, last, named, uri

pytestmark = pytest.mark.slow

_TELL = """
import json, os, pathlib
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient
root = os.environ["MLOPS_IAC_AZURE_ENDPOINT_BLOB"]
blobs = BlobServiceClient(f"{root}/{os.environ['ACCOUNT']}", credential=DefaultAzureCredential())
names = list(blobs.get_container_client("artifacts").list_blob_names(name_starts_with="datasets/"))
token = DefaultAzureCredential().get_token("https://storage.azure.com/.default").token
here = sorted(path.name for path in pathlib.Path.cwd().iterdir())
print(json.dumps([dict(os.environ), token, names, here]))
"""
_COPY = """
import pathlib, sys
rows, model = map(pathlib.Path, sys.argv[1:3])
found = sorted(rows.rglob("*.csv")) if rows.is_dir() else [rows]
(model / "deep").mkdir(parents=True, exist_ok=True)
(model / "deep" / "rows.csv").write_text(found[0].read_text())
pathlib.Path("outputs").mkdir()
pathlib.Path("outputs/note.txt").write_text(" ".join(sys.argv[3:]))
if "fail" in sys.argv:
    raise ValueError("no flights today")
"""
_RESUME = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
if (folder / "step").exists():
    print("resumed at " + (folder / "step").read_text())
else:
    (folder / "step").write_text("7")
    print("saved", flush=True)
    time.sleep(600)
"""
_TRIAL = """
import json, os, sys
depth, kind = int(sys.argv[1]), sys.argv[2]
if kind == "c":
    sys.exit(3)
from azure.identity import DefaultAzureCredential
import requests
uri = os.environ["MLFLOW_TRACKING_URI"].replace("azureml://", "https://")
token = DefaultAzureCredential().get_token("https://ml.azure.com/.default").token
told = {"run_id": os.environ["MLFLOW_RUN_ID"], "key": "auc", "value": depth / 10, "timestamp": 1}
requests.post(uri + "/api/2.0/mlflow/runs/log-metric", json=told,
              headers={"Authorization": "Bearer " + token}).raise_for_status()
open(sys.argv[3] + "/depth.txt", "w").write(str(depth))
"""


def test_a_job_has_its_folders_and_the_token_of_its_own_identity(bench: Bench) -> None:
    left = {"LEFT": "/tmp/x/y", "ACCOUNT": ACCOUNT}  # noqa: S108  a path in a container
    name, told, log = bench.done(bench.command(_TELL, environmentVariables=left))

    assert told["status"] == "Completed", (told, log)
    environment, token, names, here = last(log)
    assert environment["AZUREML_RUN_ID"] == environment["MLFLOW_RUN_ID"] == name
    assert environment["LEFT"] == environment["MLOPS_ROOT"] + left["LEFT"]
    assert environment["MLFLOW_TRACKING_URI"].startswith("azureml://")
    client = bench.cloud.ask("GET", bench.identity)["properties"]["clientId"]
    assert environment["DEFAULT_IDENTITY_CLIENT_ID"] == client
    assert token.split(".")[1] == _claims(bench, token)
    assert names == ["datasets/flights/1/rows.csv"]
    assert here == ["main.py"]


def _claims(bench: Bench, token: str) -> str:
    """Return the claims of a token, when its principal is the identity's."""
    import base64

    middle = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    known = bench.cloud.ask("GET", bench.identity)["properties"]
    return middle if claims["oid"] == known["principalId"] else ""


@pytest.mark.parametrize("kind", ["folder", "file", "asset", "address"])
def test_inputs_are_mounted_and_outputs_are_stored(bench: Bench, kind: str) -> None:
    folder = named("runs")
    inputs: dict[str, Any] = {
        "folder": {"jobInputType": "uri_folder", "uri": uri("datasets/flights/1/")},
        "file": {"jobInputType": "uri_file", "uri": uri("datasets/flights/1/rows.csv")},
        "asset": {"jobInputType": "uri_folder", "uri": "azureml:flights:1"},
        "address": {
            "jobInputType": "uri_folder",
            "uri": f"https://{ACCOUNT}.blob.core.windows.net/artifacts/datasets/flights/1",
        },
    }
    version = f"{bench.workspace}/data/flights/versions/1"
    bench.put(version, {"dataType": "uri_folder", "dataUri": uri("datasets/flights/1")})

    name, told, log = bench.done(
        bench.command(
            _COPY,
            command="python main.py ${{inputs.rows}} ${{outputs.model}} ${{inputs.word}}",
            inputs={"rows": inputs[kind], "word": {"jobInputType": "literal", "value": "told"}},
            outputs={"model": {"jobOutputType": "uri_folder", "uri": uri(f"{folder}/model")}},
        )
    )

    assert told["status"] == "Completed", (told, log)
    assert bench.read(f"{folder}/model/deep/rows.csv").startswith(b"a,b,y\n")
    assert bench.read(f"ExperimentRun/dcid.{name}/outputs/note.txt", "azureml") == b"told"


def test_what_a_failing_job_has_left_is_stored_and_its_reason_is_logged(bench: Bench) -> None:
    name, told, log = bench.done(
        bench.command(
            _COPY,
            command="python main.py ${{inputs.rows}} ${{outputs.model}} fail",
            inputs={"rows": {"jobInputType": "uri_folder", "uri": uri("datasets/flights/1")}},
            outputs={"model": {"jobOutputType": "uri_folder"}},
        )
    )

    assert told["status"] == "Failed"
    assert "ValueError: no flights today" in log
    store = bench.cloud.ask("GET", f"{bench.workspace}/datastores/workspaceblobstore")
    container = store["properties"]["containerName"]
    assert bench.read(f"azureml/{name}/model/deep/rows.csv", container)


def test_machines_know_each_other(bench: Bench) -> None:
    told_by = (
        "import os; print(os.environ['RANK'], os.environ['NODE_RANK'], os.environ['WORLD_SIZE'])"
    )
    name, told, _ = bench.done(
        bench.command(
            told_by,
            resources={"instanceCount": 2},
            distribution={"distributionType": "PyTorch", "processCountPerInstance": 2},
        )
    )

    assert told["status"] == "Completed", told
    logs = [bench.log(name, f"std_log_process_{rank}.txt") for rank in range(4)]
    assert logs == [["0 0 4"], ["1 0 4"], ["2 1 4"], ["3 1 4"]]


@pytest.mark.parametrize("tier", ["Spot", "Standard"])
def test_a_job_whose_node_is_taken_resumes_when_it_may_be_taken(bench: Bench, tier: str) -> None:
    name = bench.start(
        bench.command(
            _RESUME,
            command="python main.py ${{outputs.checkpoints}}",
            outputs={"checkpoints": {"jobOutputType": "uri_folder"}},
            queueSettings={"jobTier": tier},
        )
    )
    bench.until_logged(name, "saved")

    bench.cloud.control("interrupt", job=name)
    ended = bench.ended(name)

    is_spot = tier == "Spot"
    assert ended["status"] == ("Completed" if is_spot else "Failed"), bench.log(name)
    assert bench.log(name) == (["saved", "resumed at 7"] if is_spot else ["saved"])


def test_a_cancelled_job_is_told_to_end(bench: Bench) -> None:
    name = bench.start(
        bench.command(
            "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('told', flush=True)))\n"
            "print('here', flush=True)\n"
            "time.sleep(600)"
        )
    )
    bench.until_logged(name, "here")

    bench.cloud.ask("POST", f"{bench.workspace}/jobs/{name}/cancel", {})

    assert bench.ended(name)["status"] == "Canceled"
    assert bench.log(name) == ["here", "told"]


def test_a_job_has_no_more_time_than_it_asked_for(bench: Bench) -> None:
    limits = {"jobLimitsType": "Command", "timeout": "PT1S"}
    _, told, _ = bench.done(bench.command("import time; time.sleep(600)", limits=limits))

    assert told["status"] == "Failed"


def test_a_job_without_its_data_or_image_fails(bench: Bench) -> None:
    gone = {"rows": {"jobInputType": "uri_folder", "uri": uri("nowhere")}}
    bench.put(f"{bench.workspace}/environments/other/versions/1", {"image": "docker.io/x:1"})

    _, without_data, _ = bench.done(bench.command("pass", inputs=gone))
    _, without_image, _ = bench.done(bench.command("pass", environmentId="azureml:other:1"))

    assert [without_data["status"], without_image["status"]] == ["Failed", "Failed"]


def _sweep(bench: Bench, kinds: list[str], **changes: Any) -> dict[str, Any]:
    told = bench.command(_TRIAL)
    command = "python main.py ${{search_space.depth}} ${{search_space.kind}} ${{outputs.model}}"
    trial = {"command": command, "codeId": told["codeId"], "environmentId": told["environmentId"]}
    return {
        "jobType": "Sweep",
        "identity": told["identity"],
        "trial": trial,
        "searchSpace": {"depth": ["choice", [[1, 2]]], "kind": ["choice", [kinds]]},
        "samplingAlgorithm": {"samplingAlgorithmType": "Grid"},
        "objective": {"goal": "Maximize", "primaryMetric": "auc"},
        "limits": {"jobLimitsType": "Sweep", "maxTotalTrials": 4},
        "outputs": {"model": {"jobOutputType": "uri_folder", "uri": uri("best/model")}},
        **changes,
    }


def test_a_sweep_tries_its_space_and_keeps_the_best(bench: Bench) -> None:
    name = named("sweep")
    sweep = _sweep(bench, ["a", "c"])
    sweep["outputs"]["model"]["uri"] = uri(f"{name}/model")

    bench.start(sweep, name)
    told = bench.ended(name)

    assert told["status"] == "Completed", (told, bench.log(f"{name}_0"))
    assert told["properties"]["best_child_run_id"] == f"{name}_2"
    assert float(told["properties"]["score"]) == 0.2
    trials = [bench.job(f"{name}_{number}")["status"] for number in range(4)]
    assert trials == ["Completed", "Failed", "Completed", "Failed"]
    assert bench.read(f"{name}/model/depth.txt") == b"2"


def test_a_sweep_without_a_trial_that_tells_its_metric_fails(bench: Bench) -> None:
    name = bench.start(_sweep(bench, ["c"]), named("sweep"))

    assert bench.ended(name)["status"] == "Failed"


def test_a_schedule_starts_its_job_as_its_computes_identity(bench: Bench) -> None:
    machines = {"computeType": "AmlCompute", "properties": {"vmSize": "STANDARD_DS2_V2"}}
    identity = {"type": "UserAssigned", "userAssignedIdentities": {bench.identity: {}}}
    cluster = f"{bench.workspace}/computes/{named('own')}"
    bench.put(cluster, machines, location=bench.cloud.region, identity=identity)
    job = bench.command("import os; print(os.environ['MSI_SECRET'])", computeId=cluster)
    del job["identity"]
    schedule = named("nightly")
    trigger = {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC"}
    action = {"actionType": "CreateJob", "jobDefinition": job}
    bench.put(f"{bench.workspace}/schedules/{schedule}", {"trigger": trigger, "action": action})

    name = bench.cloud.control("fire", schedule=schedule)["started"].rpartition("/")[2]
    told = bench.ended(name)

    assert told["status"] == "Completed", (told, bench.log(name))
    principal = bench.cloud.ask("GET", bench.identity)["properties"]["principalId"]
    assert bench.log(name)[0].endswith(principal)
