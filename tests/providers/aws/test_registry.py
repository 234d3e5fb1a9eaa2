"""Versions of a model on SageMaker: in order, decided, named, with the run that made them."""

import pytest
from mlops_iac_aws import lineage, registry

from mlops_iac.errors import OperationError
from tests.providers.aws.serving_world import Shop, digest


@pytest.fixture
def group(shop: Shop) -> str:
    return shop.inputs()["policy"]["model_group"]


def test_ten_versions_are_in_numeric_order_over_pages(shop: Shop, group: str) -> None:
    """sagemaker-python-sdk #5606, moto #7165: order by text puts 10 before 9."""
    for _ in range(12):
        shop.register()

    numbers = [item.number for item in registry.listed(shop.clients, group)]

    assert numbers == list(range(12, 0, -1))


def test_the_digest_is_read_from_the_run_once_and_kept_with_the_version(
    shop: Shop, group: str
) -> None:
    number = shop.register()
    first = lineage.identified(shop.clients, registry.version(shop.clients, group, number))
    shop.cloud.client("s3").delete_object(
        Bucket=shop.inputs()["bucket"], Key="runs/delay/run-1/output/output.tar.gz"
    )

    again = lineage.identified(shop.clients, registry.version(shop.clients, group, number))

    assert first.digest == again.digest == digest(1)
    assert again.metrics == {"auc": 0.51, "log loss": 0.25}
    assert (again.job, again.run_key) == ("delay", "key1")


def test_a_version_that_no_run_made_has_no_digest(shop: Shop, group: str) -> None:
    number = shop.register(has_run=False)

    found = lineage.identified(shop.clients, registry.version(shop.clients, group, number))

    assert found.digest is None


def test_a_decision_keeps_who_and_why(shop: Shop, group: str) -> None:
    number = shop.register("PendingManualApproval")

    decided = registry.approve(shop.clients, group, number, approver="ada", comment="looks fine")

    assert (decided.status, decided.approver, decided.comment) == ("approved", "ada", "looks fine")
    assert decided.job == "delay"


def test_a_rejected_version_stays_rejected(shop: Shop, group: str) -> None:
    number = shop.register("PendingManualApproval")
    registry.reject(shop.clients, group, number, approver="ada", comment="biased")

    with pytest.raises(OperationError, match="rejected for good"):
        registry.approve(shop.clients, group, number, approver="bob", comment="")


def test_a_version_that_an_alias_names_is_not_rejected(shop: Shop, group: str) -> None:
    number = shop.register()
    registry.set_alias(shop.clients, group, "champion", number)

    with pytest.raises(OperationError, match="carries the alias `champion`"):
        registry.reject(shop.clients, group, number, approver="ada", comment="")


def test_in_regulated_somebody_else_than_the_author_approves(shop: Shop, group: str) -> None:
    number = shop.register("PendingManualApproval")
    known = registry.version(shop.clients, group, number)
    registry.note(shop.clients, known, {registry.AUTHOR: "ada"})
    arn = shop.sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    shop.sagemaker.add_tags(
        ResourceArn=arn["ModelPackageGroupArn"],
        Tags=[{"Key": "mlops-iac-profile", "Value": "regulated"}],
    )

    with pytest.raises(OperationError, match="`ada` is the author"):
        registry.approve(shop.clients, group, number, approver="ada", comment="")
    assert registry.approve(shop.clients, group, number, approver="bob", comment="").approver


def test_a_version_has_several_aliases_and_an_alias_one_version(shop: Shop, group: str) -> None:
    one, two = shop.register(), shop.register()
    for alias, number in (("champion", one), ("shadow", one), ("champion", two), ("champion", two)):
        registry.set_alias(shop.clients, group, alias, number)

    aliases = {item.number: item.aliases for item in registry.listed(shop.clients, group)}

    assert aliases == {one: ("shadow",), two: ("champion",)}


def test_a_stage_that_was_set_in_the_console_is_an_alias(shop: Shop, group: str) -> None:
    number = shop.register()
    arn = registry.version(shop.clients, group, number).arn
    stage = {"Stage": "champion", "StageStatus": "Approved", "StageDescription": "by hand"}
    shop.sagemaker.update_model_package(ModelPackageArn=arn, ModelLifeCycle=stage)

    found = registry.aliased(shop.clients, group, "champion")

    assert found is not None
    assert found.number == number


def test_an_unknown_model_or_version_is_refused_with_what_there_is(shop: Shop, group: str) -> None:
    shop.register()

    with pytest.raises(OperationError, match=r"no version `7`.*\n.*`1`"):
        registry.version(shop.clients, group, 7)
    with pytest.raises(OperationError, match="no model package group `nobody`"):
        registry.listed(shop.clients, "nobody")
