"""A test cloud for the tests of this folder that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.aws.running import Cloud, cloud_here
from tests.providers.aws.serving_world import Shop


@pytest.fixture(scope="session")
def serving_cloud() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def shop(serving_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in serving_cloud.environment.items():
        monkeypatch.setenv(name, value)
    serving_cloud.reset()
    return Shop(serving_cloud, tmp_path)
