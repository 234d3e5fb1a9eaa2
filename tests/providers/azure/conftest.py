"""Recordings are made once a scenario: building one takes a second."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.providers.azure.harness import Recording, record
from tests.providers.azure.scenarios import SCENARIOS
from tests.support.recordings import still_sources

__all__ = ["recorded", "still_sources"]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Recording]:
    """Return the recording of a scenario by its name."""
    folder: Path = tmp_path_factory.mktemp("azure")

    @cache
    def of(name: str) -> Recording:
        return record(SCENARIOS[name].plan(folder))

    return of
