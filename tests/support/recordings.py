"""What makes recordings quick."""

import linecache
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def still_sources() -> Iterator[None]:
    """Do not look whether sources have changed: none does while tests run.

    Pulumi keeps a stack trace of each registration, and `traceback` asks for every file of it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linecache, "checkcache", lambda *_: None)
        yield
