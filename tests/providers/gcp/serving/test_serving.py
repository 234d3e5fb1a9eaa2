"""Rollouts on Vertex AI, each named after what went wrong with others; on the test cloud.

Proves what is asked of Vertex AI and what is made of its answers; that Vertex AI itself behaves so
is the test cloud's word.
"""

from collections.abc import Callable
from typing import Any

import pytest
from mlops_iac_gcp import documents, registry, serving
from mlops_iac_gcp.errors import DeploymentError, GcpError, NotOursError, QuotaError
from mlops_iac_gcp.serving import health
from mlops_iac_gcp.serving.filling import filled

from mlops_iac.errors import OperationError
from tests.providers.gcp.serving.world import Shop, digest_of

CANARY = {"rollout": {"percent": 10, "wait": "10m"}}
LINEAR = {"rollout": {"step_percent": 25, "wait": "5m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}
RIVAL = {"challenger": {"model": "late/1", "percent": 20}}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let Cloud Monitoring tell of answers of a version, by their codes."""
    real, told = health._series, dict[str, int]()  # pyright: ignore[reportPrivateUsage]

    def series(work: serving.Work, *asked: Any) -> Any:
        assert real(work, *asked) == []
        return [
            {
                "metric": {"labels": {"response_code": code}},
                "points": [{"value": {"int64Value": str(count)}}],
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
    image = "europe-west4-docker.pkg.dev/acme/images/delay@sha256:" + "c" * 64
    number = shop.register(image=image)

    shop.serve(number)

    model = shop.running(number)["model"]
    assert shop.ask("GET", f"v1/{model}")["containerSpec"]["imageUri"] == image


def test_the_id_of_a_deployed_model_and_the_split_are_known_before_anything_exists(
    shop: Shop,
) -> None:
    """terraform-provider-google #25152: ids by the service make the split unknown at plan time."""
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
    """The endpoint answers all the time: nobody is undeployed before the other has the traffic."""
    shop.serve(shop.register())
    shop.serve(shop.register())

    asked = shop.calls("deployModel", "patch", "undeployModel")
    assert asked[asked.index("undeployModel") - 1] == "patch"
    assert asked.index("undeployModel") > 1
    assert shop.split() == {2: 100}
    assert [one["displayName"] for one in shop.endpoint()["deployedModels"]] == ["main-2"]


def test_deploying_what_is_deployed_changes_nothing(shop: Shop) -> None:
    changes = ("deployModel", "undeployModel", "upload", "mutateDeployedModel", "update")
    shop.serve(shop.register())
    before = shop.calls(*changes)

    shop.serve(1)

    assert shop.calls(*changes) == before


def test_a_canary_gets_its_share_and_all_when_it_is_healthy(
    shop: Shop, answers: Callable[..., None]
) -> None:
    shop.serve(shop.register(), **CANARY)
    seen: list[dict[int, int]] = []
    number = shop.register()
    deployment = shop.deployment(**CANARY)

    def act() -> None:
        seen.append(shop.split())
        answers({"200": 98, "500": 2})

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
        answers({"200": 90, "500": 10})

    work = at_first_wait(shop, act)
    with pytest.raises(DeploymentError, match="10 of 100 requests ended with a server error"):
        serving.promote(work, shop.deployment(**CANARY), number)

    assert (shop.split(), shop.alias(), shop.copies()) == ({1: 100}, 1, {1})
    assert len(shop.endpoint()["deployedModels"]) == 1


def test_a_version_that_cannot_start_leaves_the_old_one_serving(shop: Shop) -> None:
    shop.serve(shop.register())
    number = shop.register()

    with (
        shop.failing("Model server never became ready"),
        pytest.raises(DeploymentError, match=r"version `2` .* never became ready"),
    ):
        shop.serve(number)

    assert (shop.split(), shop.alias(), shop.copies()) == ({1: 100}, 1, {1})


def test_a_first_deployment_that_fails_tells_why_and_leaves_the_alias(shop: Shop) -> None:
    number = shop.register()

    with shop.failing("no route /health"), pytest.raises(DeploymentError, match="no route /health"):
        shop.serve(number)

    assert (shop.alias(), shop.endpoint().get("trafficSplit", {})) == (None, {})


def test_an_autoscaled_endpoint_keeps_its_count_through_an_update(shop: Shop) -> None:
    """A new deployed model begins with its least replicas, whatever the load has brought."""
    shop.serve(shop.register(), **SCALED)
    shop.replicas(1, 5)
    begun: list[int] = []
    real = shop.containers.start
    shop.containers.start = lambda run: (  # type: ignore[method-assign]
        begun.append(run.request["deployedModel"]["dedicatedResources"]["minReplicaCount"])
        if "deployedModel" in run.request
        else None,
        real(run),
    )[1]
    try:
        shop.serve(shop.register(), **SCALED)
    finally:
        shop.containers.start = real  # type: ignore[method-assign]

    assert begun == [5]
    assert shop.running(2)["dedicatedResources"]["minReplicaCount"] == 1


def test_other_bounds_change_in_place_and_keep_what_is_deployed(shop: Shop) -> None:
    first = shop.serve(shop.register(), **SCALED)

    second = shop.serve(1, scaling={"min": 2, "max": 9})

    assert (first.id, shop.calls("deployModel")) == (second.id, ["deployModel"])
    resources = shop.running(1)["dedicatedResources"]
    assert (resources["minReplicaCount"], resources["maxReplicaCount"]) == (2, 9)


def test_another_machine_is_another_deployed_model_beside_the_old_one(shop: Shop) -> None:
    first = shop.serve(shop.register())

    second = shop.serve(1, compute={"cpu": 16, "memory_gb": 64})

    assert first.id != second.id
    assert shop.split() == {1: 100}


def test_an_endpoint_without_replicas_while_idle_is_asked_of_the_preview(shop: Shop) -> None:
    """Rhesis #1616: an idle endpoint costs; v1 of the API refuses a least of zero."""
    shop.serve(shop.register(), scaling={"min": 0, "max": 3})

    name = shop.deployment().endpoint
    told = shop.ask("GET", f"v1beta1/{name}")["deployedModels"][0]["dedicatedResources"]
    assert told.get("minReplicaCount", 0) == 0
    assert told["scaleToZeroSpec"]["idleScaledownPeriod"] == "300s"


def test_old_copies_are_swept_but_those_that_a_rollback_needs(shop: Shop) -> None:
    for _ in range(4):
        shop.serve(shop.register())
    assert shop.copies() == {3, 4}

    back = serving.rollback(shop.work(), shop.deployment())

    assert (back.version, shop.alias(), shop.copies()) == (3, 3, {3, 4})


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
    assert shop.calls("deployModel") == []


def test_a_version_without_a_digest_is_not_deployed(shop: Shop) -> None:
    number = shop.register(digest=None)

    with pytest.raises(DeploymentError, match="has no digest"):
        shop.serve(number)


def test_a_strangers_endpoint_is_refused_and_left_alone(shop: Shop) -> None:
    shop.serve(shop.register())
    labels = {**shop.endpoint()["labels"], "mlops-iac-project": "other"}
    name = shop.deployment().endpoint
    body = {"displayName": "score", "labels": labels}
    shop.ask("PATCH", f"v1/{name}?updateMask=labels", body)

    with pytest.raises(NotOursError):
        shop.serve(shop.register())
    with pytest.raises(NotOursError):
        serving.undeploy(shop.work(), shop.deployment())
    assert shop.split() == {1: 100}


@pytest.mark.parametrize("method", ["models.upload", "deployModel", "undeployModel"])
def test_a_lost_answer_deploys_nothing_twice(shop: Shop, method: str) -> None:
    """terraform-provider-google #23290: a lost answer left a second thing behind."""
    shop.serve(shop.register())
    number = shop.register()
    shop.cloud.faults.ask("lost", method)

    served = shop.serve(number)

    assert served.version == 2
    assert len(shop.endpoint()["deployedModels"]) == 1
    assert shop.copies() == {1, 2}


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
def test_a_passing_fault_is_waited_out(shop: Shop, kind: str) -> None:
    number = shop.register()
    shop.cloud.faults.ask(kind, "endpoints.get", times=2)
    shop.cloud.faults.ask("throttle", "deployModel", times=2)

    assert shop.serve(number).version == 1


def test_a_quota_is_told_with_a_remedy_and_nothing_is_left(shop: Shop) -> None:
    shop.serve(shop.register())
    number = shop.register()

    def refuse(*_: Any, **__: Any) -> Any:
        raise QuotaError(
            "deployModel: RESOURCE_EXHAUSTED: custom_model_serving_cpus",
            remedy="ask for more",
            http=429,
            status="RESOURCE_EXHAUSTED",
            said="custom_model_serving_cpus",
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlops_iac_gcp.serving.capacity.beginning", refuse)
        with pytest.raises(QuotaError, match="custom_model_serving_cpus"):
            shop.serve(number)

    assert (shop.split(), shop.copies()) == ({1: 100}, {1})


def test_a_denied_call_is_told_in_the_users_words(shop: Shop) -> None:
    number = shop.register()
    shop.cloud.faults.ask("denied", "deployModel")

    with pytest.raises(GcpError, match="permission"):
        shop.serve(number)


def test_a_deployment_waits_for_the_one_that_is_under_way(shop: Shop) -> None:
    """What is changed by somebody else is neither changed nor deleted."""
    shop.serve(shop.register())
    number = shop.register()
    shop.cloud.control("pace", operations=4)
    name = shop.deployment().endpoint
    running = shop.running(1)
    body = {
        "deployedModel": {
            "id": running["id"],
            "dedicatedResources": {**running["dedicatedResources"], "maxReplicaCount": 2},
        },
        "updateMask": "dedicatedResources.maxReplicaCount",
    }
    shop.ask("POST", f"v1/{name}:mutateDeployedModel", body)
    call = shop.call()

    served = serving.promote(shop.work(call), shop.deployment(), number)

    assert served.version == 2
    assert any("waits for another operation" in line for line in call.messages)


def test_a_first_deployment_happens_once_however_often_the_approval_is_told(shop: Shop) -> None:
    serving.save(shop.work(), shop.deployment())
    for _ in range(2):
        shop.register()

    first = serving.deploy_first(shop.work(), shop.deployment())
    again = serving.deploy_first(shop.work(), shop.deployment())

    assert first is not None
    assert (first.version, again) == (1, None)
    assert shop.calls("deployModel") == ["deployModel"]


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
    assert (shop.split(), shop.calls("deployModel")) == ({2: 100}, ["deployModel", "deployModel"])


def test_a_challenger_goes_when_it_is_declared_no_more(shop: Shop) -> None:
    shop.register()
    shop.serve(shop.register(), **RIVAL)

    served = shop.serve(2)

    assert (served.challenger, shop.split()) == (None, {2: 100})
    assert len(shop.endpoint()["deployedModels"]) == 1


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
    """kubeflow/pipelines #7347: an endpoint with a deployed model cannot be deleted."""
    for _ in range(3):
        shop.serve(shop.register())
    name = shop.deployment().endpoint

    serving.undeploy(shop.work(), shop.deployment())
    serving.undeploy(shop.work(), shop.deployment())
    shop.ask("DELETE", f"v1/{name}")

    assert shop.copies() == set()
    assert documents.paths(shop.place, shop.model.bucket, "deployments/") == []
    assert len(registry.listed(shop.place, shop.model)) == 3


def test_a_timeout_of_the_declaration_reaches_the_endpoint(shop: Shop) -> None:
    shop.serve(shop.register(), timeout="30s")

    assert shop.endpoint()["clientConnectionConfig"] == {"inferenceTimeout": "30s"}
