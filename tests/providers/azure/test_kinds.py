"""What datasets, training jobs, models and endpoints register.

Proves what is declared and which requests a run and a deployment stand for; nothing is sent.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.providers.azure.harness import DIGEST, Recording, record
from tests.providers.azure.scenarios import SCENARIOS, write_project

Recorded = Callable[[str], Recording]


def _run(recording: Recording) -> dict[str, Any]:
    return dict(recording.one("TrainingRun").inputs)


def test_local_files_are_uploaded_under_their_hash(recorded: Recorded) -> None:
    """The data version's number is the hash that is in the blobs' names."""
    recording = recorded("minimal")
    version = recording.one("DataVersion").inputs
    blobs = [r for r in recording.of("Blob") if r.name.startswith("departures-")]

    folder = f"datasets/departures/{version['version']}"
    assert [b.inputs["blobName"] for b in blobs] == [f"{folder}/a.parquet", f"{folder}/b.parquet"]
    assert version["properties"]["dataUri"].endswith(f"/datastores/mlops_iac/paths/{folder}")
    assert all(b.retain_on_delete for b in blobs)


def test_remote_data_is_named_where_it_lies(recorded: Recorded) -> None:
    """Nothing is uploaded; a file is a file, a folder a folder."""
    file = recorded("image-by-hand").one("DataVersion").inputs["properties"]
    folder = recorded("remote-folder").one("DataVersion").inputs["properties"]

    assert (file["dataType"], folder["dataType"]) == ("uri_file", "uri_folder")
    assert file["dataUri"] == "https://data.blob.core.windows.net/x/y.csv"


def test_columns_travel_with_the_version(recorded: Recorded) -> None:
    """The runtime reads them there."""
    version = recorded("everything-about-training").one("DataVersion").inputs["properties"]

    assert version["properties"] == {
        "format": "parquet",
        "column.delay": "number",
        "column.late": "boolean",
    }


def test_a_run_submits_the_job_and_registers_its_model(recorded: Recorded) -> None:
    """In this order; the job's name comes from the key."""
    run = _run(recorded("everything-about-training"))
    job, version = run["requests"]
    properties = job["body"]["properties"]

    assert job["operation"] == "PUT Microsoft.MachineLearningServices/workspaces/jobs"
    assert job["params"]["id"] == properties["displayName"] == run["job"]
    assert properties["resources"] == {"instanceType": "Standard_NC4as_T4_v3", "instanceCount": 2}
    assert properties["queueSettings"] == {"jobTier": "Spot"}
    assert properties["distribution"]["distributionType"] == "PyTorch"
    assert properties["limits"]["timeout"] == "PT10800S"
    assert set(properties["inputs"]) == {"train_set", "other"}
    assert version["body"]["properties"]["stage"] == "Pending"
    assert run["maxWaitSeconds"] == 12 * 3600


def test_secrets_are_named_and_never_given(recorded: Recorded) -> None:
    """The runtime reads the address at start."""
    job = _run(recorded("everything-about-training"))["requests"][0]["body"]["properties"]
    variables = job["environmentVariables"]

    assert variables["MODE"] == "full"
    reference = variables["MLOPS_SECRET_TOKEN"]
    assert reference.startswith("azure-keyvault:https://")
    assert reference.endswith(".vault.azure.net/secrets/api-token")
    assert "TOKEN" not in variables


def test_an_image_of_ones_own_is_started_by_train(recorded: Recorded) -> None:
    """And, run by hand, is no resource."""
    recording = recorded("image-by-hand")
    spec = recording.one("ComponentVersion").inputs["properties"]["componentSpec"]
    image = recording.one("EnvironmentVersion", "delay-environment-version")

    assert recording.of("TrainingRun") == []
    assert spec["command"].endswith(" train")
    assert image.inputs["properties"]["image"] == f"example.azurecr.io/mine@{DIGEST}"


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("code/helper.py", True),
        ("data/a.parquet", True),
        ("requirements.txt", True),
        ("mlops.yaml", False),
        ("code/__pycache__/helper.pyc", False),
    ],
)
def test_the_key_follows_what_matters(tmp_path: Path, *, file: str, changes: bool) -> None:
    """Code, data and locked requirements do; caches and the declaration's own file do not."""
    scenario = SCENARIOS["everything-about-training"]
    before = _run(record(scenario.plan(tmp_path)))["key"]
    (tmp_path / "code" / "__pycache__").mkdir()
    drawn = scenario.plan(tmp_path)
    (tmp_path / file).write_text("changed")

    after = _run(record(drawn))["key"]

    assert (after != before) is changes


def test_scenarios_plan_without_a_problem(tmp_path: Path) -> None:
    """They are what azure takes."""
    write_project(tmp_path)

    assert [p for s in SCENARIOS.values() for p in s.plan(tmp_path).problems] == []


def test_columns_are_told_to_the_job(recorded: Recorded) -> None:
    """By input, for the check at its start."""
    job = _run(recorded("everything-about-training"))["requests"][0]["body"]["properties"]

    assert json.loads(job["environmentVariables"]["MLOPS_COLUMNS_TRAIN_SET"]) == {
        "format": "parquet",
        "columns": {"delay": "number", "late": "boolean"},
    }
