"""The ready stacks and the example are what their words promise.

Proves that the reference program names no cloud and plans on every target by configuration alone,
and that the example's YAML and Python plan alike. Limit: they are run by `make demo` and by hand.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from mlops_iac.cli.main import app
from mlops_iac.cli.project import Project, open_project
from mlops_iac.discovery import providers
from mlops_iac.document import plan_document
from tests.docs.snippets import ROOT

REFERENCE = ROOT / "stacks" / "reference"
FIRST = ROOT / "examples" / "first_endpoint"
FLIGHTS = ROOT / "examples" / "flights"
TARGETS = {"dev": "local", "aws": "aws", "gcp": "gcp", "azure": "azure"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first example in a folder of its own, with three rows in place of its data."""
    return copied(FIRST, tmp_path_factory.mktemp("first"), "data/departures.parquet")


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole loop's example, likewise."""
    names = ("departures", "weather", "outcomes", "evaluation")
    folder = tmp_path_factory.mktemp("flights")
    return copied(FLIGHTS, folder, *(f"data/{name}/a.parquet" for name in names))


def copied(example: Path, folder: Path, *data: str) -> Path:
    """Copy an example without its data; write three rows for each file of `data`."""
    shutil.copytree(
        example, folder, ignore=shutil.ignore_patterns("data", ".*"), dirs_exist_ok=True
    )
    rows = pd.DataFrame({"month": [1.0, 2.0, 12.0], "late": [0, 1, 0]})
    for name in data:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / name)
    return folder


def document(project: Project) -> Any:
    """Return the plan of a project's own target, as `mlops-iac plan --json` prints it."""
    return plan_document(project.declaration, [None], stack=project.stack, config=project.config)[
        "targets"
    ]


@pytest.mark.parametrize("file", ["__main__.py", "mlops.yaml", "train.py"])
def test_reference_program_names_no_cloud(file: str) -> None:
    words = (REFERENCE / file).read_text(encoding="utf-8").lower()

    assert [name for name in providers() if f" {name}" in words] == []


@pytest.mark.parametrize(("stack", "target"), TARGETS.items())
def test_reference_plans_by_configuration_alone(stack: str, target: str) -> None:
    (planned,) = document(open_project(REFERENCE, stack)).items()

    assert planned[0] == target
    assert planned[1]["problems"] == []
    assert len(planned[1]["resources"]) >= 10


@pytest.mark.parametrize("stack", TARGETS)
def test_first_example_plans_alike_in_yaml_and_in_python(
    stack: str, first: Path, tmp_path: Path
) -> None:
    assert_alike(first, stack, tmp_path)


def test_the_loops_example_plans_alike_in_yaml_and_in_python(flights: Path, tmp_path: Path) -> None:
    assert_alike(flights, "dev", tmp_path)


def test_what_the_readme_shows_of_the_first_example_is_what_its_plan_says(first: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("$ mlops-iac plan --target all\n")[2].partition("…")[0]

    done = CliRunner().invoke(app, ["plan", "--target", "all", "-f", str(first / "mlops.yaml")])

    said = [line.rstrip() for line in done.stdout.splitlines()]
    assert shown.count("\n") > len(TARGETS)
    assert [line for line in shown.splitlines() if line not in said] == []


def assert_alike(folder: Path, stack: str, elsewhere: Path) -> None:
    """Plan both faces of the declaration in `folder` and compare."""
    in_yaml = document(open_project(folder / "mlops.yaml", stack))
    manifest = (folder / "mlops.yaml").rename(elsewhere / "mlops.yaml")
    try:
        in_python = document(open_project(folder, stack))
    finally:
        shutil.move(manifest, folder / "mlops.yaml")

    assert [planned["problems"] for planned in in_yaml.values()] == [[]]
    assert json.dumps(in_python, default=str) == json.dumps(in_yaml, default=str)
