"""Gates of a pipeline whose training reads features: both are judged on joined rows."""

import json
from pathlib import Path
from typing import Any

from mlops_iac.specs import Dataset, FeatureGroup, Pipeline
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import RUNTIME, delay, flights, late, write_files

GATE = {"metric": "roc_auc", "data": "judged", "label": "late"}


def _steps(folder: Path, **training: Any) -> dict[str, dict[str, Any]]:
    recorded = record(
        write_files(folder),
        flights(columns={"origin": "string", "time": "timestamp"}),
        Dataset("judged", source="s3://elsewhere/judged/", format="csv"),
        FeatureGroup(
            "airports",
            data="flights",
            entities=("origin",),
            event_time="time",
            features={"temp": "number"},
        ),
        late(),
        delay(run="manual", **training),
        Pipeline("daily", steps=("airports", "delay"), gates=(GATE,)),
        runtime_image=RUNTIME,
    )
    text = recorded.one("daily-pipeline").inputs["pipelineDefinition"]
    return {step["Name"]: step for step in json.loads(text)["Steps"]}


def _input(step: dict[str, Any], name: str) -> Any:
    given = {item["InputName"]: item["S3Input"] for item in step["Arguments"]["ProcessingInputs"]}
    return given[name]["S3Uri"]


def test_the_rows_of_a_gate_are_joined_with_the_features_of_the_training(tmp_path: Path) -> None:
    steps = _steps(tmp_path, features=("airports",))

    joins, gates = steps["daily-join"], steps["daily-gates"]
    assert "daily-join" in gates["DependsOn"]
    assert {"airports", "delay"} <= set(joins["DependsOn"])
    assert _input(gates, "judged")["Std:Join"]["Values"][-2:] == ["judged", ""]


def test_without_features_the_rows_are_judged_as_they_are(tmp_path: Path) -> None:
    steps = _steps(tmp_path)

    assert "daily-join" not in steps
    assert _input(steps["daily-gates"], "judged") == "s3://elsewhere/judged/"
