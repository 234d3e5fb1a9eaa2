"""What kinds ask of each other, and in which order they are built."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mlops_iac import (
    BatchInference,
    Challenger,
    Dataset,
    DataValidation,
    Expectation,
    HyperparameterSearch,
    ModelEndpoint,
    NumberRange,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    TrainingJob,
)
from mlops_iac.run_key import data_version
from mlops_iac.specs import Spec
from mlops_iac.structure import build_order
from mlops_iac.wiring import trained_model, training_steps, waits_for, wiring_problems

CLEAN = ProcessingJob("clean", script="clean.py", data="raw", outputs={"rows": "parquet"})
RAW = Dataset("raw", source="data/*.csv", format="csv")
CONTRACT = DataValidation("contract", data="raw", columns={"a": Expectation()})
LEARN = TrainingJob("learn", script="train.py", data="clean/rows", model="late", metrics=["auc"])
TUNE = HyperparameterSearch(
    "tune", job="learn", metric="auc", parameters={"rate": NumberRange(min=0.1, max=1)}
)
LATE = RegisteredModel("late")
SCORE = ModelEndpoint("score", model="late")
NIGHTLY = BatchInference("nightly", model="late", data="raw")


def stack(*specs: Spec) -> dict[str, Spec]:
    return {spec.name: spec for spec in specs}


def test_everything_comes_after_what_it_needs_whatever_the_order_of_the_declaration() -> None:
    specs = stack(NIGHTLY, SCORE, TUNE, LEARN, LATE, CLEAN, CONTRACT, RAW)

    order = build_order(specs)

    for before, after in [
        ("raw", "contract"),
        ("contract", "clean"),
        ("clean", "learn"),
        ("late", "learn"),
        ("learn", "tune"),
        ("tune", "score"),
        ("learn", "score"),
        ("tune", "nightly"),
        ("contract", "nightly"),
    ]:
        assert order.index(before) < order.index(after), (before, after)


def test_a_contract_holds_back_who_reads_the_same_data_and_nobody_else() -> None:
    specs = stack(RAW, CONTRACT, CLEAN, LEARN, LATE)

    assert list(waits_for(CLEAN, specs)) == ["contract"]
    assert list(waits_for(LEARN, specs)) == []
    assert list(waits_for(CONTRACT, specs)) == []


def test_a_search_trains_the_model_of_its_job() -> None:
    specs = stack(LEARN, TUNE, LATE, CLEAN, RAW)

    assert trained_model("tune", specs) == trained_model("learn", specs) == "late"
    assert trained_model("clean", specs) is None


def test_components_in_a_circle_keep_the_order_of_the_declaration() -> None:
    one = ProcessingJob("one", script="a.py", data="two/x", outputs={"x": "csv"})
    two = ProcessingJob("two", script="a.py", data="one/x", outputs={"x": "csv"})

    assert build_order(stack(one, two)) == ("one", "two")


def test_made_data_has_another_version_when_what_it_is_made_of_has(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("1")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\n1\n")
    specs = stack(RAW, CLEAN)
    first = data_version(LEARN.sources["rows"], tmp_path, specs)

    (tmp_path / "data" / "a.csv").write_text("a\n2\n")
    second = data_version(LEARN.sources["rows"], tmp_path, specs)
    (tmp_path / "clean.py").write_text("2")
    third = data_version(LEARN.sources["rows"], tmp_path, specs)

    assert len({first, second, third}) == 3
    assert str(first).endswith("/rows")


def test_only_steps_with_a_model_are_training_steps() -> None:
    specs = stack(RAW, CONTRACT, CLEAN, LEARN, TUNE, LATE)
    pipeline = Pipeline("retrain", steps=["contract", "clean", "tune"])

    assert training_steps(pipeline, specs) == ("tune",)


@pytest.mark.parametrize(
    ("challenger", "said"),
    [
        ("late/4", None),
        ("late@challenger", None),
        ("late@champion", "it is the version that is served"),
        ("early@challenger", "`early` is not the model that is served"),
    ],
)
def test_a_challenger_is_another_version_of_the_same_model(
    challenger: str, said: str | None
) -> None:
    score = ModelEndpoint("score", model="late", challenger={"model": challenger})

    found = [(each.code, each.message) for each in wiring_problems(stack(score))]

    assert found == ([("endpoint.challenger", said)] if said else [])


def test_a_challenger_leaves_a_share_to_the_version_that_is_served() -> None:
    with pytest.raises(ValidationError, match="all requests go to it"):
        Challenger(model="late/4", percent=100)
    assert Challenger(model="late/4", percent=100, shadow=True).shadow
