"""What jobs of all kinds register on this machine, and what is refused while planning.

Proves order and wiring as the engine will see them. Limit: recorded, not deployed.
"""

from pathlib import Path

import pytest

from mlops_iac import Stack
from mlops_iac.components import build
from mlops_iac.planning import plan
from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    Expectation,
    Platform,
    ProcessingJob,
    RegisteredModel,
    Spec,
    TrainingJob,
)
from mlops_iac.testing import Recording, record


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "job.py").write_text("")
    (tmp_path / "rows.csv").write_text("x\n1\n")
    monkeypatch.chdir(tmp_path)


def chain(*, clean: str = "on_change", **batch: object) -> list[Spec]:
    return [
        Dataset("raw", source="rows.csv", format="csv"),
        DataValidation("sound", data="raw", columns={"x": Expectation()}),
        ProcessingJob("clean", script="code/job.py", data="raw", outputs={"rows": "parquet"},
                      run=clean),
        DataValidation("right", data="clean/rows", columns={"x": Expectation()}),
        RegisteredModel("late"),
        TrainingJob("fit", script="code/job.py", data="clean/rows", model="late", run=clean),
        BatchInference("answers", model="late@champion", data="clean/rows", run=clean, **batch),
    ]  # fmt: skip


def recorded(*specs: Spec) -> Recording:
    stack = Stack("shop", platform=Platform(target="local"), components=specs)
    return record(lambda: build(stack.declaration()), project="shop")


def codes(*specs: Spec) -> list[tuple[str, str]]:
    stack = Stack("shop", platform=Platform(target="local"), components=specs)
    return [(problem.component, problem.code) for problem in plan(stack.declaration()).errors]


def urns(recording: Recording, names: tuple[str, ...]) -> set[str]:
    return {item.urn for item in recording.resources if item.custom and item.name in names}


def definition(recording: Recording, name: str) -> set[str]:
    (found,) = [
        item for item in recording.of_type("mlops-iac:local:JobDefinition") if item.name == name
    ]
    return set(found.depends_on)


def test_who_reads_data_waits_for_its_maker_and_for_the_contract_on_it() -> None:
    recording = recorded(*chain())

    assert urns(recording, ("raw", "sound", "sound-run")) <= definition(recording, "clean")
    reads = urns(recording, ("clean", "clean-run", "right", "right-run"))
    assert len(reads) == 4
    assert reads <= definition(recording, "fit")
    assert reads | urns(recording, ("late", "fit-run")) <= definition(recording, "answers")
    assert urns(recording, ("clean-run",)) <= definition(recording, "right")
    assert not urns(recording, ("right-run",)) & definition(recording, "right")


def test_a_contract_on_what_a_pipeline_makes_is_not_checked_by_up() -> None:
    recording = recorded(*chain(clean="manual"))

    runs = recording.of_type("mlops-iac:local:JobRun")
    assert [item.name for item in runs] == ["sound-run"]


def test_a_schedule_is_a_resource_after_its_job() -> None:
    recording = recorded(*chain(schedule={"cron": "0 3 * * 1"}))

    schedule = recording.one("mlops-iac:local:Schedule")
    assert schedule.inputs["trigger"] == {"cron": "0 3 * * 1", "timezone": "UTC"}
    assert urns(recording, ("answers",)) <= set(schedule.depends_on)


def test_what_up_runs_cannot_read_what_only_others_run() -> None:
    specs = chain(clean="manual")
    specs[-2] = TrainingJob("fit", script="code/job.py", data="clean/rows", model="late")
    specs[-1] = BatchInference("answers", model="late@champion", data="clean/rows")

    assert codes(*specs) == [("fit", "job.unmade-data"), ("answers", "job.unmade-data")]


def test_contracts_and_predictions_need_columns() -> None:
    specs = chain()
    specs[0] = Dataset("raw", source="rows.csv", format="files")
    specs[-1] = BatchInference("answers", model="late@champion", data="raw")

    assert codes(*specs) == [("sound", "job.no-columns"), ("answers", "job.no-columns")]
