"""Test clouds: one whose work is simulated, as new for each test, and one that executes work."""

from collections.abc import Iterator

import pytest

from tests.clouds.azure import running
from tests.clouds.azure.running import Cloud
from tests.clouds_azure.asking import Site
from tests.clouds_azure.worked import Bench


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


@pytest.fixture
def site(cloud: Cloud) -> Site:
    """A group with a workspace and what it needs."""
    made = Site(cloud)
    made.workspace()
    return made


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """A cloud that executes, with a workspace, an identity and data; names are a test's own."""
    with running.cloud(work="processes") as made:
        prepared = Bench(made)
        prepared.prepare()
        yield prepared
