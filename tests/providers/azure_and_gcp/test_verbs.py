"""Verbs on versions and endpoints, on the test clouds."""

import pytest

from mlops_iac.errors import OperationError
from mlops_iac.verbs import endpoints, versions
from tests.providers.azure_and_gcp.fixtures import of_each
from tests.providers.azure_and_gcp.shop import Shop


def test_versions_are_listed_approved_and_promoted_in_the_same_words(shop: Shop) -> None:
    site = shop.site()
    shop.register("pending")
    (pending,) = versions.versions(site, "late")

    done = versions.approve(site, "late", 1, approver="ada", comment="good")
    shop.serve(1)
    shop.register()
    status = endpoints.promote(site, "score", 2)

    assert (pending.status, pending.run_id, pending.metrics) == ("pending", "key1", {"auc": 0.51})
    assert (done.status, done.approver, done.author) == ("approved", "ada", "mary")
    assert (status.state, status.details["version"]) == ("serving", 2)
    assert endpoints.rollback(site, "score").details["version"] == 1


def test_an_endpoint_is_absent_then_waits_then_serves(shop: Shop) -> None:
    site, predict = shop.site(), shop.adapter.predict.predict
    before = endpoints.endpoint_status(site, "score").state
    with pytest.raises(OperationError, match="run `mlops-iac up` first"):
        predict(site, "score", [{"x": 1}])
    shop.save()
    waiting = endpoints.endpoint_status(site, "score").state
    with pytest.raises(OperationError, match="waits for an approved version of `late`"):
        predict(site, "score", [{"x": 1}])

    assert (before, waiting) == ("absent", "waiting")


@of_each("rows", azure=["instances"], gcp=["predictions"])
def test_rows_documents_and_csv_reach_the_server(shop: Shop, rows: str) -> None:
    """The test cloud answers with what it was asked."""
    site, predict = shop.site(), shop.adapter.predict.predict
    shop.serve(shop.register())

    split = {"dataframe_split": {"columns": ["x"], "data": [[1]]}}

    assert predict(site, "score", [{"x": 1}]) == {rows: [{"x": 1}]}
    assert predict(site, "score", split) == split
    assert predict(site, "score", "1") == 1


def test_a_model_that_is_not_declared_is_told_with_those_that_are(shop: Shop) -> None:
    with pytest.raises(OperationError, match=r"no `RegisteredModel` is called `x`\n.*`late`"):
        versions.versions(shop.site(), "x")
