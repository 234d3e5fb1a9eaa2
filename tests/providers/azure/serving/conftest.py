"""A test cloud for the tests of this folder that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.azure.running import Cloud, cloud_here
from tests.providers.azure.serving.world import Brittle, Shop


@pytest.fixture(scope="module")
def containers() -> Brittle:
    return Brittle()


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
    serving_cloud.control("pace", operations=1)
    return Shop(serving_cloud, containers, tmp_path)
