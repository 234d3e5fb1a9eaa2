"""Each test of this folder is one of both clouds, unless it says otherwise."""

import pytest

from tests.providers.azure_and_gcp.fixtures import answers, clouds, loop, shop
from tests.support.recordings import still_sources

__all__ = ["answers", "clouds", "loop", "shop", "still_sources"]


@pytest.fixture(params=["azure", "gcp"])
def target(request: pytest.FixtureRequest) -> str:
    return request.param
