"""Rollouts on Vertex AI: what only Vertex AI has.

What every cloud has: `tests/providers/azure_and_gcp/test_serving.py`.
"""

from tests.providers.gcp.serving.world import Shop

SCALED = {"scaling": {"min": 1, "max": 6}}


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


def test_an_endpoint_without_replicas_while_idle_is_asked_of_the_preview(shop: Shop) -> None:
    """Rhesis #1616: an idle endpoint costs; v1 of the API refuses a least of zero."""
    shop.serve(shop.register(), scaling={"min": 0, "max": 3})

    name = shop.deployment().endpoint
    told = shop.ask("GET", f"v1beta1/{name}")["deployedModels"][0]["dedicatedResources"]
    assert told.get("minReplicaCount", 0) == 0
    assert told["scaleToZeroSpec"]["idleScaledownPeriod"] == "300s"


def test_a_timeout_of_the_declaration_reaches_the_endpoint(shop: Shop) -> None:
    shop.serve(shop.register(), timeout="30s")

    assert shop.endpoint()["clientConnectionConfig"] == {"inferenceTimeout": "30s"}
