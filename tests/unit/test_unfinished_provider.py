"""A provider that plans only, as one is while it is written: what is refused, and where to turn.

Limit: the provider is `azure`'s record without what makes it whole; none of ours is unfinished.
"""

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from mlops_iac_azure.provider import PROVIDER

from mlops_iac import discovery
from mlops_iac.cli.project import open_project
from mlops_iac.errors import OperationError
from mlops_iac.planning import NotAppliableError

UNFINISHED = replace(PROVIDER, can_apply=False, operations=None)
MANIFEST = "name: flights\nplatform: {{target: azure, region: westeurope, account: {account}}}\n"


@pytest.fixture(autouse=True)
def _unfinished(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entry = EntryPoint("azure", f"{__name__}:UNFINISHED", discovery.GROUP)
    known = [each for each in discovery.entry_points(group=discovery.GROUP) if each.name != "azure"]
    monkeypatch.setattr(discovery, "entry_points", lambda **_: [*known, entry])
    discovery.providers.cache_clear()
    yield
    discovery.providers.cache_clear()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "mlops.yaml"
    file.write_text(MANIFEST.format(account="00000000-0000-0000-0000-000000000001"))
    return file


def test_up_is_refused_with_what_to_do(manifest: Path) -> None:
    with pytest.raises(NotAppliableError) as refusal:
        open_project(manifest, "dev").plan().require_appliable()

    assert str(refusal.value).startswith("target `azure` can be planned, but not applied yet")
    assert "`mlops-iac plan --target azure`" in refusal.value.remedy


def test_verbs_are_refused_with_the_targets_that_have_them(manifest: Path) -> None:
    have = [f"`{name}`" for name, each in discovery.providers().items() if each.operations]

    with pytest.raises(OperationError) as refusal:
        open_project(manifest, "dev").operations()

    assert str(refusal.value).startswith("target `azure` has no run-time verbs yet")
    assert refusal.value.remedy == f"targets that have them: {', '.join(have)}"
    assert "`azure`" not in have
