"""Verbs on what a run has made, on a test cloud that executes: logs, rejection, features, answers.

Limit: what is deployed comes from a recording, not from the engine.
"""

import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.operations import AwsOperations
from mlops_iac_aws.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_aws.verbs import predict

from mlops_iac.custom import Properties
from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope, Scope
from mlops_iac.specs import Spec
from mlops_iac.testing.cast import member, write_project
from tests.clouds.aws.plugins.client import Client
from tests.clouds.aws.plugins.life import Life
from tests.clouds.aws.plugins.tables import ROWS
from tests.clouds.aws.running import REGION, Cloud, cloud
from tests.providers.aws.harness import draw
from tests.providers.aws.jobs_world import Shop
from tests.providers.aws.scenarios import RUNTIME
from tests.providers.local.world import FakeCall

pytestmark = pytest.mark.slow

SERVICES = (
    "application-autoscaling",
    "cloudwatch",
    "logs",
    "s3",
    "sagemaker",
    "sagemaker-featurestore-runtime",
    "sagemaker-runtime",
)
GROUPS = "aws-native:sagemaker:FeatureGroup"


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud(work="processes") as found:
        yield found


@pytest.fixture
def shop(running: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    running.reset()
    monkeypatch.setattr(predict, "_POLL_SECONDS", 0.1)
    return Shop(running, write_project(tmp_path))


class Waiting(FakeCall):
    """A call that waits for servers which start."""

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.5))

    def exists(self, resource_id: str, state: Properties) -> None:
        """Take what the engine would keep of a creation that is cut off."""


def declared(shop: Shop, *components: Spec) -> AwsOperations:
    """Put the components into the cloud; return the verbs of their stack."""
    shop.declare(*components)
    drawn = draw(shop.folder, *components, profile="prod", runtime_image=RUNTIME)
    scope = drawn.scopes[components[0].name]
    known: dict[str, Any] = {field.name: getattr(scope, field.name) for field in fields(Scope)}
    known["target"] = replace(scope.target, endpoints=dict.fromkeys(SERVICES, shop.cloud.address))
    return AwsOperations(OperationScope(**known, outputs={}))


def test_a_version_is_rejected_for_good(shop: Shop) -> None:
    operations = declared(shop, member("departures"), member("judged"), member("trained"))
    (group,) = shop.recorded.of_type("aws:sagemaker/modelPackageGroup:ModelPackageGroup")
    container = {"Image": RUNTIME, "ModelDataUrl": f"s3://{shop.bucket}/model.tar.gz"}
    shop.cloud.client("sagemaker").create_model_package(
        ModelPackageGroupName=group.inputs["modelPackageGroupName"],
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={"Containers": [container]},
    )

    (waiting,) = operations.versions("judged")
    rejected = operations.reject("judged", 1, approver="ada", comment="too many false alarms")

    assert waiting.status == "pending"
    assert (rejected.status, operations.versions("judged")[0].status) == ("rejected", "rejected")
    with pytest.raises(OperationError, match="reject"):
        operations.approve("judged", 1, approver="bob", comment="")


def test_the_newest_features_of_an_entity_are_read_from_the_online_store(shop: Shop) -> None:
    operations = declared(shop, member("departures"), member("weather"))
    for made in shop.recorded.of_type(GROUPS):
        row = ROWS[GROUPS]
        client = Client(REGION)
        life = Life(token=GROUPS, row=row, client=client, account="123456789012", default_tags={})
        life.create(dict(made.inputs))
    shop.run("weather")

    (found, unknown) = operations.features("weather", [{"origin": "JFK"}, {"origin": "nowhere"}])

    assert isinstance(found["wind"], float)
    assert unknown["wind"] is None


def test_what_a_finished_run_logged_is_shown_and_its_model_answers_asynchronously(
    shop: Shop,
) -> None:
    scaling = {"mode": "async", "max": 1}
    operations = declared(
        shop,
        member("departures"),
        member("late"),
        member("delay"),
        member("score", scaling=scaling),
    )
    shop.run("delay")
    lines = list(operations.logs("delay"))
    call = Waiting("urn:score", {"region": REGION, "account": shop.cloud.account})
    handler = ModelDeploymentHandler()
    inputs = dict(shop.recorded.one("score-deployment").inputs)
    identity, state = handler.create(inputs, call)

    answer = operations.predict("score", [{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 4.0}])
    handler.delete(identity, state, call)

    assert len(answer["predictions"]) == 2
    assert [line for line in lines if "mlops-iac metric auc=" in line] != []
