"""A test cloud in this process, as new for each test."""

from collections.abc import Iterator

import pytest

from tests.clouds.aws.running import Cloud, cloud_here


@pytest.fixture(scope="session")
def running() -> Iterator[Cloud]:
    """One cloud for all tests, whose work ends at once."""
    with cloud_here() as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Cloud) -> Cloud:
    """The cloud, emptied."""
    running.reset()
    return running
