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
    return dict(recording.one("JobRun").inputs)


def _sent(recording: Recording) -> dict[str, Any]:
    return _run(recording)["requests"][0]["body"]["properties"]


def _told(recording: Recording, step: str) -> dict[str, Any]:
    (document,) = [each for each in _run(recording)["documents"] if each["step"] == step]
    return document


def test_local_files_are_uploaded_under_their_hash(recorded: Recorded) -> None:
    """The data version's number is the hash that is in the blobs' names."""
    recording = recorded("minimal")
    version = recording.one("Asset", "departures-version").inputs
    files = recording.one("Upload", "departures-files").inputs

    folder = f"datasets/departures/{version['version']}"
    assert files["path"] == folder
    assert sorted(files["files"]) == ["a.parquet", "b.parquet"]
    assert version["properties"]["dataUri"].endswith(f"/datastores/mlops_iac/paths/{folder}/")


def test_remote_data_is_named_where_it_lies(recorded: Recorded) -> None:
    """Nothing is uploaded; a file is a file, a folder a folder."""
    file, folder = (
        recorded(name).one("Asset", "departures-version").inputs["properties"]
        for name in ("image-by-hand", "remote-folder")
    )

    assert (file["dataType"], folder["dataType"]) == ("uri_file", "uri_folder")
    assert file["dataUri"] == "https://data.blob.core.windows.net/x/y.csv"


def test_columns_travel_with_the_version(recorded: Recorded) -> None:
    """People see them there."""
    version = recorded("everything-about-training").one("Asset", "departures-version").inputs

    assert version["properties"]["properties"] == {
        "format": "parquet",
        "column.delay": "number",
        "column.late": "boolean",
    }


def test_a_run_puts_the_pipeline_job_and_registers_its_model(recorded: Recorded) -> None:
    """In this order; the job's name comes from the key."""
    recording = recorded("everything-about-training")
    run, sent = _run(recording), _sent(recording)
    job, version = run["requests"]
    node = sent["jobs"]["delay"]

    assert job["operation"] == "PUT Microsoft.MachineLearningServices/workspaces/jobs"
    assert job["params"]["id"] == f"{sent['displayName']}-{run['key'][:16]}"
    assert node["resources"] == {"instance_count": 2}
    assert node["distribution"]["distribution_type"] == "PyTorch"
    assert node["limits"]["timeout"] == "PT10800S"
    assert {"input_train_set", "input_other"} <= set(node["inputs"])
    assert node["outputs"]["checkpoints"]["uri"].endswith("/paths/checkpoints/delay/")
    assert version["body"]["properties"]["stage"] == "Pending"
    assert _told(recording, "delay")["run_seconds"] == 12 * 3600


def test_secrets_are_named_and_never_given(recorded: Recorded) -> None:
    """The runtime reads the address at start."""
    variables = _told(recorded("everything-about-training"), "delay")["program"]["environment"]

    assert variables["MODE"] == "full"
    reference = variables["MLOPS_SECRET_TOKEN"]
    assert reference.startswith("azure-keyvault:https://")
    assert reference.endswith(".vault.azure.net/secrets/api-token")
    assert "TOKEN" not in variables


def test_an_image_of_ones_own_is_started_by_train(recorded: Recorded) -> None:
    """And, run by hand, is no resource."""
    recording = recorded("image-by-hand")
    component = recording.one("Asset", "delay-delay-image-component").inputs["properties"]
    images = [
        each.inputs["properties"]["image"]
        for each in recording.of("Asset")
        if each.inputs["asset"] == "environments" and each.component == "delay"
    ]

    assert recording.of("JobRun") == []
    assert component["componentSpec"]["command"].endswith(" train")
    assert f"example.azurecr.io/mine@{DIGEST}" in images


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

    assert [p for s in SCENARIOS.values() for p in s.plan(tmp_path).errors] == []


def test_columns_are_told_to_the_program(recorded: Recorded) -> None:
    """By input, for the check at its start: the manifest has them."""
    recording = recorded("everything-about-training")
    files = _told(recording, "delay")["program"]["files"]

    manifest = recording.one("Upload", "departures-manifest").inputs
    assert files["MLOPS_COLUMNS_TRAIN_SET"] == manifest["path"]
    assert json.loads(manifest["content"])["columns"] == {"delay": "number", "late": "boolean"}
