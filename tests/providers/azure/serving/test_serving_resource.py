"""`ModelDeployment` on Azure: drift of what only Azure has.

What every cloud has: `tests/providers/azure_and_gcp/test_serving_resource.py`.
"""

from typing import Any

import pytest

from tests.providers.azure.serving.world import Shop

SCALED = {"scaling": {"min": 1, "max": 6}}
SHADOW = {"challenger": {"model": "late/2", "percent": 5, "shadow": True}}


def _no_setting(shop: Shop) -> None:
    for one in shop.settings().values():
        shop.ask("DELETE", one["id"])


def _no_copies(shop: Shop) -> None:
    told = shop.endpoint()
    properties = {**told["properties"], "mirrorTraffic": {}}
    shop.ask("PUT", told["id"], {**told, "properties": properties})


def _other_count(shop: Shop) -> None:
    shop.replicas(1, 7)


@pytest.mark.parametrize(
    ("endpoint", "change", "said"),
    [
        (SCALED, _no_setting, "its autoscale setting is gone"),
        (SHADOW, _no_copies, "its traffic is copied in another way than declared"),
        ({}, _other_count, "it has 7 instances, not 1"),
    ],
)
def test_other_changes_behind_ups_back_are_drift_and_mended(
    shop: Shop, endpoint: dict[str, Any], change: Any, said: str
) -> None:
    shop.register()
    shop.register()
    name, state = shop.create(**endpoint)

    change(shop)

    assert said in shop.drift_of(name, state)
    fresh = shop.update(name, state, **endpoint)
    assert shop.drift_of(name, fresh) is None
