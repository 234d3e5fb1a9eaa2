"""A test cloud for the tests of this folder that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlops_iac_aws.session import clients

from tests.clouds.aws.running import Cloud, cloud_here
from tests.providers.aws.serving_world import Brittle, Shop
from tests.support.recordings import still_sources

__all__ = ["no_clients_of_another_cloud", "still_sources"]


@pytest.fixture(scope="module")
def containers() -> Brittle:
    return Brittle()


@pytest.fixture(scope="module", autouse=True)
def no_clients_of_another_cloud() -> None:
    """Clients keep the address that they were made with, and each module has a cloud of its own."""
    clients.cache_clear()


@pytest.fixture(scope="module")
def serving_cloud(containers: Brittle) -> Iterator[Cloud]:
    with cloud_here(work=containers) as running:
        yield running


@pytest.fixture
def shop(
    serving_cloud: Cloud, containers: Brittle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    for name, value in serving_cloud.environment.items():
        monkeypatch.setenv(name, value)
    serving_cloud.reset()
    serving_cloud.control("pace", Endpoint=0)
    return Shop(serving_cloud, containers, tmp_path)
