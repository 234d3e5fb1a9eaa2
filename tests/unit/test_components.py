"""Components used directly in a Pulumi program, recorded offline.

Proves what they register, that each is planned alone, and that two platforms in one program do not
leak into each other. Limit: recorded, not deployed; the engine runs whole stacks in `tests/engine`.
"""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from mlops_iac.components import Dataset, ModelEndpoint, Platform, RegisteredModel, TrainingJob
from mlops_iac.testing import Recording, record


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a script and data, as Pulumi runs a program in its project."""
    (tmp_path / "train.py").write_text("")
    (tmp_path / "rows.csv").write_text("x\n1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def chain(platform: Platform, suffix: str = "") -> None:
    """Register the four kinds, each with the component objects of the ones before."""
    data = Dataset(f"rows{suffix}", source="rows.csv", format="csv", platform=platform)
    model = RegisteredModel(f"late{suffix}", platform=platform)
    TrainingJob(f"delay{suffix}", script="train.py", data=data, model=model)
    ModelEndpoint(f"score{suffix}", model=model)


def recorded(program: Callable[[], None]) -> Recording:
    return record(program, project="direct")


def test_component_objects_are_arguments() -> None:
    recording = recorded(lambda: chain(Platform("platform", target="local")))

    kinds = [r.type.rsplit(":", 1)[-1] for r in recording.resources if ":index:" in r.type]
    assert sorted(kinds) == [
        "Dataset",
        "ModelEndpoint",
        "Platform",
        "RegisteredModel",
        "TrainingJob",
    ]
    deployment = recording.one("mlops-iac:local:ModelDeployment")
    run = recording.one("mlops-iac:local:JobRun")
    assert run.urn in deployment.depends_on


def test_no_resource_falls_back_to_a_default_provider() -> None:
    recording = recorded(lambda: chain(Platform("platform", target="local")))

    custom = [r for r in recording.resources if r.custom and not r.type.startswith("pulumi:")]
    assert [r.name for r in custom if not r.provider] == []


def test_a_component_is_planned_alone_and_says_all_that_is_wrong() -> None:
    def program() -> None:
        platform = Platform("platform", target="local")
        Dataset("rows", source="nothing.csv", format="csv", platform=platform)

    with pytest.raises(pulumi.RunError, match=r"`nothing\.csv` matches no file"):
        recorded(program)


def test_a_component_without_a_platform_says_how_to_give_it_one() -> None:
    with pytest.raises(pulumi.RunError, match="pass `platform=Platform"):
        recorded(lambda: Dataset("rows", source="rows.csv", format="csv"))


def test_two_platforms_in_one_program_do_not_leak() -> None:
    places = {"one": "eu-west-1", "two": "us-east-1"}

    def program() -> None:
        for name, region in places.items():
            platform = Platform(name, target="aws", region=region, account="123456789012")
            Dataset(f"rows-{name}", source="rows.csv", format="csv", platform=platform)

    recording = recorded(program)

    objects = recording.of_type("aws:s3/bucketObjectv2:BucketObjectv2")
    data = [r for r in objects if r.component.startswith("rows")]
    assert {r.component: r.provider.rsplit("::", 1)[-1] for r in data} == {
        f"rows-{name}": f"{name}-aws" for name in places
    }
    providers = {r.name: r.inputs["region"] for r in recording.of_type("pulumi:providers:aws")}
    assert providers == {f"{name}-aws": region for name, region in places.items()}
