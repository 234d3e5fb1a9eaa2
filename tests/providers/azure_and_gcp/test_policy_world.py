"""What a retraining policy's executor sees of a cloud and does there, on the test clouds.

Its random histories are proved once for all targets: `tests/runtime/test_policy_executor.py`.
Limit: no container runs; that a promotion answers requests is proved by the tests of serving.
"""

from datetime import UTC, datetime, timedelta

from mlops_iac.runtime.policy import (
    Approved,
    EndpointDead,
    EndpointHealthy,
    Phase,
    Promote,
    Promoted,
    PromotionFailed,
    RequestApproval,
    RollBack,
    RolledBack,
    StartRun,
    Watch,
)
from mlops_iac.runtime.policy.executor import Executor
from mlops_iac.runtime.policy.lease import SECONDS, Lease
from tests.providers.azure_and_gcp.loop import RULES, Loop


def test_only_who_has_read_the_newest_memory_may_write_it(loop: Loop) -> None:
    first, second = loop.store.load(), loop.store.load()

    assert loop.store.save(first)
    assert not loop.store.save(second)
    assert loop.store.save(loop.store.load())


def test_one_executor_works_at_a_time_until_it_is_silent(loop: Loop) -> None:
    moment = [1000.0]
    one, other = (
        Lease(store=loop.store, owner=name, clock=lambda: moment[0]) for name in ("one", "other")
    )

    assert one.take()
    assert not other.take()
    moment[0] += SECONDS * 1.1
    assert other.take()
    one.give_back()
    assert not one.take()
    other.give_back()
    assert one.take()


def test_checks_are_told_by_their_reports_oldest_first(loop: Loop) -> None:
    now = datetime.now(UTC)
    loop.report(now - timedelta(hours=1), "data_drift")
    loop.report(now - timedelta(hours=2), alarm=False)
    loop.report(now - timedelta(hours=3), alarm=None)
    loop.report(now - timedelta(days=30), "data_drift")

    checks = loop.world().checks(frozenset())

    assert [check.alarm for check in checks] == [False, True]
    assert checks[1].signals == ("data_drift",)
    assert checks[1].at == (now - timedelta(hours=1)).timestamp()
    told = frozenset(check.id for check in checks)
    assert loop.world().checks(told) == []
    assert loop.world().known_checks(told | {"gone"}) == told


def test_an_alarm_starts_the_pipeline_once_and_a_run_without_a_version_is_refused(
    loop: Loop,
) -> None:
    loop.define()
    loop.report(datetime.now(UTC), "data_drift")
    executor = Executor(RULES, loop.world(), loop.store)
    executor.step()
    loop.world().start(StartRun(id="run-1", reason="again", check_id="x"))

    (found,) = loop.executions("flights-again")

    assert loop.followed() in (None, {found.name})
    state = executor.settle()
    assert state.phase is Phase.IDLE
    assert "refused" in state.reason


def test_a_pipeline_that_is_gone_is_a_failed_run(loop: Loop) -> None:
    loop.report(datetime.now(UTC), "data_drift")

    state = Executor(RULES, loop.world(), loop.store).settle()

    assert state.phase is Phase.IDLE
    assert "is not there" in state.reason


def served(loop: Loop) -> None:
    """Let the endpoint serve version 1, with version 2 pending."""
    loop.shop.serve(loop.shop.register())
    loop.shop.register("pending")


def test_a_promotion_is_approved_in_the_policys_name_and_knows_the_way_back(loop: Loop) -> None:
    served(loop)
    action, world = Promote(id="promote-1", version=2), loop.world()

    done, again = world.promote(action), world.promote(action)

    assert isinstance(done, Promoted)
    assert isinstance(again, Promoted)
    assert (done.previous, again.previous) == (1, 1)
    version = loop.shop.version(2)
    assert (version.status, version.approver) == ("approved", "policy renew")
    back = world.roll_back(RollBack(id="rollback-1", version=2, to=1))
    assert isinstance(back, RolledBack)
    assert loop.shop.alias() == 1


def test_what_nobody_approved_is_not_promoted_where_a_person_decides(loop: Loop) -> None:
    served(loop)
    world = loop.world(promotion="manual")
    asked = RequestApproval(id="approval-1", version=2)

    assert isinstance(world.promote(Promote(id="promote-1", version=2)), PromotionFailed)
    assert world.verdict(asked) is None
    loop.shop.approve(2, comment="fine")
    verdict = world.verdict(asked)
    assert isinstance(verdict, Approved)
    assert (verdict.version, verdict.by) == (2, "ada")


def test_server_errors_since_the_promotion_are_the_endpoints_death(loop: Loop) -> None:
    served(loop)
    watch = Watch(id="watch-1", version=1, previous=None, since=0.0, until=9e9)

    alive = loop.world().sign(watch)
    assert isinstance(alive, EndpointHealthy)
    assert alive.version == 1
    loop.fail()
    assert isinstance(loop.world().sign(watch), EndpointDead)
