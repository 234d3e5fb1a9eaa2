"""Serverless endpoints: a service of Cloud Run, on the test cloud; rules as on Vertex AI.

Proves what is asked of Cloud Run and what is made of its answers; that Cloud Run itself behaves so
is the test cloud's word.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from mlops_iac_gcp import registry, serving
from mlops_iac_gcp.errors import DeploymentError, NotOursError
from mlops_iac_gcp.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_gcp.serving.cloud_run.filling import filled
from mlops_iac_gcp.serving.rolling import RULES
from mlops_iac_gcp.verbs import serverless

from mlops_iac.errors import OperationError
from tests.clouds.gcp.running import Refused
from tests.providers.gcp.serving.world import Shop, digest_of

SMALL: dict[str, Any] = {"scaling": {"memory_gb": 4, "max_concurrency": 25}}
CANARY: dict[str, Any] = {**SMALL, "rollout": {"percent": 10, "wait": "10m"}}
LINEAR: dict[str, Any] = {**SMALL, "rollout": {"step_percent": 25, "wait": "5m"}}
RIVAL: dict[str, Any] = {**SMALL, "challenger": {"model": "late/1", "percent": 20}}


def service(shop: Shop) -> dict[str, Any]:
    name = shop.deployment(**SMALL).endpoint
    return shop.cloud.call("GET", f"run/v2/{name}")


def split(shop: Shop) -> dict[str, int]:
    """Return the share of the traffic by role and version: `m2` is version 2 as main."""
    targets = service(shop)["trafficStatuses"]
    return {one["tag"].partition("-")[0]: one["percent"] for one in targets if one["percent"]}


def calls(shop: Shop) -> list[str]:
    made = [one["method"] for one in shop.cloud.control("calls")]
    return [one for one in made if one.startswith("run.") and not one.endswith(("get", "list"))]


@pytest.fixture(autouse=True)
def account(shop: Shop) -> str:
    """Make the account of the server: Cloud Run refuses one that is not there."""
    accounts = f"iam/v1/projects/{shop.cloud.project}/serviceAccounts"
    return shop.cloud.call("POST", accounts, {"accountId": "serving"})["email"]


def test_the_first_version_makes_the_service_with_all_that_is_declared(shop: Shop) -> None:
    served = shop.serve(shop.register(), **SMALL)

    made = service(shop)
    (server,) = made["template"]["containers"]
    values = {one["name"]: one["value"] for one in server["env"]}
    assert (served.version, served.digest, served.status) == (1, digest_of(1), "deployed")
    assert (split(shop), shop.alias()) == ({"m1": 100}, 1)
    assert made["template"]["scaling"] == {"minInstanceCount": 0, "maxInstanceCount": 5}
    assert made["template"]["maxInstanceRequestConcurrency"] == 5
    assert server["resources"]["limits"] == {"cpu": "1", "memory": "4Gi"}
    assert values["AIP_STORAGE_URI"].endswith("/runs/delay/run-1/model")
    assert values["MLOPS_MODEL_DIGEST"] == digest_of(1)


def test_the_split_is_known_before_anything_exists(shop: Shop) -> None:
    shop.register()
    number = shop.register()
    versions = [registry.version(shop.place, shop.model, each) for each in (number, 1)]
    wish = filled(shop.deployment(**RIVAL), *versions)

    served = shop.serve(number, **RIVAL)

    own = shop.deployment(**RIVAL).endpoint.rpartition("/")[2]
    named = {f"{own}-{stem}" for stem in wish.split}
    assert named == set(served.split)
    assert (split(shop), served.challenger) == ({"m2": 80, "c1": 20}, 1)


def test_deploying_what_is_deployed_asks_for_no_change(shop: Shop) -> None:
    shop.serve(shop.register(), **SMALL)
    before = calls(shop)

    shop.serve(1, **SMALL)

    assert calls(shop) == before


def test_a_linear_rollout_goes_up_in_steps_and_a_new_revision_begins_without_traffic(
    shop: Shop,
) -> None:
    shop.serve(shop.register(), **LINEAR)
    number = shop.register()
    call, seen = shop.call(), []

    def at_wait() -> None:
        if split(shop) not in seen:
            seen.append(split(shop))

    call.at_wait = at_wait
    serving.promote(shop.work(call), shop.deployment(**LINEAR), number)

    assert seen[:1] == [{"m1": 100}]
    assert seen[1:4] == [{"m1": 75, "m2": 25}, {"m1": 50, "m2": 50}, {"m1": 25, "m2": 75}]
    assert split(shop) == {"m2": 100}


def test_a_version_that_fails_in_its_canary_goes_back_and_fails(
    shop: Shop, answers: Callable[..., None]
) -> None:
    """terraform-provider-aws #46663, #39099: the update rolls back and apply says success."""
    shop.serve(shop.register(), **CANARY)
    number = shop.register()
    answers(well=90, badly=10)

    with pytest.raises(DeploymentError, match="10 of 100 requests ended with a server error"):
        shop.serve(number, **CANARY)

    assert (split(shop), shop.alias()) == ({"m1": 100}, 1)


def test_a_revision_that_cannot_start_leaves_the_old_one_and_another_try_has_another_name(
    shop: Shop,
) -> None:
    shop.serve(shop.register(), **SMALL)
    number = shop.register()

    with (
        shop.failing("The container failed to start"),
        pytest.raises(DeploymentError, match=r"version `2` .* failed to start"),
    ):
        shop.serve(number, **SMALL)
    was = (split(shop), shop.alias())
    served = shop.serve(number, **SMALL)

    assert was == ({"m1": 100}, 1)
    assert (split(shop), served.id[-2:]) == ({"m2": 100}, "-2")


def test_a_first_version_that_cannot_start_leaves_nothing(shop: Shop) -> None:
    number = shop.register()

    with shop.failing("no route /health"), pytest.raises(DeploymentError, match="no route /health"):
        shop.serve(number, **SMALL)

    assert shop.alias() is None
    with pytest.raises(Refused, match="404"):
        service(shop)


def test_rollback_goes_to_the_version_before_without_a_new_revision(shop: Shop) -> None:
    shop.serve(shop.register(), **SMALL)
    shop.serve(shop.register(), **SMALL)
    revisions = f"run/v2/{shop.deployment(**SMALL).endpoint}/revisions"
    before = len(shop.cloud.call("GET", revisions)["revisions"])

    served = serving.rollback(shop.work(), shop.deployment(**SMALL))
    kept = RULES.history(shop.work(), shop.deployment(**SMALL))

    assert [item.version for item in kept] == [1, 2]
    assert kept[0].since > kept[1].since
    assert (served.version, split(shop), shop.alias()) == (1, {"m1": 100}, 1)
    assert len(shop.cloud.call("GET", revisions)["revisions"]) == before == 2
    with pytest.raises(OperationError, match="pinned"):
        serving.promote(shop.work(), shop.deployment(**SMALL, model="late/1"), 2)


def test_a_rollout_that_was_killed_goes_on_from_its_share(shop: Shop) -> None:
    shop.serve(shop.register(), **LINEAR)
    number = shop.register()
    call, seen = shop.call(), []

    def kill() -> None:
        if split(shop).get("m2") == 50:
            raise KeyboardInterrupt

    call.at_wait = kill
    with pytest.raises(KeyboardInterrupt):
        serving.promote(shop.work(call), shop.deployment(**LINEAR), number)
    call = shop.call()
    call.at_wait = lambda: seen.append(split(shop))
    serving.promote(shop.work(call), shop.deployment(**LINEAR), number)

    assert {"m1": 75, "m2": 25} not in seen
    assert (split(shop), shop.alias()) == ({"m2": 100}, 2)


def test_the_first_approved_version_is_deployed_once_where_nothing_is_served(shop: Shop) -> None:
    deployment = shop.deployment(**SMALL)
    shop.register("pending")
    before = serving.deploy_first(shop.work(), deployment)
    registry.approve(shop.place, shop.model, 1, approver="ada", comment="")

    first = serving.deploy_first(shop.work(), deployment)
    shop.register()
    late = serving.deploy_first(shop.work(), deployment)

    assert (before, late, None if first is None else first.version) == (None, None, 1)


def test_what_is_served_is_looked_at_for_the_loop(shop: Shop, answers: Callable[..., None]) -> None:
    shop.serve(shop.register(), **SMALL)
    work, deployment = shop.work(), shop.deployment(**SMALL)
    since = work.now()

    healthy = RULES.trouble(work, deployment, since)
    answers(well=1, badly=1)

    assert healthy is None
    assert RULES.trouble(work, deployment, since) == ("1 of 2 requests ended with a server error")


def test_life_of_the_resource_waiting_deployed_drifted_and_gone(shop: Shop) -> None:
    handler, inputs, call = ModelDeploymentHandler(), shop.inputs(**SMALL), shop.call()
    name, state = handler.create(inputs, call)
    assert state["state"] == "waiting"
    shop.register()

    state = handler.update(name, state, inputs, call)
    assert (state["state"], state["version"]) == ("serving", 1)
    same = handler.read(name, state, call)
    assert same is not None
    assert (same.state, same.inputs) == (state, inputs)

    shop.serve(shop.register(), **SMALL)
    promoted = handler.read(name, state, call)
    assert promoted is not None
    assert (promoted.state["version"], "drift" in promoted.state) == (2, False)

    path = f"run/v2/{inputs['endpoint']}?updateMask=ingress"
    shop.cloud.call("PATCH", path, {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"})
    drifted = handler.read(name, state, call)
    assert drifted is not None
    assert drifted.state.get("drift") == "its ingress is not the declared one"
    state = handler.update(name, drifted.state, inputs, call)
    assert service(shop)["ingress"] == "INGRESS_TRAFFIC_ALL"

    handler.delete(name, state, call)
    assert handler.read(name, state, call) is None


def test_a_service_of_somebody_else_is_left_alone(shop: Shop) -> None:
    parent, _, identifier = shop.deployment(**SMALL).endpoint.rpartition("/")
    body = {"template": {"containers": [{"image": "x"}]}, "labels": {"team": "web"}}
    told = shop.cloud.call("POST", f"run/v2/{parent}?serviceId={identifier}", body)
    shop.cloud.call("POST", f"run/v2/{told['name']}:wait", {})
    shop.register()

    with pytest.raises(NotOursError, match="not of this stack"):
        shop.serve(1, **SMALL)


def test_an_endpoint_that_becomes_serverless_keeps_its_document(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(1, **SMALL)

    serving.undeploy(shop.work(), shop.deployment())

    kept = serving.load(shop.place, shop.deployment().bucket, "score")
    assert kept.is_serverless
    assert split(shop) == {"m1": 100}


def test_a_lost_answer_makes_no_second_service(shop: Shop) -> None:
    number = shop.register()
    shop.cloud.faults.ask("lost", "services.create")

    served = shop.serve(number, **SMALL)

    assert (served.version, split(shop)) == (1, {"m1": 100})


def test_rows_are_asked_as_the_platforms_role(shop: Shop, account: str) -> None:
    shop.serve(shop.register(), **SMALL)
    place = replace(shop.place, role=account)
    deployment, address = shop.deployment(**SMALL), service(shop)["uri"]

    assert serverless.ask(place, deployment, address, [{"x": 1}]) == {"instances": [{"x": 1}]}
    inside = json.loads(json.dumps(shop.inputs(**SMALL)).replace("TRAFFIC_ALL", "INTERNAL_ONLY"))
    with pytest.raises(OperationError, match="inside the network"):
        serverless.ask(place, serving.Deployment.of(inside), address, [])
