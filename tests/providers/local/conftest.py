"""Keeps the chapters of one stack's life in their order, whatever shuffles the other tests."""

from pathlib import Path

import pytest

CHAPTERS = Path(__file__).with_name("test_life.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of `test_life.py`, which share one stack, back in the order of the file."""
    places = [index for index, item in enumerate(items) if item.path == CHAPTERS]
    chapters = sorted((items[index] for index in places), key=lambda item: item.location[1] or 0)
    for index, item in zip(places, chapters, strict=True):
        items[index] = item
