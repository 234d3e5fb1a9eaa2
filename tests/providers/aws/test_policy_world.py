"""What a retraining policy's executor sees of AWS and does there, on the test cloud.

Limit: moto stands behind the test cloud; that a promotion answers requests is proved by the tests
of serving.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mlops_iac_aws import registry
from mlops_iac_aws.policies.store import Store
from mlops_iac_aws.policies.world import AwsWorld

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
    Rules,
    StartRun,
    Watch,
)
from mlops_iac.runtime.policy.executor import Executor
from mlops_iac.runtime.policy.lease import SECONDS, Lease
from tests.providers.aws.serving_world import Shop

REPORTS = "monitors/watch/score/watch-data/"
ALARM = "renew-endpoint"
WATCH = Watch(id="watch-1", version=1, previous=None, since=0.0, until=9e9)


@dataclass
class Policy:
    """The policy `renew` of a shop."""

    shop: Shop

    def __post_init__(self) -> None:
        self.shop.cloud.client("sns").create_topic(Name="alarms")

    @property
    def bucket(self) -> str:
        return self.shop.inputs()["bucket"]

    @property
    def store(self) -> Store:
        return Store(clients=self.shop.clients, bucket=self.bucket, prefix="policies/renew/")

    def document(self, **rules: Any) -> Mapping[str, Any]:
        policy = self.shop.inputs()["policy"]
        return {
            "name": "renew",
            "endpoint": "score",
            "endpoint_name": self.shop.inputs()["endpoint"],
            "model_group": policy["model_group"],
            "definition": "definitions/again.json",
            "reports": [REPORTS],
            "alarms": [ALARM],
            "topic": f"arn:aws:sns:{self.shop.cloud.region}:{self.shop.cloud.account}:alarms",
            "rules": {**RULES.document(), **rules},
        }

    def world(self, **rules: Any) -> AwsWorld:
        return AwsWorld(
            clients=self.shop.clients,
            store=self.store,
            document=self.document(**rules),
            pause=lambda _: None,
        )

    def put(self, key: str, document: Any) -> None:
        s3 = self.shop.cloud.client("s3")
        s3.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(document).encode())

    def report(self, hour: datetime, *signals: str, alarm: bool | None = True) -> None:
        """Leave a report as a check does."""
        self.put(
            f"{REPORTS}{hour:%Y/%m/%d/%H}/report.json",
            {"alarm": alarm, "alarms": list(signals), "span": {"to": hour.isoformat()}},
        )


RULES = Rules(
    on=frozenset({"data_drift"}), promotion="automatic", max_runs=9, period_s=1e6, watch_s=60.0
)


@pytest.fixture
def policy(shop: Shop) -> Policy:
    return Policy(shop)


def test_only_who_has_read_the_newest_memory_may_write_it(policy: Policy) -> None:
    first, second = policy.store.load(), policy.store.load()

    assert policy.store.save(first)
    assert not policy.store.save(second)
    assert policy.store.save(policy.store.load())


def test_one_executor_works_at_a_time_until_it_is_silent(policy: Policy) -> None:
    moment = [1000.0]
    one, other = (
        Lease(store=policy.store, owner=name, clock=lambda: moment[0]) for name in ("one", "other")
    )

    assert one.take()
    assert not other.take()
    moment[0] += SECONDS / 2
    one.renew()
    moment[0] += SECONDS * 0.8
    assert not other.take()
    moment[0] += SECONDS
    assert other.take()
    one.give_back()
    assert not one.take()
    other.give_back()
    assert one.take()


def test_checks_are_told_by_their_reports_oldest_first(policy: Policy) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    policy.report(hour - timedelta(hours=1), "data_drift")
    policy.report(hour - timedelta(hours=2), alarm=False)
    policy.report(hour - timedelta(hours=3), alarm=None)
    policy.report(hour - timedelta(days=30), "data_drift")

    checks = policy.world().checks(frozenset())

    assert [check.alarm for check in checks] == [False, True]
    assert checks[1].signals == ("data_drift",)
    assert checks[1].at == (hour - timedelta(hours=1)).timestamp()
    told = frozenset(check.id for check in checks)
    assert policy.world().checks(told) == []
    assert policy.world().known_checks(told | {"gone"}) == told


def test_an_alarm_starts_the_pipeline_once_under_the_policys_mark(policy: Policy) -> None:
    shop = policy.shop
    shop.sagemaker.create_pipeline(
        PipelineName="shop-again",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": []}),
        ClientRequestToken="t" * 32,
        RoleArn="arn:aws:iam::123456789012:role/pipeline",
    )
    policy.put("definitions/again.json", {"job": "again", "pipeline": "shop-again",
                                          "parameters": {}})  # fmt: skip
    policy.report(datetime.now(UTC), "data_drift")
    executor = Executor(RULES, policy.world(), policy.store)
    executor.step()
    policy.world().start(StartRun(id="run-1", reason="again", check_id="x"))

    found = shop.sagemaker.list_pipeline_executions(PipelineName="shop-again")
    described = [
        shop.sagemaker.describe_pipeline_execution(
            PipelineExecutionArn=item["PipelineExecutionArn"]
        )
        for item in found["PipelineExecutionSummaries"]
    ]

    assert [item["PipelineExecutionDescription"] for item in described] == ["Key renew/run-1"]
    state = executor.settle()
    # A pipeline that registers nothing has closed gates.
    assert state.phase is Phase.IDLE
    assert "refused" in state.reason


def test_a_pipeline_that_is_gone_is_a_failed_run(policy: Policy) -> None:
    policy.report(datetime.now(UTC), "data_drift")

    state = Executor(RULES, policy.world(), policy.store).settle()

    assert state.phase is Phase.IDLE
    assert "is not there" in state.reason


def served(policy: Policy) -> None:
    """Let the endpoint serve version 1, with version 2 pending."""
    shop = policy.shop
    shop.serve(shop.register())
    shop.register("PendingManualApproval")


def test_a_promotion_is_approved_in_the_policys_name_and_knows_the_way_back(
    policy: Policy,
) -> None:
    served(policy)
    action, world = Promote(id="promote-1", version=2), policy.world()

    done, again = world.promote(action), world.promote(action)

    assert isinstance(done, Promoted)
    assert isinstance(again, Promoted)
    assert (done.previous, again.previous) == (1, 1)
    group = policy.shop.inputs()["policy"]["model_group"]
    version = registry.version(policy.shop.clients, group, 2)
    assert (version.status, version.approver) == ("approved", "policy renew")
    back = world.roll_back(RollBack(id="rollback-1", version=2, to=1))
    assert isinstance(back, RolledBack)
    sign = world.sign(WATCH)
    assert isinstance(sign, EndpointHealthy)
    assert sign.version == 1


def test_what_nobody_approved_is_not_promoted_where_a_person_decides(policy: Policy) -> None:
    served(policy)
    world = policy.world(promotion="manual")
    asked = RequestApproval(id="approval-1", version=2)

    assert isinstance(world.promote(Promote(id="promote-1", version=2)), PromotionFailed)
    assert world.verdict(asked) is None
    group = policy.shop.inputs()["policy"]["model_group"]
    registry.approve(policy.shop.clients, group, 2, approver="ada", comment="fine")
    verdict = world.verdict(asked)
    assert isinstance(verdict, Approved)
    assert (verdict.version, verdict.by) == (2, "ada")


def test_an_alarm_of_the_endpoint_since_the_promotion_is_its_death(policy: Policy) -> None:
    served(policy)
    cloudwatch = policy.shop.cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=ALARM, Namespace="AWS/SageMaker", MetricName="Invocation5XXErrors",
        Statistic="Average", Period=60, EvaluationPeriods=1, Threshold=0.05,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    world = policy.world()

    assert isinstance(world.sign(WATCH), EndpointHealthy)
    cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="5xx")
    assert isinstance(world.sign(WATCH), EndpointDead)
    later = Watch(id="w", version=1, previous=None, since=time.time() + 60, until=9e9)
    assert isinstance(world.sign(later), EndpointHealthy)
