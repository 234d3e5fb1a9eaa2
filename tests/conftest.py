"""Fixtures for all tests, and the rule that no test reaches beyond this machine."""

import asyncio
import gc
import sys
from collections.abc import Iterator

import pytest
import pytest_socket
import skops.io  # noqa: F401  asks every loaded module what it holds: before Pulumi's, which load all they have
from google.rpc import status_pb2
from hypothesis import settings

from mlops_iac.cli.main import GARBAGE
from tests.support.engine import bare_engine, engine, pulumi_home

__all__ = ["bare_engine", "engine", "event_loop", "only_this_machine", "pulumi_home"]

# A process takes one `google.rpc.Status`: the tests' has that of Google's clients, of which Pulumi
# has a copy. The product never imports the copy beside them (`mlops_iac/plugin/server.py`).
sys.modules["pulumi.runtime.proto.status_pb2"] = status_pb2

# Their assertions are told as a test's own.
pytest.register_assert_rewrite("tests.support.churn_loop", "tests.support.story")

# A busy machine is slow, not wrong.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

THIS_MACHINE = ["127.0.0.1", "::1", "localhost"]


# Tests plan all the time, as the command line does.
gc.set_threshold(*GARBAGE)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of every later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse connections to anywhere else; a limit: only those of this Python process."""
    pytest_socket.socket_allow_hosts(THIS_MACHINE, allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


@pytest.fixture
def event_loop() -> Iterator[None]:
    """An event loop, which Pulumi needs to make an Output; other tests leave none behind."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> None:
    """Let the remains of a failed program go before pytest parses source for its report.

    Their finalizers log tracebacks, which CPython 3.11 parses too; when the collector runs them in
    the middle of a parse, that dies of "AST constructor recursion depth mismatch" (gh-106905).
    """
    if call.excinfo is not None:
        gc.collect()
