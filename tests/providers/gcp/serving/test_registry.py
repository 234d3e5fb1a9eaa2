"""What only Vertex AI has of versions; the rest is in `tests/providers/azure_and_gcp`."""

from tests.providers.gcp.serving.world import Shop, digest_of


def test_a_server_is_told_the_digest_of_its_model(shop: Shop) -> None:
    version = shop.version(shop.register())

    env = shop.ask("GET", f"v1/{version.name}")["containerSpec"]["env"]
    assert {"name": "MLOPS_MODEL_DIGEST", "value": digest_of(1)} in env
