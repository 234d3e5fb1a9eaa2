"""A test cloud for the tests of this folder that ask for one."""

import pytest

from tests.providers.azure_and_gcp.fixtures import clouds, loop, shop

__all__ = ["clouds", "loop", "shop"]


@pytest.fixture
def target() -> str:
    return "azure"
