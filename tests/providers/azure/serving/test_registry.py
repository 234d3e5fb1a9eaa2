"""What only Azure has of versions: numbers are claimed, and are never given again.

What every cloud has: `tests/providers/azure_and_gcp/test_registry.py`.
"""

from typing import Any

import pytest
from mlops_iac_azure import documents, registry

from tests.providers.azure.serving.world import Shop


def test_two_runs_that_register_at_once_get_two_numbers(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure ML takes whatever number it is given: the second would write over the first."""
    write, numbers = documents.write, list[int]()

    with monkeypatch.context() as patched:

        def late(*where: Any, **told: Any) -> bool:
            patched.undo()
            numbers.append(shop.register(run="run-B"))
            return write(*where, **told)

        patched.setattr(documents, "write", late)
        numbers.append(shop.register(run="run-A"))

    assert numbers == [1, 2]
    runs = {item.number: item.run for item in registry.listed(shop.place, shop.model)}
    assert runs == {1: "run-b", 2: "run-a"}


def test_a_run_that_was_killed_after_its_claim_keeps_its_number(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.rest.call

    def killed(place: Any, verb: str, *rest_: Any, **told: Any) -> Any:
        if verb == "PUT":
            raise KeyboardInterrupt
        return real(place, verb, *rest_, **told)

    with monkeypatch.context() as patched:
        patched.setattr(registry.rest, "call", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.register(run="run-A")

    assert shop.register(run="run-B") == 2
    assert shop.register(run="run-A") == 1


def test_a_number_is_never_given_again(shop: Shop) -> None:
    """Azure ML deletes no version: it is archived, and its number stays taken."""
    shop.register(run="run-A")
    (item,) = registry.listed(shop.place, shop.model)

    registry.remove(shop.place, item)

    assert registry.listed(shop.place, shop.model) == []
    assert shop.register(run="run-B") == 2


def test_azure_is_told_where_a_version_is_and_its_stage(shop: Shop) -> None:
    version = shop.version(shop.register())

    told = shop.ask("GET", version.name)["properties"]
    assert told["modelUri"].endswith("/datastores/mlops_iac/paths/runs/delay/run-1/model")
    assert (told["modelType"], told["stage"]) == ("custom_model", "Approved")
