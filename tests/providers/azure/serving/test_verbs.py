"""Verbs on endpoints of Azure: keys, networks, and the words of a refusal.

What every cloud has: `tests/providers/azure_and_gcp/test_verbs.py`.
"""

import pytest
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.verbs import predict
from mlops_iac_azure.verbs.site import Site

from mlops_iac.errors import OperationError
from tests.clouds.azure.hooks import Reply
from tests.providers.azure.serving.world import Shop


def test_a_key_is_asked_for_and_borne(shop: Shop) -> None:
    """An endpoint with keys takes no token of Entra's."""
    keyed = {"authentication": "key"}
    shop.make_endpoint(**keyed)
    shop.serve(shop.register(), **keyed)

    assert predict.predict(shop.site(**keyed), "score", "1") == 1
    assert len(shop.calls("listKeys")) == 1


def test_an_endpoint_within_a_network_is_not_asked_from_outside(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.register())
    deployment = shop.deployment()
    properties = deployment.body("onlineEndpoints")["properties"]
    monkeypatch.setitem(properties, "publicNetworkAccess", "Disabled")
    monkeypatch.setattr(Site, "deployment", lambda *_: deployment)
    monkeypatch.delenv("MLOPS_IAC_AZURE_ENDPOINT_INFERENCE")

    with pytest.raises(OperationError, match="inside the network of the platform only"):
        predict.predict(shop.site(), "score", [{"x": 1}])


def test_what_the_server_refuses_is_told_in_its_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.register())
    answer = Reply(400, b'{"error": {"code": "x", "message": "no column `x`"}}')
    monkeypatch.setattr(shop.containers, "invoke", lambda *_: answer)

    with pytest.raises(AzureError, match="`score` answers 424: no column `x`"):
        predict.predict(shop.site(), "score", [{"y": 1}])
