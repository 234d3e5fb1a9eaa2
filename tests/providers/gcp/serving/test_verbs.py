"""Verbs on versions and endpoints of Google Cloud, on the test cloud."""

from typing import Any

import pytest
from mlops_iac_gcp import serving
from mlops_iac_gcp.verbs import predict
from mlops_iac_gcp.verbs.site import Site

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope
from mlops_iac.verbs import endpoints, versions
from tests.providers.gcp.harness import planned
from tests.providers.gcp.scenarios import ENDPOINT
from tests.providers.gcp.serving.world import COMPONENTS, Shop


@pytest.fixture
def site(shop: Shop) -> Site:
    platform: dict[str, Any] = {"account": shop.cloud.project, "region": shop.cloud.region}
    scope = planned(shop.folder, (*COMPONENTS, ENDPOINT), **platform).scopes["score"]
    return Site(OperationScope(**vars(scope), outputs={}))


def test_versions_are_listed_approved_and_promoted_in_the_same_words(
    shop: Shop, site: Site
) -> None:
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


def test_an_endpoint_is_absent_then_waits_then_serves(shop: Shop, site: Site) -> None:
    before = endpoints.endpoint_status(site, "score").state
    with pytest.raises(OperationError, match="run `mlops-iac up` first"):
        predict.predict(site, "score", [{"x": 1}])
    serving.save(shop.work(), shop.deployment())
    waiting = endpoints.endpoint_status(site, "score").state
    with pytest.raises(OperationError, match="waits for an approved version of `late`"):
        predict.predict(site, "score", [{"x": 1}])

    assert (before, waiting) == ("absent", "waiting")


def test_rows_documents_and_csv_reach_the_server(shop: Shop, site: Site) -> None:
    """The test cloud answers with what it was asked."""
    shop.serve(shop.register())

    rows = predict.predict(site, "score", [{"x": 1}])
    split = {"dataframe_split": {"columns": ["x"], "data": [[1]]}}

    assert rows == {"predictions": [{"x": 1}]}
    assert predict.predict(site, "score", split) == split
    assert predict.predict(site, "score", "1") == 1


def test_a_model_that_is_not_declared_is_told_with_those_that_are(site: Site) -> None:
    with pytest.raises(OperationError, match=r"no `RegisteredModel` is called `x`\n.*`late`"):
        versions.versions(site, "x")
