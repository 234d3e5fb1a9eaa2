"""A test cloud for the tests of this folder that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.azure.running import Cloud, cloud_here
from tests.providers.azure.loop.world import Loop
from tests.providers.azure.serving.world import Brittle, Shop
from tests.providers.azure.world import point


@pytest.fixture(scope="module")
def containers() -> Brittle:
    return Brittle()


@pytest.fixture(scope="module")
def loop_cloud(containers: Brittle) -> Iterator[Cloud]:
    with cloud_here(work=containers) as running:
        yield running


@pytest.fixture
def loop(
    loop_cloud: Cloud, containers: Brittle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Loop:
    loop_cloud.reset()
    point(loop_cloud, monkeypatch)
    loop_cloud.control("pace", operations=1)
    return Loop(Shop(loop_cloud, containers, tmp_path))
