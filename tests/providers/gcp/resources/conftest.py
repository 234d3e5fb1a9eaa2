"""A test cloud for the custom resources, and a stack's resource on it; pauses are short."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mlops_iac_gcp import lro, rest

from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.resources.life import Life


@pytest.fixture(scope="package")
def running() -> Iterator[Cloud]:
    with cloud_here() as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(lro, "FIRST_POLL_SECONDS", 0.005)
    monkeypatch.setattr(rest, "FIRST_PAUSE_SECONDS", 0.005)
    running.reset()
    return running


@pytest.fixture
def life(cloud: Cloud, tmp_path: Path) -> Callable[..., Life]:
    """Return a maker of resources: `life("Model", "churn")`."""
    return lambda kind, name="churn": Life(cloud, tmp_path, kind, name)
