"""A test cloud for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.azure.running import Cloud, cloud_here
from tests.providers.azure.jobs.world import Nodes, Shop
from tests.providers.azure.world import point


@pytest.fixture(scope="module")
def nodes() -> Nodes:
    return Nodes()


@pytest.fixture(scope="module")
def jobs_cloud(nodes: Nodes) -> Iterator[Cloud]:
    with cloud_here(work=nodes) as running:
        yield running


@pytest.fixture
def shop(
    jobs_cloud: Cloud, nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    jobs_cloud.reset()
    point(jobs_cloud, monkeypatch)
    jobs_cloud.control("pace", operations=1)
    nodes.pipelines.clear()
    with Shop(jobs_cloud, nodes, tmp_path).played() as shop:
        yield shop
