"""Test clouds: one whose work ends at once, as new for each test, and one that executes work."""

from collections.abc import Iterator

import pytest

from tests.clouds.aws import running
from tests.clouds.aws.running import Cloud
from tests.clouds_aws.worked import Bench


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """A cloud with a bucket; tests use names of their own (`worked.named`)."""
    with running.cloud(work="processes") as made:
        bench = Bench(made)
        bench.make_bucket()
        yield bench


@pytest.fixture(scope="session")
def instant() -> Iterator[Cloud]:
    """One cloud of this process for all tests, whose work ends at once."""
    with running.cloud_here() as made:
        yield made


@pytest.fixture
def cloud(instant: Cloud) -> Cloud:
    """The cloud whose work ends at once, emptied."""
    instant.reset()
    return instant
