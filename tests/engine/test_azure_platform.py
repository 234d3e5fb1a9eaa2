"""A platform and its data on Azure through the real engine: made, unchanged, gone, made anew.

Limits: the plugin for `azure-native` is a stand-in (`tests/clouds/azure/plugins`); images are built
by nobody, their digests are the test cloud's.
"""

from collections.abc import Iterator

import pytest

from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_stack import AzureStack, data, everything
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

DELETED = "providers/Microsoft.KeyVault/deletedVaults"


@pytest.fixture(scope="module")
def azure() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


@pytest.mark.parametrize(
    "platform",
    [{}, {"network": {"mode": "own"}, "encryption": {"rotation_days": 180}}],
    ids=["dev", "own-network-and-key"],
)
def test_a_platform_goes_and_comes_again(
    engine: Engine, azure: Cloud, monkeypatch: pytest.MonkeyPatch, platform: dict[str, object]
) -> None:
    """What Azure keeps of a deleted vault is recovered, so the same names can be had again."""
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    azure.reset()
    empty = everything(azure)
    stack = AzureStack.make(engine, azure, components=data, platform=platform)

    stack.up()
    made = everything(azure)
    assert set(stack.up(refresh=True)) == {"same"}
    stack.destroy()
    assert everything(azure) == empty
    assert len(azure.ask("GET", f"{azure.scope}/{DELETED}")["value"]) == 1

    stack.up()
    assert {one.lower() for one in everything(azure)} >= {
        one.lower() for one in made if "/runs/" not in one
    }
    assert azure.ask("GET", f"{azure.scope}/{DELETED}")["value"] == []
    stack.destroy()
    assert everything(azure) == empty
