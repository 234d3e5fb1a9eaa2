"""Fixtures for all tests, and the rule that no test reaches beyond this machine."""

from collections.abc import Iterator

# Hypothesis's pytest plug-in imports it at the end of a run, when threads of inline Pulumi programs
# may compile too; CPython 3.11 then dies of "AST constructor recursion depth mismatch" (gh-106905).
import hypothesis  # noqa: F401
import pytest
import pytest_socket

from tests.support.engine import bare_engine, engine, pulumi_home

__all__ = ["bare_engine", "engine", "only_this_machine", "pulumi_home"]

THIS_MACHINE = ["127.0.0.1", "::1"]


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse connections to anywhere else; a limit: only those of this Python process."""
    pytest_socket.socket_allow_hosts(THIS_MACHINE, allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()
