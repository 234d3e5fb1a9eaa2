"""Vaults keep secrets and keys; registries build images and show them to who may pull.

Proves the planes that no client of Azure is needed for: their shapes are those of their documents.
Limits: the work of a build is simulated; layers are not there.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import USER
from tests.clouds_azure.played import Played, played

VAULT = "Microsoft.KeyVault/vaults"
REGISTRY = "Microsoft.ContainerRegistry/registries"


@pytest.fixture
def cloud() -> Iterator[Played]:
    """A cloud with a vault `vault1` and a registry `r`."""
    with played() as made:
        made.make(VAULT, "vault1", {"softDeleteRetentionInDays": 7}, location="westeurope")
        made.make(REGISTRY, "reg55", location="westeurope")
        yield made


def _vault(cloud: Played, verb: str, path: str, body: Any = None) -> Any:
    told = cloud.ask(verb, f"vault/vault1/{path}?api-version=7.5", body, audience=tokens.VAULT[0])
    return told.json() if told.content else told.status_code


def _arm(cloud: Played, verb: str, path: str, body: Any = None) -> Any:
    version = "2025-04-01" if "Registry" in path else "2024-11-01"
    address = f"resourcemanager{cloud.group}/providers/{path}?api-version={version}"
    return cloud.ask(verb, address, body, audience=tokens.MANAGEMENT[0])


def test_a_secret_has_versions_and_comes_back_from_the_dead(cloud: Played) -> None:
    first = _vault(cloud, "PUT", "secrets/callback", {"value": "1", "tags": {"a": "b"}})
    second = _vault(cloud, "PUT", "secrets/callback", {"value": "2"})
    assert first["id"] != second["id"]
    assert first["id"].startswith(f"{cloud.address}/vault/vault1/secrets/callback/")
    assert _vault(cloud, "GET", "secrets/callback")["value"] == "2"
    old = f"secrets/callback/{first['id'].rpartition('/')[2]}"
    assert (_vault(cloud, "GET", old)["value"], _vault(cloud, "GET", old)["tags"]) == (
        "1",
        {"a": "b"},
    )
    assert len(_vault(cloud, "GET", "secrets/callback/versions")["value"]) == 2
    [listed] = _vault(cloud, "GET", "secrets")["value"]
    assert listed["id"] == f"{cloud.address}/vault/vault1/secrets/callback"

    assert "recoveryId" in _vault(cloud, "DELETE", "secrets/callback")
    assert _vault(cloud, "GET", "secrets/callback")["error"]["code"] == "SecretNotFound"
    taken = _vault(cloud, "PUT", "secrets/callback", {"value": "3"})
    assert taken["error"]["code"] == "Conflict"
    _vault(cloud, "POST", "deletedsecrets/callback/recover")
    assert _vault(cloud, "GET", "secrets/callback")["value"] == "2"
    _vault(cloud, "DELETE", "secrets/callback")
    assert _vault(cloud, "DELETE", "deletedsecrets/callback") == 204
    assert _vault(cloud, "PUT", "secrets/callback", {"value": "4"})["value"] == "4"


def test_a_secret_of_the_resource_manager_is_the_vaults(cloud: Played) -> None:
    path = "Microsoft.KeyVault/vaults/vault1/secrets/made"
    told = _arm(cloud, "PUT", path, {"properties": {"value": "x"}})
    assert told.status_code in {200, 201}, told.text
    assert "value" not in told.json()["properties"]
    assert _vault(cloud, "GET", "secrets/made")["value"] == "x"
    assert cloud.ask("GET", "vault/vault1/secrets/made").status_code == 401


def test_a_key_is_rotated_by_hand_and_by_policy(cloud: Played) -> None:
    first = _vault(cloud, "POST", "keys/own/create", {"kty": "RSA"})["key"]["kid"]
    policy = {"lifetimeActions": [{"action": {"type": "Rotate"}}], "attributes": {}}
    _vault(cloud, "PUT", "keys/own/rotationpolicy", policy)
    shown = _vault(cloud, "GET", "keys/own/rotationpolicy")
    assert shown["lifetimeActions"] == policy["lifetimeActions"]
    own = f"keys/own/{first.rpartition('/')[2]}"
    wrapped = _vault(cloud, "POST", f"{own}/wrapkey", {"alg": "RSA-OAEP", "value": "c2VjcmV0"})
    second = _vault(cloud, "POST", "keys/own/rotate")["key"]["kid"]
    assert _vault(cloud, "GET", "keys/own")["key"]["kid"] == second != first
    asked = {"alg": "RSA-OAEP", "value": wrapped["value"]}
    assert _vault(cloud, "POST", f"{own}/unwrapkey", asked)["value"] == "c2VjcmV0"


def _access(cloud: Played, scope: str) -> str:
    form = {"grant_type": "access_token", "service": "reg55.azurecr.io"}
    form["access_token"] = tokens.make(USER, tokens.MANAGEMENT[0])
    refresh = _form(cloud, "oauth2/exchange", form)["refresh_token"]
    asked = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": scope}
    return _form(cloud, "oauth2/token", {**asked, "service": "reg55.azurecr.io"})["access_token"]


def _form(cloud: Played, path: str, form: dict[str, str]) -> Any:
    import requests

    address = f"{cloud.address}/registry/reg55/{path}"
    return requests.post(address, form, verify=cloud.authority, timeout=60).json()


def _manifest(cloud: Played, tag: str, token: str) -> Any:
    path = f"registry/reg55/v2/mlops/manifests/{tag}"
    return cloud.ask("GET", path, Authorization=f"Bearer {token}")


def test_an_image_is_built_from_what_was_uploaded(cloud: Played) -> None:
    told = _arm(cloud, "POST", f"{REGISTRY}/reg55/listBuildSourceUploadUrl").json()
    request = {"type": "DockerBuildRequest", "imageNames": ["mlops:7"], "isPushEnabled": True}
    request |= {"sourceLocation": told["relativePath"], "dockerFilePath": "Dockerfile"}
    request |= {"platform": {"os": "Linux"}}
    assert _arm(cloud, "POST", f"{REGISTRY}/reg55/scheduleRun", request).status_code == 400
    assert cloud.ask("PUT", told["uploadUrl"], {"x": 1}, x_ms_blob_type="BlockBlob").ok
    started = _arm(cloud, "POST", f"{REGISTRY}/reg55/scheduleRun", request)
    run = f"{REGISTRY}/reg55/runs/{started.json()['name']}"
    states = [_arm(cloud, "GET", run).json()["properties"]["status"] for _ in range(4)]
    assert (states[0], states[-1]) == ("Queued", "Succeeded")
    [listed] = _arm(cloud, "GET", f"{REGISTRY}/reg55/runs").json()["value"]
    [image] = listed["properties"]["outputImages"]
    log = _arm(cloud, "POST", f"{run}/listLogSasUrl").json()["logLink"]
    assert cloud.ask("GET", log).status_code == 404  # simulated work writes none

    token = _access(cloud, "repository:mlops:pull")
    assert _manifest(cloud, "7", token).headers["Docker-Content-Digest"] == image["digest"]
    assert _manifest(cloud, image["digest"], token).ok
    assert _manifest(cloud, "8", token).status_code == 404
    assert _manifest(cloud, "7", _access(cloud, "repository:other:pull")).status_code == 401
    assert _manifest(cloud, "7", tokens.make(USER, tokens.MANAGEMENT[0])).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    tags = cloud.ask("GET", "registry/reg55/acr/v1/mlops/_tags", **headers).json()
    assert tags["tags"] == [{"name": "7", "digest": image["digest"]}]
