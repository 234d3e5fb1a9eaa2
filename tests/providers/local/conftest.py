"""Keeps the chapters of one stack's life in their order, whatever shuffles the other tests."""

import shutil
from pathlib import Path

import pytest
from mlops_iac_local import tracking
from mlops_iac_local.layout import Layout

CHAPTERS = tuple(Path(__file__).with_name(name) for name in ("test_life.py", "test_jobs.py"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of each file that lives through one stack back in the order of the file."""
    for file in CHAPTERS:
        places = [index for index, item in enumerate(items) if item.path == file]
        chapters = sorted(
            (items[place] for place in places), key=lambda item: item.location[1] or 0
        )
        for place, item in zip(places, chapters, strict=True):
            items[place] = item


def _line(item: pytest.Item) -> int:
    return item.location[1] or 0


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database of MLflow, whose making takes two seconds."""
    layout = Layout(tmp_path_factory.mktemp("database"))
    tracking.initialise(layout)
    return layout.database


@pytest.fixture
def quick_tracking(fresh_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks begin with a copy of a fresh database."""

    def initialise(layout: Layout) -> None:
        layout.make()
        if not layout.database.exists():
            shutil.copy(fresh_database, layout.database)

    monkeypatch.setattr(tracking, "initialise", initialise)
