"""Endpoints without a replica of their own: container apps and their revisions, on the test cloud.

Proves what is asked of Container Apps and what is made of their answers; that they behave so is the
test cloud's word.
"""

from collections.abc import Callable
from typing import Any

import pytest
from mlops_iac_azure import documents, serving
from mlops_iac_azure.errors import DeploymentError, NotOursError
from mlops_iac_azure.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_azure.serving import health
from mlops_iac_azure.serving.container_apps import access
from mlops_iac_azure.verbs import predict

from mlops_iac.errors import OperationError
from mlops_iac.handlers.model_deployment import DRIFT
from mlops_iac.verbs import endpoints
from tests.providers.azure.serving.world import Shop, digest_of

APP: dict[str, Any] = {"scaling": {"memory_gb": 2}}
CANARY = {**APP, "rollout": {"percent": 10, "wait": "10m"}}
RIVAL = {**APP, "challenger": {"model": "late/1", "percent": 20}}
IDLE = {
    "scaling": {"min": 0, "max": 5, "requests_per_replica": 600},
    "compute": {"cpu": 2, "memory_gb": 4},
}
HANDLER = ModelDeploymentHandler()
CHANGES = ("containerApps.put", "containerApps.patch", "containerApps.delete")


def told(shop: Shop) -> dict[str, Any]:
    return shop.ask("GET", shop.deployment(**APP).endpoint)


def split(shop: Shop) -> dict[int, int]:
    """Return the share of the traffic by version."""
    rules = told(shop)["properties"]["configuration"]["ingress"]["traffic"]
    return {int(one["revisionName"].rpartition("--")[2][1:].partition("-")[0]): one["weight"]
            for one in rules if one["weight"]}  # fmt: skip


def revisions(shop: Shop) -> dict[str, bool]:
    """Return the revisions' names after the app's, and whether each is active."""
    found = shop.ask("GET", f"{shop.deployment(**APP).endpoint}/revisions")["value"]
    return {one["name"].rpartition("--")[2]: one["properties"]["active"] for one in found}


def test_the_first_version_makes_the_app_which_takes_by_name(shop: Shop) -> None:
    served = shop.serve(shop.register(), **APP)

    assert (served.version, served.digest, served.status) == (1, digest_of(1), "deployed")
    assert (split(shop), shop.alias()) == ({1: 100}, 1)
    template = told(shop)["properties"]["template"]
    (container,) = template["containers"]
    assert container["args"] == [f"{shop.version(1).artifact}"]
    assert container["resources"] == {"cpu": 1.0, "memory": "2Gi"}
    assert (template["scale"]["minReplicas"], template["scale"]["maxReplicas"]) == (0, 1)


def test_an_endpoint_that_is_idle_at_zero_is_an_app(shop: Shop) -> None:
    """A managed deployment keeps one instance, and costs while idle."""
    shop.serve(shop.register(), **IDLE)

    template = told(shop)["properties"]["template"]
    assert template["scale"]["minReplicas"] == 0
    assert template["scale"]["rules"][0]["http"]["metadata"] == {"concurrentRequests": "10"}
    assert template["containers"][0]["resources"] == {"cpu": 2.0, "memory": "4Gi"}


def test_a_new_version_begins_without_traffic_and_takes_all(shop: Shop) -> None:
    shop.serve(shop.register(), **APP)
    shop.serve(shop.register(), **APP)

    assert split(shop) == {2: 100}
    assert sorted(name[:3] for name in revisions(shop)) == ["m1-", "m2-"]


def test_serving_what_is_served_changes_nothing(shop: Shop) -> None:
    shop.serve(shop.register(), **APP)
    before = shop.calls(*CHANGES)

    shop.serve(1, **APP)

    assert shop.calls(*CHANGES) == before


@pytest.mark.parametrize(("errors", "is_good"), [(2, True), (20, False)])
def test_a_canary_is_looked_at_and_goes_on_or_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, errors: int, *, is_good: bool
) -> None:
    shop.serve(shop.register(), **CANARY)
    number, seen = shop.register(), list[dict[int, int]]()

    def series(*_: Any) -> Any:
        seen.append(split(shop))
        code = {"name": {"value": "statuscodecategory"}}
        return [
            {"metadatavalues": [{**code, "value": "2xx"}], "data": [{"total": 100 - errors}]},
            {"metadatavalues": [{**code, "value": "5xx"}], "data": [{"total": errors}]},
        ]

    monkeypatch.setattr(health, "_series", series)
    if is_good:
        shop.serve(number, **CANARY)
    else:
        with pytest.raises(DeploymentError, match="20 of 100 requests"):
            shop.serve(number, **CANARY)

    assert seen == [{1: 90, 2: 10}]
    assert split(shop) == ({2: 100} if is_good else {1: 100})


def test_a_version_that_does_not_come_up_leaves_the_old_one_and_may_be_tried_again(
    shop: Shop,
) -> None:
    """A revision's name is taken for good, also by one that never came up."""
    shop.serve(shop.register(), **APP)
    number = shop.register()
    with shop.failing("no route"), pytest.raises(DeploymentError, match=r"version `2` of `late`"):
        shop.serve(number, **APP)
    assert (split(shop), shop.alias()) == ({1: 100}, 1)

    shop.serve(number, **APP)

    assert split(shop) == {2: 100}
    assert any(name.endswith("-2") for name in revisions(shop))


def test_a_first_version_that_does_not_come_up_leaves_no_app(shop: Shop) -> None:
    number = shop.register()

    with shop.failing("no route"), pytest.raises(DeploymentError):
        shop.serve(number, **APP)

    assert shop.cloud.control("resources", type="Microsoft.App/containerApps") == []


def test_a_challenger_gets_its_share(shop: Shop) -> None:
    shop.register()
    served = shop.serve(shop.register(), **RIVAL)

    assert (split(shop), served.challenger) == ({2: 80, 1: 20}, 1)


def test_a_rollback_goes_to_a_revision_that_is_there(shop: Shop) -> None:
    for _ in range(3):
        shop.serve(shop.register(), **APP)
    active = {name[:3]: is_active for name, is_active in revisions(shop).items()}

    back = serving.rollback(shop.work(), shop.deployment(**APP))

    assert active == {"m1-": False, "m2-": True, "m3-": True}
    assert (back.version, split(shop), len(revisions(shop))) == (2, {2: 100}, 3)


def test_a_revision_that_was_retired_is_taken_up(shop: Shop) -> None:
    for _ in range(3):
        shop.serve(shop.register(), **APP)

    shop.serve(1, **APP)

    assert split(shop) == {1: 100}
    assert [active for name, active in revisions(shop).items() if name.startswith("m1-")] == [True]


def test_the_token_is_made_once_and_is_in_no_document(shop: Shop) -> None:
    deployment = shop.deployment(**APP)
    serving.save(shop.work(), deployment)
    token = access.token(shop.work(), deployment)
    serving.save(shop.work(), deployment)

    assert access.token(shop.work(), deployment) == token
    assert token not in str(documents.read(shop.place, deployment.bucket, deployment.path))


def test_who_asks_bears_the_token(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.serve(shop.register(), **APP)
    seen, real = list[str](), shop.containers.invoke

    def invoke(run: Any, invocation: Any) -> Any:
        seen.append(invocation.headers["authorization"])
        return real(run, invocation)

    monkeypatch.setattr(shop.containers, "invoke", invoke)

    assert predict.predict(shop.site(**APP), "score", "1") == 1
    assert seen == [f"Bearer {access.token(shop.work(), shop.deployment(**APP))}"]


def test_an_app_that_waits_is_told_so(shop: Shop) -> None:
    serving.save(shop.work(), shop.deployment(**APP))
    site = shop.site(**APP)

    assert endpoints.endpoint_status(site, "score").state == "waiting"
    with pytest.raises(OperationError, match="waits for an approved version"):
        predict.predict(site, "score", "1")


def test_a_removal_leaves_neither_app_nor_a_token_that_holds(shop: Shop) -> None:
    deployment = shop.deployment(**APP)
    shop.serve(shop.register(), **APP)
    token = access.token(shop.work(), deployment)

    serving.undeploy(shop.work(), deployment)
    serving.undeploy(shop.work(), deployment)

    assert shop.cloud.control("resources", type="Microsoft.App/containerApps") == []
    assert documents.paths(shop.place, shop.model.bucket, "deployments/") == []
    serving.save(shop.work(), deployment)
    assert access.token(shop.work(), deployment) != token


def test_a_strangers_app_is_refused(shop: Shop) -> None:
    shop.serve(shop.register(), **APP)
    tags = {**told(shop)["tags"], "mlops-iac-stack": "other"}
    shop.ask("PATCH", shop.deployment(**APP).endpoint, {"tags": tags})

    with pytest.raises(NotOursError):
        shop.serve(shop.register(), **APP)


def _other_split(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(**RIVAL), 2)


def _other_size(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(scaling={"memory_gb": 8}), 2)


def _other_tags(shop: Shop) -> None:
    tags = {**told(shop)["tags"], "team": "other"}
    shop.ask("PATCH", shop.deployment(**APP).endpoint, {"tags": tags})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_other_split, "its traffic is split in another way"),
        (_other_size, "other settings than the declared ones"),
        (_other_tags, "its tags are not the declared"),
    ],
)
def test_changes_behind_ups_back_are_drift_and_mended(
    shop: Shop, change: Callable[[Shop], None], said: str
) -> None:
    for _ in range(2):
        shop.register()
    name, state = HANDLER.create(shop.inputs(**APP), shop.call())
    serving.promote(shop.work(), shop.deployment(**APP), 2)

    change(shop)
    found = HANDLER.read(name, state, shop.call())

    assert found is not None
    assert said in found.inputs[DRIFT]
    fresh = HANDLER.update(name, state, shop.inputs(**APP), shop.call())
    again = HANDLER.read(name, fresh, shop.call())
    assert again is not None
    assert DRIFT not in again.inputs


@pytest.mark.parametrize("at", ["PUT containerapps", "PUT secrets", "PATCH containerapps"])
def test_a_create_that_was_killed_is_taken_up_and_doubles_nothing(shop: Shop, at: str) -> None:
    """The call is carried out, and the engine dies before it learns of the answer."""
    shop.register()

    with shop.dying(at):
        shop.create(**APP)
    _, state = shop.create(**APP)

    assert (state["state"], state["version"]) == ("serving", 1)
    assert (split(shop), len(revisions(shop)), shop.alias()) == ({1: 100}, 1, 1)


@pytest.mark.parametrize("method", ["containerApps.put", "containerApps.patch"])
def test_a_lost_answer_makes_nothing_twice(shop: Shop, method: str) -> None:
    shop.cloud.faults.ask("lost", method)

    shop.serve(shop.register(), **APP)

    assert (split(shop), len(revisions(shop))) == ({1: 100}, 1)
