"""A test cloud for the tests of this folder that ask for one."""

import pytest

from tests.providers.azure_and_gcp.fixtures import answers, clouds, shop

__all__ = ["answers", "clouds", "shop"]


@pytest.fixture
def target() -> str:
    return "azure"
