"""Finding providers by entry points, and what is said when that goes wrong."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from mlops_iac import discovery
from mlops_iac.errors import ProviderError, UnknownTargetError


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points that this test alone declares."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(discovery, "entry_points", lambda **_: found)
    discovery.providers.cache_clear()
    yield found
    discovery.providers.cache_clear()


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, discovery.GROUP)


def test_two_packages_for_one_target_are_refused(entries: list[EntryPoint]) -> None:
    entries += [entry("local", "mlops_iac_local.provider:PROVIDER")] * 2

    with pytest.raises(ProviderError, match="two packages serve target `local`"):
        discovery.providers()


def test_an_entry_point_that_is_no_provider_is_refused(entries: list[EntryPoint]) -> None:
    entries.append(entry("local", "mlops_iac.version:VERSION"))

    with pytest.raises(ProviderError, match="is not its provider"):
        discovery.providers()


def test_a_provider_under_a_wrong_name_is_refused(entries: list[EntryPoint]) -> None:
    entries.append(entry("laptop", "mlops_iac_local.provider:PROVIDER"))

    with pytest.raises(ProviderError, match="`laptop`"):
        discovery.providers()


def test_an_unknown_target_lists_what_there_is() -> None:
    with pytest.raises(UnknownTargetError) as refusal:
        discovery.provider("awss")

    assert "`aws`, `azure`, `gcp`, `local`" in refusal.value.remedy
