"""Fixtures of these tests."""

from tests.support.recordings import still_sources

__all__ = ["still_sources"]
