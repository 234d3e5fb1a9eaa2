"""Jobs with `requirements`: which image each part of a stack runs in, and why a stack is refused.

That a run is asked with the built image is executed in `test_jobs_runs.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.specs import (
    BatchInference,
    HyperparameterSearch,
    ModelMonitor,
    Pipeline,
    ProcessingJob,
    Spec,
    TrainingJob,
)
from tests.providers.aws.harness import Recorded, problems, record
from tests.providers.aws.scenarios import delay, flights, late, score, write_files

PACKAGES = "requirements.txt"
RUNTIME, CLEAN, DELAY = "RuntimeImage", "Image-clean", "Image-delay"


def _components(clean: str | None, delays: str | None) -> tuple[Spec, ...]:
    gate = {"metric": "f1", "data": "clean/rows", "label": "late", "margin": 0.0}
    depth = {"depth": {"mode": "integer", "min": 2, "max": 8}}
    return (
        flights(),
        late(),
        ProcessingJob(
            "clean", script="train.py", data="flights", outputs={"rows": "csv"}, requirements=clean
        ),
        delay(data="clean/rows", requirements=delays),
        HyperparameterSearch("tune", job="delay", parameters=depth, metric="auc", run="manual"),
        score(capture={"percent": 100}),
        BatchInference("forecast", model="late", data="flights"),
        ModelMonitor("watch", endpoint="score", signals=("prediction_drift",)),
        Pipeline("daily", steps=("clean", "tune"), gates=(gate,), schedule={"every": "12h"}),
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = write_files(tmp_path_factory.mktemp("images"))
    return record(folder, *_components(PACKAGES, PACKAGES))


def _images(recorded: Recorded, pipeline: str) -> dict[str, str]:
    """Return the parameter that each step takes its image from."""
    document = json.loads(recorded.one(pipeline).inputs["pipelineDefinition"])
    found = {step["Name"]: _image(step["Arguments"]) for step in _steps(document["Steps"])}
    return {name: image["Get"].removeprefix("Parameters.") for name, image in found.items()}


def _steps(steps: list[Any]) -> list[Any]:
    inner = [one for step in steps for one in step["Arguments"].get("IfSteps", ())]
    return [step for step in (*steps, *inner) if step["Type"] != "Condition"]


def _image(arguments: dict[str, Any]) -> Any:
    if "InferenceSpecification" in arguments:
        return arguments["InferenceSpecification"]["Containers"][0]["Image"]
    if "AppSpecification" in arguments:
        return arguments["AppSpecification"]["ImageUri"]
    trained = arguments.get("TrainingJobDefinition", arguments)
    return trained["AlgorithmSpecification"]["TrainingImage"]


@pytest.mark.parametrize(
    ("pipeline", "images"),
    [
        ("clean-pipeline", {"clean": CLEAN}),
        ("delay-pipeline", {"delay": DELAY, "delay-register": DELAY}),
        ("tune-pipeline", {"tune": DELAY, "delay-register": DELAY}),
        ("forecast-pipeline", {"forecast": DELAY}),
        ("score-pipeline", {"Deploy": RUNTIME}),
        (
            "daily-pipeline",
            {"clean": CLEAN, "tune": DELAY, "daily-gates": DELAY, "delay-register": DELAY},
        ),
    ],
)
def test_a_step_runs_in_the_image_of_its_job_and_loads_a_model_in_that_of_its_trainer(
    pipeline: str, images: dict[str, str], recorded: Recorded
) -> None:
    assert _images(recorded, pipeline) == images


@pytest.mark.parametrize(
    ("resource", "property_name"),
    [
        ("delay-run", "pipeline_parameters"),
        ("forecast-run", "pipeline_parameters"),
        ("delay-definition", "content"),
        ("daily-schedule", "target"),
        ("watch-data-checks", "dataQualityAppSpecification"),
    ],
)
def test_what_starts_or_loads_takes_the_image_from_its_build(
    resource: str, property_name: str, recorded: Recorded
) -> None:
    made_of = recorded.one(resource).property_dependencies[property_name]

    assert recorded.one("delay-image").urn in made_of


def test_an_image_stands_on_the_runtime_and_each_job_has_its_own(recorded: Recorded) -> None:
    built, platform = recorded.one("delay-image"), recorded.one("platform-image")

    (start,) = built.inputs["requests"]
    names = [v["name"] for v in start["body"]["environmentVariablesOverride"]]
    assert names == ["IMAGE_TAG", "BASE"]
    assert platform.urn in built.property_dependencies["tag"]
    assert (built.component, built.field) == ("delay", "requirements")
    contexts = [recorded.one(f"{job}-image-context").inputs for job in ("clean", "delay")]
    assert len({each["key"] for each in contexts}) == 2
    assert [sorted(each["source"]["assets"]) for each in contexts] == [
        ["Dockerfile", "requirements.txt"]
    ] * 2
    assert start["body"]["sourceLocationOverride"].endswith(contexts[1]["key"])


def test_other_requirements_are_another_run_and_another_image(tmp_path: Path) -> None:
    def seen() -> tuple[str, str]:
        recorded = record(tmp_path, flights(), late(), delay(requirements=PACKAGES))
        image = recorded.one("delay-image-context").inputs["key"]
        return recorded.one("delay-run").inputs["key"], image

    write_files(tmp_path)
    before, again = seen(), seen()
    (tmp_path / PACKAGES).write_text("scikit-learn==1.7.1\n")
    after = seen()

    assert before == again
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_jobs_without_requirements_run_in_the_runtime_image(tmp_path: Path) -> None:
    recorded = record(write_files(tmp_path), *_components(None, None))

    assert set(_images(recorded, "daily-pipeline").values()) == {RUNTIME}
    assert not recorded.has("delay-image")


def test_who_loads_versions_that_need_different_packages_is_refused(tmp_path: Path) -> None:
    other = TrainingJob("other", script="train.py", data="flights", model="late")

    found = problems(write_files(tmp_path), *_components(None, PACKAGES), other)

    mixed = [p for p in found if p.code == "image.mixed-requirements"]
    assert [(p.component, p.field) for p in mixed] == [
        ("forecast", "model"),
        ("watch", "endpoint"),
        ("daily", "gates"),
    ]
    assert [p for p in found if p.component == "score"] == []
