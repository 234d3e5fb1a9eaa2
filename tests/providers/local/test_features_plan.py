"""What planning refuses of features on this machine, and how entities are read from words."""

from pathlib import Path
from typing import Any

import pytest

from mlops_iac.cli.features import _entity
from mlops_iac.errors import OperationError
from mlops_iac.specs import Dataset, FeatureGroup, ProcessingJob, Spec, TrainingJob
from tests.providers.local.world import World


def problems(tmp_path: Path, name: str, *specs: Spec) -> list[tuple[str, str]]:
    """Return code and message of each problem of a component."""
    for path in ("a.csv", "job.py"):
        (tmp_path / path).write_text("x\n")
    found = World(tmp_path, {spec.name: spec for spec in specs}).problems(name)
    return [(problem.code, problem.message) for problem in found]


def group(name: str = "weather", data: str = "hours", **changes: Any) -> FeatureGroup:
    fields: dict[str, Any] = {
        "data": data, "entities": ("origin",), "event_time": "at",
        "features": {"temp": "number"}, **changes,
    }  # fmt: skip
    return FeatureGroup(name, **fields)


def hours(**changes: Any) -> Dataset:
    return Dataset("hours", **{"source": "a.csv", "format": "csv", **changes})


def test_a_group_of_columns_plans(tmp_path: Path) -> None:
    columns = {"temp": "integer", "at": "timestamp"}

    assert problems(tmp_path, "weather", group(), hours(columns=columns)) == []


def test_types_that_contradict_the_dataset_are_refused(tmp_path: Path) -> None:
    columns = {"temp": "string", "at": "integer"}
    found = problems(tmp_path, "weather", group(), hours(columns=columns))

    assert found == [
        ("features.other-type", "`temp` is `string` in `hours`, and `number` here"),
        ("features.other-type", "`at` is `integer` in `hours`, and `timestamp` here"),
    ]


def test_names_that_feast_loses_are_refused(tmp_path: Path) -> None:
    features = {"pos_y": "number", "rn": "number", "y": "number"}
    found = problems(tmp_path, "weather", group(features=features), hours())

    assert found == [
        ("features.lost-name", "Feast loses a column that is called `pos_y`"),
        ("features.lost-name", "Feast loses a column that is called `rn`"),
    ]


def test_data_without_columns_or_made_by_hand_is_refused(tmp_path: Path) -> None:
    job = ProcessingJob("clean", script="job.py", data="hours", outputs={"raw": "files"},
                        run="manual")  # fmt: skip
    found = problems(tmp_path, "weather", group(data="clean/raw"), job, hours())

    assert [code for code, _ in found] == ["job.unmade-data", "features.no-columns"]


def test_groups_that_cannot_be_joined_are_refused(tmp_path: Path) -> None:
    job = TrainingJob("fit", script="job.py", data="hours", features=("weather", "again"))
    found = problems(
        tmp_path, "fit", job, hours(columns={"temp": "number"}),
        group(features={"temp": "number", "visib": "number"}),
        group("again", features={"visib": "number"}, offline=False),
    )  # fmt: skip

    assert found == [
        ("features.taken", "`temp` of `weather` is a column of the data `hours` too"),
        ("features.taken", "`visib` of `again` is a column of the group `weather` too"),
    ]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("origin=JFK", {"origin": "JFK"}),
        ("origin=JFK,gate=7", {"origin": "JFK", "gate": "7"}),
        ("note=a=b", {"note": "a=b"}),
        ('{"origin": "a,b", "gate": 7}', {"origin": "a,b", "gate": 7}),
    ],
)
def test_an_entity_is_words_or_json(text: str, entity: dict[str, Any]) -> None:
    assert _entity(text) == entity


@pytest.mark.parametrize("text", ["JFK", "=JFK", "origin=JFK,", '{"origin"', ""])
def test_what_is_no_entity_is_told(text: str) -> None:
    with pytest.raises(OperationError, match="is no entity"):
        _entity(text)
