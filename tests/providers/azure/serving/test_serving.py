"""Rollouts on online endpoints: what only Azure has, as shadows, settings and assets.

What every cloud has: `tests/providers/azure_and_gcp/test_serving.py`. Proves what is asked of Azure
ML and what is made of its answers; that Azure ML itself behaves so is the test cloud's word.
"""

from typing import Any

import pytest
from mlops_iac_azure.errors import DeploymentError

from tests.providers.azure.serving.world import Shop

CANARY = {"rollout": {"percent": 10, "wait": "10m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}
SHADOW = {"challenger": {"model": "late/1", "percent": 50, "shadow": True}}


def test_the_server_is_asked_at_its_own_route(shop: Shop) -> None:
    shop.serve(shop.register())

    route = shop.environment_of(1)["inferenceConfig"]["scoringRoute"]
    assert route == {"path": "/score", "port": 8080}


def test_a_setting_is_removed_before_its_deployment_is(shop: Shop) -> None:
    shop.serve(shop.register())
    before = len(shop.changed())
    shop.serve(shop.register())

    assert shop.changed()[before:] == [
        "deployments.put",
        "onlineEndpoints.put",
        "autoscaleSettings.delete",
        "deployments.delete",
    ]


def test_an_autoscaled_endpoint_keeps_its_count_through_an_update(shop: Shop) -> None:
    """A new deployment begins with its least instances, whatever the load has brought."""
    shop.serve(shop.register(), **SCALED)
    shop.replicas(1, 5)

    shop.serve(shop.register(), **SCALED)

    assert shop.of_version(2)["sku"]["capacity"] == 5
    ((name, setting),) = shop.settings().items()
    assert name.endswith(next(iter(shop.running())))
    (profile,) = setting["properties"]["profiles"]
    assert profile["capacity"] == {"minimum": "1", "maximum": "6", "default": "1"}


def test_other_bounds_keep_the_number_of_instances(shop: Shop) -> None:
    shop.serve(shop.register(), **SCALED)
    shop.replicas(1, 4)

    shop.serve(1, scaling={"min": 2, "max": 9})

    assert shop.of_version(1)["sku"]["capacity"] == 4


def test_a_fixed_number_changes_in_place_and_ends_the_scaling(shop: Shop) -> None:
    first = shop.serve(shop.register(), **SCALED)

    second = shop.serve(1, scaling={"replicas": 3})

    assert first.id == second.id
    assert (shop.of_version(1)["sku"]["capacity"], shop.settings()) == (3, {})


def test_a_setting_scales_by_the_requests_of_its_own_deployment(shop: Shop) -> None:
    shop.serve(shop.register(), **SCALED)

    ((_, setting),) = shop.settings().items()
    trigger = setting["properties"]["profiles"][0]["rules"][0]["metricTrigger"]
    (dimension,) = trigger["dimensions"]
    assert dimension["Values"] == list(shop.running())
    assert setting["properties"]["targetResourceUri"] == shop.of_version(1)["id"]


def test_a_shadow_gets_copies_and_no_traffic(shop: Shop) -> None:
    shop.register()
    served = shop.serve(shop.register(), **SHADOW)

    assert (shop.split(), shop.mirror(), served.challenger) == ({2: 100}, {1: 50}, 1)


def test_a_shadow_goes_on_while_a_version_takes_over(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    shop.serve(2, **SHADOW, **CANARY)
    seen: list[Any] = []
    number = shop.register()
    work = shop.at_first_wait(lambda: seen.append((shop.split(), shop.mirror())))

    shop.promote(number, work, **SHADOW, **CANARY)

    assert seen == [({2: 90, 3: 10}, {1: 50})]
    assert (shop.split(), shop.mirror()) == ({3: 100}, {1: 50})


def test_what_was_a_shadow_is_taken_off_when_it_is_declared_no_more(shop: Shop) -> None:
    shop.register()
    shop.serve(shop.register(), **SHADOW)

    shop.serve(2)

    assert (shop.split(), shop.mirror(), len(shop.running())) == ({2: 100}, {}, 1)


def test_captures_go_to_a_folder_that_tells_the_deployment(shop: Shop) -> None:
    """A captured line tells no version: its folder does."""
    served = shop.serve(shop.register(), capture={"percent": 25})

    told = shop.of_version(1)["properties"]["dataCollector"]["collections"]
    uris = {name: shop.ask("GET", one["dataId"])["properties"]["dataUri"]
            for name, one in told.items()}  # fmt: skip
    assert {one["samplingRate"] for one in told.values()} == {0.25}
    assert uris["request"].endswith(
        f"/datastores/mlops_iac_captures/paths/score/{served.id}/request"
    )
    assert set(uris) == {"request", "response"}


def test_what_was_archived_with_an_endpoint_serves_again(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.undeploy()

    shop.serve(1)

    assert not shop.environment_of(1)["isArchived"]


def test_a_failed_deployment_is_made_anew(shop: Shop) -> None:
    """What has failed keeps its name, and can only be removed."""
    number = shop.register()
    shop.save()
    with pytest.MonkeyPatch.context() as patch, shop.failing("no route"):
        patch.setattr("mlops_iac_azure.serving.takeover.Takeover._back", lambda _: None)
        with pytest.raises(DeploymentError):
            shop.serve(number)
    assert [one["properties"]["provisioningState"] for one in shop.running().values()] == ["Failed"]

    served = shop.serve(number)

    assert (served.version, shop.split()) == (1, {1: 100})


def test_a_timeout_of_the_declaration_reaches_the_deployment(shop: Shop) -> None:
    shop.serve(shop.register(), timeout="30s")

    assert shop.of_version(1)["properties"]["requestSettings"]["requestTimeout"] == "PT30S"
