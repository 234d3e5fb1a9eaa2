"""Verbs on versions and endpoints of Azure, on the test cloud."""

from typing import Any

import pytest
from mlops_iac_azure import serving
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.verbs import predict
from mlops_iac_azure.verbs.site import Site

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope
from mlops_iac.specs import ModelEndpoint
from mlops_iac.verbs import endpoints, versions
from tests.clouds.azure.hooks import Reply
from tests.providers.azure.serving.world import Shop


@pytest.fixture
def site(shop: Shop) -> Site:
    return site_of(shop)


def site_of(shop: Shop, **endpoint: Any) -> Site:
    wishes: dict[str, Any] = {"model": "late@champion", **endpoint}
    scope = shop.drawn(ModelEndpoint("score", **wishes)).scopes["score"]
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

    assert rows == {"instances": [{"x": 1}]}
    assert predict.predict(site, "score", split) == split
    assert predict.predict(site, "score", "1") == 1


def test_a_model_that_is_not_declared_is_told_with_those_that_are(site: Site) -> None:
    with pytest.raises(OperationError, match=r"no `RegisteredModel` is called `x`\n.*`late`"):
        versions.versions(site, "x")


def test_a_key_is_asked_for_and_borne(shop: Shop) -> None:
    """An endpoint with keys takes no token of Entra's."""
    keyed = {"authentication": "key"}
    shop.make_endpoint(**keyed)
    shop.serve(shop.register(), **keyed)

    assert predict.predict(site_of(shop, **keyed), "score", "1") == 1
    assert len(shop.calls("listKeys")) == 1


def test_an_endpoint_within_a_network_is_not_asked_from_outside(
    shop: Shop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.register())
    deployment = shop.deployment()
    properties = deployment.body("onlineEndpoints")["properties"]
    monkeypatch.setitem(properties, "publicNetworkAccess", "Disabled")
    monkeypatch.setattr(Site, "deployment", lambda *_: deployment)
    monkeypatch.delenv("MLOPS_IAC_AZURE_ENDPOINT_INFERENCE")

    with pytest.raises(OperationError, match="inside the network of the platform only"):
        predict.predict(site, "score", [{"x": 1}])


def test_what_the_server_refuses_is_told_in_its_words(
    shop: Shop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.register())
    answer = Reply(400, b'{"error": {"code": "x", "message": "no column `x`"}}')
    monkeypatch.setattr(shop.containers, "invoke", lambda *_: answer)

    with pytest.raises(AzureError, match="`score` answers 424: no column `x`"):
        predict.predict(site, "score", [{"y": 1}])
