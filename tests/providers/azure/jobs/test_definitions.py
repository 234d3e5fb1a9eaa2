"""What is registered of jobs, over declarations; recorded, so nothing runs."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure.jobs.mounting import kind_of, mounted
from mlops_iac_azure.jobs.searching import distribution, meaning, words
from mlops_iac_azure.work.trials import decoded

from mlops_iac.specs import (
    Choice,
    HyperparameterSearch,
    IntegerRange,
    ProcessingJob,
    Spot,
    TrainingJob,
)
from mlops_iac.specs.hyperparameter_search import NumberRange, Strategy
from tests.providers.azure.complete import complete
from tests.providers.azure.harness import IMAGE, Recording, planned, record
from tests.providers.azure.jobs.world import DATA, FILES, MODEL, made


def _recorded(folder: Path, *components: Any) -> Recording:
    (folder / "data").mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return record(planned(components, folder, runtime_image=IMAGE))


def _pipelines(recording: Recording) -> Iterator[Mapping[str, Any]]:
    for each in (*recording.of("JobRun"), *recording.of("Schedule")):
        properties = each.inputs["requests"][0]["body"]["properties"]
        yield properties["action"]["jobDefinition"] if "action" in properties else properties


def test_every_node_runs_on_a_cluster_that_the_platform_makes(tmp_path: Path) -> None:
    """Over the complete declaration: all kinds, with features, gates, monitor and policy."""
    recording = _recorded(tmp_path, *complete())

    clusters = {each.inputs["computeName"] for each in recording.of("Compute")}
    nodes = [node for job in _pipelines(recording) for node in job["jobs"].values()]

    assert nodes
    assert {node["computeId"].rpartition("/")[2] for node in nodes} == clusters


def test_clusters_are_empty_when_idle_and_have_one_identity(tmp_path: Path) -> None:
    job = made(TrainingJob, "delay", script="train.py", data="departures", spot=Spot(), instances=3)
    recording = _recorded(tmp_path, DATA, MODEL, job)

    properties = {
        each.name: each.inputs["properties"]["properties"] for each in recording.of("Compute")
    }
    assert {name: told["vmPriority"] for name, told in properties.items()} == {
        "platform-cluster-pipeline-d2as-v4": "Dedicated",
        "platform-cluster-training-d2as-v4-spot": "LowPriority",
    }
    scales = [told["scaleSettings"] for told in properties.values()]
    assert {scale["minNodeCount"] for scale in scales} == {0}
    spot = properties["platform-cluster-training-d2as-v4-spot"]
    assert spot["scaleSettings"]["maxNodeCount"] == 3
    for each in recording.of("Compute"):
        assert len(each.inputs["identity"]["userAssignedIdentities"]) == 1


def test_a_scheduled_run_is_told_no_key_and_is_found_by_its_tags(tmp_path: Path) -> None:
    recording = _recorded(tmp_path, *complete())

    (weekly,) = (each for each in recording.of("Schedule") if each.component == "retrain")
    job = weekly.inputs["requests"][0]["body"]["properties"]["action"]["jobDefinition"]

    assert job["inputs"]["mlops_key"]["value"] == "-"
    assert job["tags"]["mlops-iac-component"] == "retrain"
    assert job["tags"][f"mlops-iac-runs-of-{job['displayName']}"] == "run"


def test_no_document_of_a_step_holds_a_secret_or_a_token(tmp_path: Path) -> None:
    secret = {"TOKEN": {"secret": "api-token"}}
    job = made(ProcessingJob, "clean", script="train.py", data="departures",
               outputs={"rows": "csv"}, environment=secret)  # fmt: skip
    recording = _recorded(tmp_path, DATA, job)

    (document,) = recording.one("JobRun").inputs["documents"]

    told = document["program"]["environment"]["MLOPS_SECRET_TOKEN"]
    assert told.startswith("azure-keyvault:https://")
    assert told.endswith("/secrets/api-token")


@pytest.mark.parametrize(
    ("parameter", "strategy", "drawn", "word", "value"),
    [
        (NumberRange(min=0.1, max=1), Strategy.BAYESIAN, "uniform", "0.25", 0.25),
        (
            NumberRange(min=0.1, max=1, log=True),
            Strategy.RANDOM,
            "uniform",
            str(math.log(0.5)),
            0.5,
        ),
        (IntegerRange(min=2, max=8), Strategy.BAYESIAN, "quniform", "3.0", 3),
        (IntegerRange(min=1, max=99, log=True), Strategy.RANDOM, "uniform", str(math.log(7)), 7),
        (IntegerRange(min=2, max=4), Strategy.GRID, "choice", "4", 4),
        (Choice(choices=("relu", "tanh")), Strategy.GRID, "choice", "tanh", "tanh"),
        (Choice(choices=(1, 2.5, True)), Strategy.BAYESIAN, "choice", "2.5", 2.5),
        (Choice(choices=("two words", "x")), Strategy.BAYESIAN, "choice", "0", "two words"),
        (Choice(choices=(1, "1")), Strategy.BAYESIAN, "choice", "1", "1"),
    ],
)
def test_a_word_of_a_trial_stands_for_a_value_with_its_type(
    parameter: Any, strategy: Strategy, drawn: str, word: str, value: Any
) -> None:
    told = distribution(parameter, strategy)

    found = decoded(word, json.loads(json.dumps(meaning(parameter))))

    assert told["type"] == drawn
    assert found == pytest.approx(value) if isinstance(value, float) else found == value
    assert type(found) is type(value)


def test_words_of_a_choice_are_left_alone_by_a_shell() -> None:
    assert words(Choice(choices=("$(rm -rf /)", "x"))) == {"0": "$(rm -rf /)", "1": "x"}


@pytest.mark.parametrize(
    ("location", "whole", "inside"),
    [
        ("https://a.blob.core.windows.net/artifacts/data/clean/k/rows",
         "azureml://datastores/mlops_iac/paths/data/clean/k/rows", ""),
        ("https://a.blob.core.windows.net/artifacts/data/clean/${mlops-iac.key}/rows",
         "azureml://datastores/mlops_iac/paths/data/clean/", "${mlops-iac.key}/rows"),
        ("azureml://datastores/other/paths/x", "azureml://datastores/other/paths/x", ""),
    ],
)  # fmt: skip
def test_what_is_mounted_is_the_same_in_every_run(location: str, whole: str, inside: str) -> None:
    assert mounted(location) == (whole, inside)


def test_a_single_file_is_mounted_as_one() -> None:
    assert kind_of("https://lake.blob.core.windows.net/raw/y.csv") == "uri_file"
    assert kind_of("https://a.blob.core.windows.net/artifacts/data/${mlops-iac.key}/y.csv") == (
        "uri_folder"
    )


def test_a_seed_and_a_dash_reach_azures_search(tmp_path: Path) -> None:
    job = made(TrainingJob, "delay", script="train.py", data="departures")
    parameters = {"learning-rate": {"min": 0.1, "max": 1}}
    search = made(HyperparameterSearch, "tune", job="delay", metric="auc", strategy="random",
                  seed=7, parameters=parameters)  # fmt: skip
    recording = _recorded(tmp_path, DATA, job, search)

    run = recording.one("JobRun", "tune-run")
    node = run.inputs["requests"][0]["body"]["properties"]["jobs"]["tune_trials"]

    assert node["sampling_algorithm"] == {"type": "random", "rule": "random", "seed": 7}
    assert [*node["search_space"]] == ["learning_rate"]
