"""Test clouds: one whose work is simulated, as new for each test, and one that executes work."""

from collections.abc import Iterator

import pytest

from tests.clouds.gcp import running
from tests.clouds.gcp.running import Cloud
from tests.clouds_gcp.worked import Bench


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


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """A cloud that executes, with a bucket; tests use names of their own (`worked.named`)."""
    with running.cloud(work="processes") as made:
        bench = Bench(made)
        bench.make_bucket()
        yield bench
