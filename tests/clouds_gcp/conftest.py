"""The test cloud whose work is simulated, as new for each test."""

from collections.abc import Iterator

import pytest

from tests.clouds.gcp import running
from tests.clouds.gcp.running import Cloud


@pytest.fixture(scope="session")
def simulated() -> Iterator[Cloud]:
    """One cloud of this process for all tests."""
    with running.cloud_here() as made:
        yield made


@pytest.fixture
def cloud(simulated: Cloud) -> Cloud:
    """The cloud, emptied."""
    simulated.reset()
    return simulated
