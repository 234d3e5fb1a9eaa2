"""Rollouts on online endpoints, each named after what went wrong with others; on the test cloud.

Proves what is asked of Azure ML and what is made of its answers; that Azure ML itself behaves so is
the test cloud's word.
"""

from collections.abc import Callable
from typing import Any

import pytest
from mlops_iac_azure import documents, registry, serving
from mlops_iac_azure.errors import AzureError, DeploymentError, NotOursError, QuotaError
from mlops_iac_azure.serving import health
from mlops_iac_azure.serving.filling import filled

from mlops_iac.errors import OperationError
from tests.providers.azure.serving.world import Shop, digest_of

CANARY = {"rollout": {"percent": 10, "wait": "10m"}}
LINEAR = {"rollout": {"step_percent": 25, "wait": "5m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}
RIVAL = {"challenger": {"model": "late/1", "percent": 20}}
SHADOW = {"challenger": {"model": "late/1", "percent": 50, "shadow": True}}
CHANGES = ("onlineEndpoints.put", "deployments.put", "deployments.patch", "deployments.delete",
           "autoscaleSettings.put", "autoscaleSettings.delete")  # fmt: skip


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let Azure Monitor tell of answers of a version, by their codes."""
    real, told = health._series, dict[str, int]()  # pyright: ignore[reportPrivateUsage]

    def series(work: serving.Work, *asked: Any) -> Any:
        assert real(work, *asked) == []
        return [
            {
                "metadatavalues": [{"name": {"value": "statuscodeclass"}, "value": code}],
                "data": [{"average": count}],
            }
            for code, count in told.items()
        ]

    monkeypatch.setattr(health, "_series", series)
    return told.update


def at_first_wait(shop: Shop, act: Callable[[], None], seconds: float = 10.0) -> serving.Work:
    """Return work that does something once, in the first wait of a rollout."""
    call, done = shop.call(), [False]

    def at_wait() -> None:
        if call.waits[-1] == seconds and not done[0]:
            done[0] = True
            act()

    call.at_wait = at_wait
    return shop.work(call)


def test_the_first_version_is_deployed_with_its_digest_and_takes_the_alias(shop: Shop) -> None:
    """terraform-provider-google #15303, #23217: a model on an endpoint, as a resource."""
    served = shop.serve(shop.register())

    assert (served.version, served.digest, served.status) == (1, digest_of(1), "deployed")
    assert shop.split() == {1: 100}
    assert shop.alias() == 1


def test_a_version_is_served_by_the_image_that_it_was_registered_with(shop: Shop) -> None:
    """The image of a job with requirements: the platform's own cannot load its models."""
    image = "acme.azurecr.io/delay@sha256:" + "c" * 64
    number = shop.register(image=image)

    shop.serve(number)

    environment = shop.of_version(number)["properties"]["environmentId"]
    told = shop.ask("GET", environment)["properties"]
    assert told["image"] == image
    assert told["inferenceConfig"]["scoringRoute"] == {"path": "/score", "port": 8080}


def test_names_of_deployments_and_the_split_are_known_before_anything_exists(
    shop: Shop,
) -> None:
    """azure-native: traffic may name only deployments that exist, so nobody can plan it."""
    shop.register()
    number = shop.register()
    version = registry.version(shop.place, shop.model, number)
    rival = registry.version(shop.place, shop.model, 1)
    wish = filled(shop.deployment(**RIVAL), version, rival)

    served = shop.serve(number, **RIVAL)

    assert dict(served.split) == dict(wish.split)
    assert shop.split() == {2: 80, 1: 20}
    assert served.challenger == 1


def test_a_new_version_is_deployed_beside_the_old_one_which_goes_last(shop: Shop) -> None:
    """The endpoint answers all the time: nothing is removed before the other has the traffic."""
    shop.serve(shop.register())
    before = len(shop.calls(*CHANGES))
    shop.serve(shop.register())

    asked = [one.rpartition("/")[2] for one in shop.calls(*CHANGES)[before:]]
    assert asked == [
        "deployments.put",
        "onlineEndpoints.put",
        "autoscaleSettings.delete",
        "deployments.delete",
    ]
    assert shop.split() == {2: 100}
    assert [name[:3] for name in shop.running()] == ["m2-"]


def test_deploying_what_is_deployed_changes_nothing(shop: Shop) -> None:
    shop.serve(shop.register())
    before = shop.calls(*CHANGES)

    shop.serve(1)

    assert shop.calls(*CHANGES) == before


def test_a_canary_gets_its_share_and_all_when_it_is_healthy(
    shop: Shop, answers: Callable[..., None]
) -> None:
    shop.serve(shop.register(), **CANARY)
    seen: list[dict[int, int]] = []
    number = shop.register()
    deployment = shop.deployment(**CANARY)

    def act() -> None:
        seen.append(shop.split())
        answers({"2xx": 98, "5xx": 2})

    work = at_first_wait(shop, act)
    served = serving.promote(work, deployment, number)

    assert seen == [{1: 90, 2: 10}]
    assert (served.version, shop.split(), shop.alias()) == (2, {2: 100}, 2)


def test_steps_of_a_linear_rollout_go_up_and_each_is_looked_at(shop: Shop) -> None:
    shop.serve(shop.register(), **LINEAR)
    number = shop.register()
    call, seen = shop.call(), []

    def at_wait() -> None:
        if call.waits[-1] == 10.0 and shop.split() not in seen:
            seen.append(shop.split())

    call.at_wait = at_wait
    serving.promote(shop.work(call), shop.deployment(**LINEAR), number)

    assert seen == [{1: 75, 2: 25}, {1: 50, 2: 50}, {1: 25, 2: 75}]
    assert call.waits.count(10.0) == 90
    assert shop.split() == {2: 100}


def test_a_version_that_fails_in_its_canary_goes_back_and_fails(
    shop: Shop, answers: Callable[..., None]
) -> None:
    """terraform-provider-aws #46663, #39099: the update rolls back and apply says success."""
    shop.serve(shop.register(), **CANARY)
    number = shop.register()

    def act() -> None:
        answers({"2xx": 90, "5xx": 10})

    work = at_first_wait(shop, act)
    with pytest.raises(DeploymentError, match="10 of 100 requests ended with a server error"):
        serving.promote(work, shop.deployment(**CANARY), number)

    assert (shop.split(), shop.alias(), len(shop.running())) == ({1: 100}, 1, 1)


def test_a_version_that_cannot_start_leaves_the_old_one_serving(shop: Shop) -> None:
    shop.serve(shop.register())
    number = shop.register()

    with (
        shop.failing("Model server never became ready"),
        pytest.raises(DeploymentError, match=r"version `2` .* never became ready"),
    ):
        shop.serve(number)

    assert (shop.split(), shop.alias(), len(shop.running())) == ({1: 100}, 1, 1)


def test_a_first_deployment_that_fails_tells_why_and_leaves_the_alias(shop: Shop) -> None:
    number = shop.register()

    with shop.failing("no route /health"), pytest.raises(DeploymentError, match="no route /health"):
        shop.serve(number)

    assert (shop.alias(), shop.split(), shop.running()) == (None, {}, {})


def test_an_autoscaled_endpoint_keeps_its_count_through_an_update(shop: Shop) -> None:
    """A new deployment begins with its least instances, whatever the load has brought."""
    shop.serve(shop.register(), **SCALED)
    shop.instances(1, 5)

    shop.serve(shop.register(), **SCALED)

    assert shop.of_version(2)["sku"]["capacity"] == 5
    ((name, setting),) = shop.settings().items()
    assert name.endswith(next(iter(shop.running())))
    (profile,) = setting["properties"]["profiles"]
    assert profile["capacity"] == {"minimum": "1", "maximum": "6", "default": "1"}


def test_other_bounds_change_in_place_and_keep_what_is_deployed(shop: Shop) -> None:
    first = shop.serve(shop.register(), **SCALED)
    shop.instances(1, 4)

    second = shop.serve(1, scaling={"min": 2, "max": 9})

    assert (first.id, len(shop.calls("deployments.put"))) == (second.id, 1)
    ((_, setting),) = shop.settings().items()
    assert setting["properties"]["profiles"][0]["capacity"]["maximum"] == "9"
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


def test_another_machine_is_another_deployment_beside_the_old_one(shop: Shop) -> None:
    first = shop.serve(shop.register())

    second = shop.serve(1, compute={"cpu": 16, "memory_gb": 64})

    assert first.id != second.id
    assert (shop.split(), len(shop.running())) == ({1: 100}, 1)


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
    work = at_first_wait(shop, lambda: seen.append((shop.split(), shop.mirror())))

    serving.promote(work, shop.deployment(**SHADOW, **CANARY), number)

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


def test_a_rollback_goes_to_the_version_before(shop: Shop) -> None:
    for _ in range(4):
        shop.serve(shop.register())

    back = serving.rollback(shop.work(), shop.deployment())

    assert (back.version, shop.alias(), shop.split()) == (3, 3, {3: 100})


def test_a_rollback_goes_to_no_version_that_was_rejected_since(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(shop.register())
    registry.reject(shop.place, shop.model, 1, approver="ada", comment="biased")

    with pytest.raises(OperationError, match="has served no other approved version"):
        serving.rollback(shop.work(), shop.deployment())


def test_a_new_setting_is_no_step_back_for_a_rollback(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(shop.register())
    other = {"timeout": "30s"}
    shop.serve(2, **other)

    assert serving.rollback(shop.work(), shop.deployment(**other)).version == 1


def test_a_version_that_nobody_approved_is_not_deployed(shop: Shop) -> None:
    number = shop.register("pending")

    with pytest.raises(OperationError, match="version `1` of `late` is pending"):
        shop.serve(number)
    assert shop.calls("deployments.put") == []


def test_a_version_without_a_digest_is_not_deployed(shop: Shop) -> None:
    number = shop.register(digest=None)

    with pytest.raises(DeploymentError, match="has no digest"):
        shop.serve(number)


def test_a_strangers_endpoint_is_refused_and_left_alone(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.make_endpoint(**{"mlops-iac-project": "other"})

    with pytest.raises(NotOursError):
        shop.serve(shop.register())
    with pytest.raises(NotOursError):
        serving.undeploy(shop.work(), shop.deployment())
    assert len(shop.running()) == 1


@pytest.mark.parametrize(
    "method",
    ["deployments.put", "onlineEndpoints.put", "deployments.delete", "environments/versions.put"],
)
def test_a_lost_answer_deploys_nothing_twice(shop: Shop, method: str) -> None:
    shop.serve(shop.register())
    number = shop.register()
    shop.cloud.faults.ask("lost", method)

    served = shop.serve(number)

    assert served.version == 2
    assert (shop.split(), len(shop.running())) == ({2: 100}, 1)


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
def test_a_passing_fault_is_waited_out(shop: Shop, kind: str) -> None:
    number = shop.register()
    shop.cloud.faults.ask(kind, "onlineEndpoints.get", times=2)
    shop.cloud.faults.ask("throttle", "deployments.put", times=2)

    assert shop.serve(number).version == 1


def test_a_quota_is_told_with_a_remedy_and_nothing_is_left(shop: Shop) -> None:
    shop.serve(shop.register())
    number = shop.register()

    def refuse(*_: Any, **__: Any) -> Any:
        raise QuotaError(
            "deployments: OutOfQuota: Standard DSv2 Family",
            remedy="ask for more",
            http=0,
            status="OutOfQuota",
            said="Standard DSv2 Family",
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlops_iac_azure.serving.capacity.beginning", refuse)
        with pytest.raises(QuotaError, match="Standard DSv2 Family"):
            shop.serve(number)

    assert (shop.split(), len(shop.running())) == ({1: 100}, 1)


def test_a_denied_call_is_told_in_the_users_words(shop: Shop) -> None:
    number = shop.register()
    shop.cloud.faults.ask("denied", "deployments.put")

    with pytest.raises(AzureError, match="cannot be served"):
        shop.serve(number)


def test_a_deployment_waits_for_the_one_that_is_under_way(shop: Shop) -> None:
    """What is changed by somebody else is neither changed nor deleted."""
    shop.serve(shop.register())
    number = shop.register()
    shop.cloud.control("pace", operations=4)
    one = shop.of_version(1)
    shop.cloud.call("PATCH", f"resourcemanager{one['id']}?api-version=2025-12-01",
                    {"sku": {**one["sku"], "capacity": 2}})  # fmt: skip
    call = shop.call()

    served = serving.promote(shop.work(call), shop.deployment(), number)

    assert served.version == 2
    assert any("waits for another change" in line for line in call.messages)


def test_a_first_deployment_happens_once_however_often_the_approval_is_told(shop: Shop) -> None:
    serving.save(shop.work(), shop.deployment())
    for _ in range(2):
        shop.register()

    first = serving.deploy_first(shop.work(), shop.deployment())
    again = serving.deploy_first(shop.work(), shop.deployment())

    assert first is not None
    assert (first.version, again) == (1, None)
    assert len(shop.calls("deployments.put")) == 1


def test_an_endpoint_waits_while_its_alias_names_nothing_approved(shop: Shop) -> None:
    shop.register("pending")
    other = {"model": "late@candidate"}

    assert serving.deploy_first(shop.work(), shop.deployment()) is None
    shop.register()
    assert serving.deploy_first(shop.work(), shop.deployment(**other)) is None
    registry.set_alias(shop.place, shop.model, "candidate", 2)
    served = serving.deploy_first(shop.work(), shop.deployment(**other))

    assert served is not None
    assert served.version == 2


def test_a_promotion_that_was_killed_before_the_alias_moved_is_finished(shop: Shop) -> None:
    number = shop.register()
    serving.save(shop.work(), shop.deployment())
    serving.deploy(shop.work(), shop.deployment(), number)

    serving.converge(shop.work(), shop.deployment())

    assert shop.alias() == number


def test_a_rollout_that_was_killed_between_two_steps_goes_on_from_there(shop: Shop) -> None:
    shop.serve(shop.register(), **LINEAR)
    number = shop.register()

    class Killed(BaseException):
        pass

    call = shop.call()

    def at_wait() -> None:
        if shop.split().get(2) == 50:
            raise Killed

    call.at_wait = at_wait
    with pytest.raises(Killed):
        serving.promote(shop.work(call), shop.deployment(**LINEAR), number)
    again, seen = shop.call(), []
    again.at_wait = lambda: seen.append(shop.split().get(2))
    serving.promote(shop.work(again), shop.deployment(**LINEAR), number)

    assert 25 not in seen
    assert {50, 75} <= set(seen)
    assert (shop.split(), len(shop.calls("deployments.put"))) == ({2: 100}, 2)


def test_a_challenger_goes_when_it_is_declared_no_more(shop: Shop) -> None:
    shop.register()
    shop.serve(shop.register(), **RIVAL)

    served = shop.serve(2)

    assert (served.challenger, shop.split()) == (None, {2: 100})
    assert len(shop.running()) == 1


def test_a_challenger_keeps_its_share_while_a_version_takes_over(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    shop.serve(2, **RIVAL, **CANARY)
    seen: list[dict[int, int]] = []
    number = shop.register()
    work = at_first_wait(shop, lambda: seen.append(shop.split()))

    serving.promote(work, shop.deployment(**RIVAL, **CANARY), number)

    assert seen == [{1: 20, 2: 72, 3: 8}]
    assert shop.split() == {3: 80, 1: 20}


def test_a_pinned_endpoint_cannot_be_promoted(shop: Shop) -> None:
    shop.register()
    pinned = shop.deployment(model="late/1")

    served = serving.converge(shop.work(), pinned)
    with pytest.raises(OperationError, match="is pinned to one version"):
        serving.promote(shop.work(), pinned, 1)

    assert served is not None
    assert (served.version, shop.alias()) == (1, None)


def test_undeploying_leaves_nothing_but_versions(shop: Shop) -> None:
    """azure-native: a deployment that has traffic cannot be deleted, nor its endpoint."""
    for _ in range(3):
        shop.serve(shop.register(), **SCALED, capture={"percent": 100})
    name = shop.deployment().endpoint

    serving.undeploy(shop.work(), shop.deployment(**SCALED, capture={"percent": 100}))
    serving.undeploy(shop.work(), shop.deployment(**SCALED, capture={"percent": 100}))
    shop.ask("DELETE", name)

    assert shop.settings() == {}
    assert documents.paths(shop.place, shop.model.bucket, "deployments/") == []
    assert len(registry.listed(shop.place, shop.model)) == 3
    workspace = name.partition("/onlineEndpoints")[0]
    for kind in ("environments", "data"):
        for asset in shop.ask("GET", f"{workspace}/{kind}")["value"]:
            listed = shop.ask("GET", f"{asset['id']}/versions?listViewType=ActiveOnly")
            assert listed["value"] == []


def test_what_was_archived_with_an_endpoint_serves_again(shop: Shop) -> None:
    shop.serve(shop.register())
    serving.undeploy(shop.work(), shop.deployment())

    shop.serve(1)

    environment = shop.of_version(1)["properties"]["environmentId"]
    assert not shop.ask("GET", environment)["properties"]["isArchived"]


def test_a_failed_deployment_is_made_anew(shop: Shop) -> None:
    """What has failed keeps its name, and can only be removed."""
    number = shop.register()
    serving.save(shop.work(), shop.deployment())
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
