"""A second version beside the one that is served: split or shadow, by alias or pinned.

Proves what is asked of SageMaker and what is made of its answers, on the test cloud.
"""

from typing import Any

import pytest
from mlops_iac_aws import registry, serving
from mlops_iac_aws.resources.model_deployment import DRIFT, ModelDeploymentHandler

from mlops_iac.errors import OperationError
from tests.providers.aws.serving_world import Shop

SPLIT = {"challenger": {"model": "late@challenger", "percent": 20}}
PINNED = {"challenger": {"model": "late/2", "percent": 20}}
SHADOW = {"challenger": {"model": "late/2", "percent": 50, "shadow": True}}
CANARY = {"rollout": {"percent": 10, "wait": "1m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}
HANDLER = ModelDeploymentHandler()


def challenge(shop: Shop, number: int) -> None:
    """Let the alias `challenger` name a version."""
    registry.set_alias(shop.clients, shop.deployment().group, "challenger", number)


def arranged(shop: Shop) -> dict[str, tuple[str, float, int]]:
    """Return group, weight and version of each variant that the endpoint runs."""
    name = shop.endpoint()["EndpointConfigName"]
    told = shop.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    return {
        one["VariantName"]: (group, one["InitialVariantWeight"], version(shop, one["ModelName"]))
        for group in ("ProductionVariants", "ShadowProductionVariants")
        for one in told.get(group, [])
    }


def version(shop: Shop, model: str) -> int:
    container = shop.sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    return int(container["Environment"]["MLOPS_MODEL_VERSION"])


def scaled(shop: Shop) -> set[str]:
    """Return the variants whose capacity follows the load."""
    told = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    return {one["ResourceId"].rpartition("/")[2] for one in told["ScalableTargets"]}


def is_guarded(shop: Shop) -> bool:
    """Whether the last update was one in steps, with alarms."""
    return "LastDeploymentConfig" in shop.endpoint()


def test_a_challenger_answers_its_share_and_is_told(shop: Shop) -> None:
    first, _ = shop.register(), shop.register()

    served = shop.serve(first, **PINNED)

    assert arranged(shop) == {
        "main": ("ProductionVariants", 80.0, 1),
        "challenger": ("ProductionVariants", 20.0, 2),
    }
    assert (served.version, served.challenger) == (1, 2)


def test_a_shadow_gets_copies_of_its_share_and_no_guardrails_are_asked_for(shop: Shop) -> None:
    shop.register()
    shop.register()
    shop.serve(1, **SHADOW)
    served = shop.serve(shop.register(), **SHADOW)

    assert arranged(shop) == {
        "main": ("ProductionVariants", 1.0, 3),
        "challenger": ("ShadowProductionVariants", 0.5, 2),
    }
    assert served.challenger == 2
    assert len(shop.calls("UpdateEndpoint")) == 1
    assert not is_guarded(shop)


def test_an_alias_that_names_nothing_approved_challenges_nothing_yet_and_it_is_told(
    shop: Shop,
) -> None:
    shop.register()
    challenge(shop, shop.register("PendingManualApproval"))
    call = shop.call()

    _, state = HANDLER.create(shop.inputs(**SPLIT), call)

    assert (state["version"], state["challenger"]) == (1, None)
    assert list(arranged(shop)) == ["main"]
    said = "`late@challenger` names no approved version: nothing challenges yet"
    assert call.messages.count(said) == 1


def test_an_alias_that_moved_is_drift_and_the_next_up_follows_it(shop: Shop) -> None:
    shop.register()
    name, state = HANDLER.create(shop.inputs(**SPLIT), shop.call())
    challenge(shop, shop.register())

    found = HANDLER.read(name, state, shop.call())
    fresh = HANDLER.update(name, state, shop.inputs(**SPLIT), shop.call())
    again = HANDLER.read(name, fresh, shop.call())

    assert found is not None
    assert again is not None
    assert "another configuration" in found.inputs[DRIFT]
    assert (fresh["version"], fresh["challenger"]) == (1, 2)
    assert DRIFT not in again.inputs


def test_a_challenger_that_comes_or_goes_does_so_at_once_and_versions_go_step_by_step(
    shop: Shop,
) -> None:
    """Deployment guardrails want the same variants before and after."""
    for _ in range(3):
        shop.register()
    steps: tuple[tuple[int, dict[str, Any]], ...] = ((1, PINNED), (3, PINNED), (3, {}), (1, {}))
    shop.serve(1, **CANARY)

    found: list[bool] = []
    for number, challenger in steps:
        shop.serve(number, **challenger, **CANARY)
        found.append(is_guarded(shop))

    assert found == [False, True, False, True]


def test_a_canary_watches_the_challenger_too(shop: Shop) -> None:
    body = shop.deployment(**PINNED, **CANARY).body("UpdateEndpoint")
    alarms = body["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]

    assert sum("challenger" in alarm["AlarmName"] for alarm in alarms) == 2
    assert len(alarms) == 4


def test_the_promoted_challenger_keeps_its_alias_and_its_share(shop: Shop) -> None:
    shop.register()
    shop.register()
    challenge(shop, 2)
    shop.serve(1, **SPLIT)

    served = shop.serve(2, **SPLIT)

    aliases = {one.number: one.aliases for one in registry.listed(shop.clients, served.group)}
    assert aliases == {1: (), 2: ("champion", "challenger")}
    assert {name: one[2] for name, one in arranged(shop).items()} == {"main": 2, "challenger": 2}


def test_each_variant_follows_its_own_load(shop: Shop) -> None:
    shop.register()
    shop.register()
    shop.serve(1, **SPLIT, **SCALED)
    without = scaled(shop)
    challenge(shop, 2)
    shop.serve(1, **SPLIT, **SCALED)

    assert (without, scaled(shop)) == ({"main"}, {"main", "challenger"})
    assert shop.calls("DeregisterScalableTarget") == []


def test_a_challenger_that_goes_is_no_scalable_target_any_more_and_the_count_stays(
    shop: Shop,
) -> None:
    shop.register()
    shop.register()
    shop.serve(1, **PINNED, **SCALED)
    wish = {"VariantName": "main", "DesiredInstanceCount": 5}
    shop.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=shop.inputs()["endpoint"], DesiredWeightsAndCapacities=[wish]
    )

    shop.serve(1, **SCALED)

    asked = ("DeregisterScalableTarget", "UpdateEndpoint")
    order = [one["operation"] for one in shop.calls(*asked)]
    assert order == ["DeregisterScalableTarget"] * 2 + ["UpdateEndpoint"]
    assert scaled(shop) == {"main"}
    assert shop.endpoint()["ProductionVariants"][0]["DesiredInstanceCount"] == 5


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_pinned_challenger_that_nobody_approved_is_refused_and_nothing_changes(
    shop: Shop, status: str
) -> None:
    shop.serve(shop.register())
    shop.register(status)
    before = shop.endpoint()["EndpointConfigName"]

    with pytest.raises(OperationError, match="version `2` of `late` is"):
        shop.serve(1, **PINNED)

    assert shop.endpoint()["EndpointConfigName"] == before


def test_models_of_challengers_are_swept_with_their_configurations(shop: Shop) -> None:
    shop.register()
    shop.register()
    shop.serve(1, **PINNED)
    shop.serve(1)
    swept = shop.parts()
    shop.serve(1, **PINNED)
    back = shop.parts()

    serving.undeploy(shop.work(), shop.deployment(**PINNED), keep_copy=False)

    assert (swept, back, shop.parts()) == ((1, 1), (2, 1), (0, 0))


def test_a_rollback_moves_the_version_that_answers_and_keeps_the_challenger(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    shop.serve(1, **PINNED)
    shop.serve(shop.register(), **PINNED)

    back = serving.rollback(shop.work(), shop.deployment(**PINNED))

    assert (back.version, back.challenger) == (1, 2)
