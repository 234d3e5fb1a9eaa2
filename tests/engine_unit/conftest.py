"""A project of its own for every test, with the environment of nobody else."""

import os
from pathlib import Path

import pytest

from mlops_iac.engine.cli import find_pulumi


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))


@pytest.fixture
def project_dir(tmp_path: Path) -> Path:
    if find_pulumi() is None:
        pytest.skip("no Pulumi CLI: run `make setup`")
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
