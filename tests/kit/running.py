"""Runs a suite of the kit in this process and says which tests fail. Not a test."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest

from mlops_iac import discovery
from mlops_iac.provider import Provider
from mlops_iac.testing.conformance import Bench, Suite
from tests.kit import acme
from tests.kit.broken_providers import Broken


@contextmanager
def serving(provider: Provider, faults: acme.Faults) -> Iterator[None]:
    """Let discovery find this provider alone, made wrong by `faults`."""
    known = MappingProxyType({provider.name: provider})
    with patch.object(discovery, "providers", lambda: known), patch.object(acme, "FAULTS", faults):
        yield


def failures(suite: type[Suite], folder: Path, broken: Broken, but: str) -> set[str]:
    """Return the names of the tests of `suite` that fail for at least one of their cases.

    Args:
        suite: the class.
        folder: an empty one.
        broken: the provider, and what is wrong with it.
        but: a test that is not run.
    """
    with serving(broken.provider, broken.faults):
        bench = Bench.of(broken.provider.name, folder, broken.record_at)
        return {
            name
            for name, test in inspect.getmembers(suite, inspect.isfunction)
            if name.startswith("test_") and name != but and not _passes(suite, test, bench)
        }


def _passes(suite: type[Suite], test: Any, bench: Bench) -> bool:
    for case in _cases(suite, test):
        try:
            test(suite(), bench=bench, **case)
        except pytest.skip.Exception:
            continue
        except (Exception, pytest.fail.Exception):  # noqa: BLE001  whatever it is, it fails
            return False
    return True


def _cases(suite: type[Suite], test: Any) -> list[Mapping[str, Any]]:
    for argument in inspect.signature(test).parameters:
        if argument in suite.cases():
            return [{argument: case} for case in suite.cases()[argument]]
    return [{}]
