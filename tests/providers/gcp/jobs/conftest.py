"""A test cloud for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.jobs.world import Containers, Shop


@pytest.fixture(scope="module")
def containers() -> Containers:
    return Containers()


@pytest.fixture(scope="module")
def jobs_cloud(containers: Containers) -> Iterator[Cloud]:
    with cloud_here(work=containers) as running:
        yield running


@pytest.fixture
def shop(
    jobs_cloud: Cloud, containers: Containers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    for name, value in jobs_cloud.environment.items():
        monkeypatch.setenv(name, value)
    jobs_cloud.reset()
    jobs_cloud.control("pace", operations=1)
    containers.pipelines.clear()
    containers.jobs.clear()
    return Shop(jobs_cloud, containers, tmp_path)
