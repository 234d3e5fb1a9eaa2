"""Rollouts on Azure ML and on Vertex AI, each named after what went wrong with others.

Proves what is asked of a cloud and what is made of its answers; that it behaves so is the test
cloud's word.
"""

from collections.abc import Callable
from typing import Any

import pytest

from mlops_iac.errors import OperationError
from tests.providers.azure_and_gcp.fixtures import of_each
from tests.providers.azure_and_gcp.shop import Shop, digest_of

CANARY = {"rollout": {"percent": 10, "wait": "10m"}}
LINEAR = {"rollout": {"step_percent": 25, "wait": "5m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}
RIVAL = {"challenger": {"model": "late/1", "percent": 20}}


def test_the_first_version_is_deployed_with_its_digest_and_takes_the_alias(shop: Shop) -> None:
    """terraform-provider-google #15303, #23217: a model on an endpoint, as a resource."""
    served = shop.serve(shop.register())

    assert (served.version, served.digest, served.status) == (1, digest_of(1), "deployed")
    assert shop.split() == {1: 100}
    assert shop.alias() == 1


@of_each("registry", azure=["acme.azurecr.io"], gcp=["europe-west4-docker.pkg.dev/acme/images"])
def test_a_version_is_served_by_the_image_that_it_was_registered_with(
    shop: Shop, registry: str
) -> None:
    """The image of a job with requirements: the platform's own cannot load its models."""
    image = f"{registry}/delay@sha256:" + "c" * 64
    number = shop.register(image=image)

    shop.serve(number)

    assert shop.image_of(number) == image


def test_names_and_the_split_are_known_before_anything_exists(shop: Shop) -> None:
    """terraform-provider-google #25152: ids by the service make the split unknown at plan time.

    azure-native: traffic may name only deployments that exist, so nobody can plan it.
    """
    shop.register()
    number = shop.register()
    wish = shop.adapter.filling.filled(
        shop.deployment(**RIVAL), shop.version(number), shop.version(1)
    )

    served = shop.serve(number, **RIVAL)

    assert dict(served.split) == dict(wish.split)
    assert shop.split() == {2: 80, 1: 20}
    assert served.challenger == 1


def test_a_new_version_is_deployed_beside_the_old_one_which_goes_last(shop: Shop) -> None:
    """The endpoint answers all the time: nothing is removed before the other has the traffic."""
    shop.serve(shop.register())
    before = len(shop.calls("deploy", "split", "remove"))
    shop.serve(shop.register())

    assert shop.calls("deploy", "split", "remove")[before:] == ["deploy", "split", "remove"]
    assert shop.split() == {2: 100}
    assert shop.deployed() == ["main-2"]


def test_deploying_what_is_deployed_changes_nothing(shop: Shop) -> None:
    shop.serve(shop.register())
    before = shop.changed()

    shop.serve(1)

    assert shop.changed() == before


def test_a_canary_gets_its_share_and_all_when_it_is_healthy(
    shop: Shop, answers: Callable[..., None]
) -> None:
    shop.serve(shop.register(), **CANARY)
    seen: list[dict[int, int]] = []
    number = shop.register()

    def act() -> None:
        seen.append(shop.split())
        answers(well=98, badly=2)

    served = shop.promote(number, shop.at_first_wait(act), **CANARY)

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
    shop.promote(number, shop.work(call), **LINEAR)

    assert seen == [{1: 75, 2: 25}, {1: 50, 2: 50}, {1: 25, 2: 75}]
    assert call.waits.count(10.0) == 90
    assert shop.split() == {2: 100}


def test_a_version_that_fails_in_its_canary_goes_back_and_fails(
    shop: Shop, answers: Callable[..., None]
) -> None:
    """terraform-provider-aws #46663, #39099: the update rolls back and apply says success."""
    shop.serve(shop.register(), **CANARY)
    number = shop.register()
    work = shop.at_first_wait(lambda: answers(well=90, badly=10))

    with pytest.raises(
        shop.adapter.errors.DeploymentError, match="10 of 100 requests ended with a server error"
    ):
        shop.promote(number, work, **CANARY)

    assert (shop.split(), shop.alias(), shop.deployed()) == ({1: 100}, 1, ["main-1"])
    assert shop.copies() in (None, {1})


def test_a_version_that_cannot_start_leaves_the_old_one_serving(shop: Shop) -> None:
    shop.serve(shop.register())
    number = shop.register()

    with (
        shop.failing("Model server never became ready"),
        pytest.raises(
            shop.adapter.errors.DeploymentError, match=r"version `2` .* never became ready"
        ),
    ):
        shop.serve(number)

    assert (shop.split(), shop.alias(), shop.deployed()) == ({1: 100}, 1, ["main-1"])
    assert shop.copies() in (None, {1})


def test_a_first_deployment_that_fails_tells_why_and_leaves_the_alias(shop: Shop) -> None:
    number = shop.register()

    with (
        shop.failing("no route /health"),
        pytest.raises(shop.adapter.errors.DeploymentError, match="no route /health"),
    ):
        shop.serve(number)

    assert (shop.alias(), shop.split(), shop.deployed()) == (None, {}, [])


def test_other_bounds_change_in_place_and_keep_what_is_deployed(shop: Shop) -> None:
    first = shop.serve(shop.register(), **SCALED)

    second = shop.serve(1, scaling={"min": 2, "max": 9})

    assert (first.id, shop.calls("deploy")) == (second.id, ["deploy"])
    assert shop.bounds(1) == (2, 9)


def test_another_machine_is_deployed_anew_beside_the_old_one(shop: Shop) -> None:
    first = shop.serve(shop.register())

    second = shop.serve(1, compute={"cpu": 16, "memory_gb": 64})

    assert first.id != second.id
    assert (shop.split(), shop.deployed()) == ({1: 100}, ["main-1"])


def test_a_rollback_goes_to_the_version_before_of_which_a_copy_was_kept(shop: Shop) -> None:
    for _ in range(4):
        shop.serve(shop.register())
    assert shop.copies() in (None, {3, 4})

    back = shop.rollback()

    assert (back.version, shop.alias(), shop.split()) == (3, 3, {3: 100})
    assert shop.copies() in (None, {3, 4})


def test_a_rollback_goes_to_no_version_that_was_rejected_since(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(shop.register())
    shop.reject(1)

    with pytest.raises(OperationError, match="has served no other approved version"):
        shop.rollback()


def test_a_new_setting_is_no_step_back_for_a_rollback(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(shop.register())
    other = {"timeout": "30s"}
    shop.serve(2, **other)

    assert shop.rollback(**other).version == 1


def test_a_version_that_nobody_approved_is_not_deployed(shop: Shop) -> None:
    number = shop.register("pending")

    with pytest.raises(OperationError, match="version `1` of `late` is pending"):
        shop.serve(number)
    assert shop.calls("deploy") == []


def test_a_version_without_a_digest_is_not_deployed(shop: Shop) -> None:
    number = shop.register(digest=None)

    with pytest.raises(shop.adapter.errors.DeploymentError, match="has no digest"):
        shop.serve(number)


def test_a_strangers_endpoint_is_refused_and_left_alone(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.relabel(**{"mlops-iac-project": "other"})

    with pytest.raises(shop.adapter.errors.NotOursError):
        shop.serve(shop.register())
    with pytest.raises(shop.adapter.errors.NotOursError):
        shop.undeploy()
    assert (shop.split(), shop.deployed()) == ({1: 100}, ["main-1"])


@pytest.mark.parametrize("method", ["asset", "deploy", "split", "remove"])
def test_a_lost_answer_deploys_nothing_twice(shop: Shop, method: str) -> None:
    """terraform-provider-google #23290: a lost answer left a second thing behind."""
    shop.serve(shop.register())
    number = shop.register()
    shop.fault("lost", method)

    served = shop.serve(number)

    assert served.version == 2
    assert (shop.split(), shop.deployed()) == ({2: 100}, ["main-2"])
    assert shop.copies() in (None, {1, 2})


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
def test_a_passing_fault_is_waited_out(shop: Shop, kind: str) -> None:
    number = shop.register()
    shop.fault(kind, "look", times=2)
    shop.fault("throttle", "deploy", times=2)

    assert shop.serve(number).version == 1


@of_each("http", "status", azure=[(0, "OutOfQuota")], gcp=[(429, "RESOURCE_EXHAUSTED")])
def test_a_quota_is_told_with_a_remedy_and_nothing_is_left(
    shop: Shop, http: int, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.register())
    number = shop.register()
    error = shop.adapter.errors.QuotaError(
        f"deploying: {status}: cores of a family",
        remedy="ask for more",
        http=http,
        status=status,
        said="cores of a family",
    )

    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(shop.adapter.capacity, "beginning", refuse)
        with pytest.raises(type(error), match="cores of a family"):
            shop.serve(number)

    assert (shop.split(), shop.deployed()) == ({1: 100}, ["main-1"])
    assert shop.copies() in (None, {1})


@of_each("said", azure=["cannot be served"], gcp=["permission"])
def test_a_denied_call_is_told_in_the_users_words(shop: Shop, said: str) -> None:
    number = shop.register()
    shop.fault("denied", "deploy")

    with pytest.raises(shop.error, match=said):
        shop.serve(number)


@of_each("change", azure=["change"], gcp=["operation"])
def test_a_deployment_waits_for_the_one_that_is_under_way(shop: Shop, change: str) -> None:
    """What is changed by somebody else is neither changed nor deleted."""
    shop.serve(shop.register())
    number = shop.register()
    shop.cloud.control("pace", operations=4)
    shop.begin_change()
    call = shop.call()

    served = shop.promote(number, shop.work(call))

    assert served.version == 2
    assert any(f"waits for another {change}" in line for line in call.messages)


def test_a_first_deployment_happens_once_however_often_the_approval_is_told(shop: Shop) -> None:
    shop.save()
    for _ in range(2):
        shop.register()

    first, again = shop.deploy_first(), shop.deploy_first()

    assert first is not None
    assert (first.version, again) == (1, None)
    assert shop.calls("deploy") == ["deploy"]


def test_an_endpoint_waits_while_its_alias_names_nothing_approved(shop: Shop) -> None:
    shop.register("pending")
    other = {"model": "late@candidate"}

    assert shop.deploy_first() is None
    shop.register()
    assert shop.deploy_first(**other) is None
    shop.name("candidate", 2)
    served = shop.deploy_first(**other)

    assert served is not None
    assert served.version == 2


def test_a_promotion_that_was_killed_before_the_alias_moved_is_finished(shop: Shop) -> None:
    number = shop.register()
    shop.save()
    shop.deploy(number)

    shop.converge()

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
        shop.promote(number, shop.work(call), **LINEAR)
    again, seen = shop.call(), []
    again.at_wait = lambda: seen.append(shop.split().get(2))
    shop.promote(number, shop.work(again), **LINEAR)

    assert 25 not in seen
    assert {50, 75} <= set(seen)
    assert (shop.split(), shop.calls("deploy")) == ({2: 100}, ["deploy", "deploy"])


def test_a_challenger_goes_when_it_is_declared_no_more(shop: Shop) -> None:
    shop.register()
    shop.serve(shop.register(), **RIVAL)

    served = shop.serve(2)

    assert (served.challenger, shop.split()) == (None, {2: 100})
    assert shop.deployed() == ["main-2"]


def test_a_challenger_keeps_its_share_while_a_version_takes_over(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    shop.serve(2, **RIVAL, **CANARY)
    seen: list[dict[int, int]] = []
    number = shop.register()
    work = shop.at_first_wait(lambda: seen.append(shop.split()))

    shop.promote(number, work, **RIVAL, **CANARY)

    assert seen == [{1: 20, 2: 72, 3: 8}]
    assert shop.split() == {3: 80, 1: 20}


def test_a_pinned_endpoint_cannot_be_promoted(shop: Shop) -> None:
    shop.register()
    pinned = {"model": "late/1"}

    served = shop.converge(**pinned)
    with pytest.raises(OperationError, match="is pinned to one version"):
        shop.promote(1, **pinned)

    assert served is not None
    assert (served.version, shop.alias()) == (1, None)


@of_each("wishes", azure=[{**SCALED, "capture": {"percent": 100}}], gcp=[{}])
def test_undeploying_leaves_nothing_but_versions(shop: Shop, wishes: dict[str, Any]) -> None:
    """kubeflow/pipelines #7347: an endpoint that serves a model cannot be deleted.

    azure-native: nor can a deployment that has traffic.
    """
    for _ in range(3):
        shop.serve(shop.register(), **wishes)

    shop.undeploy(**wishes)
    shop.undeploy(**wishes)
    shop.drop_endpoint()

    assert shop.left_behind() == []
    assert shop.paths("deployments/") == []
    assert len(shop.listed()) == 3
