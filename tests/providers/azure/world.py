"""A test cloud with a resource group, workspace, store and registry, for handlers. Not a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from mlops_iac_azure import lro, rest, session
from mlops_iac_azure.session import Place, blobs, place_of

from tests.clouds.azure.hooks import Work
from tests.clouds.azure.running import Cloud, cloud_here
from tests.providers.local.world import FakeCall

GROUP, WORKSPACE, ACCOUNT = "shop-group", "shop-space", "shopstore"
REGISTRY, VAULT = "shopimages", "shop-vault"
TAGS = {"mlops-iac-project": "shop", "mlops-iac-stack": "dev"}


@contextmanager
def azure(work: Work | None = None) -> Iterator[Cloud]:
    """Run a test cloud in this process."""
    with cloud_here(work=work) if work is not None else cloud_here() as running:
        yield running


def point(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point our clients at a cloud, and make pauses short."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rest, "FIRST_PAUSE_SECONDS", 0.002)
    monkeypatch.setattr(lro, "FIRST_POLL_SECONDS", 0.002)
    session.forget()


def call_on(cloud: Cloud, urn: str = "urn:thing") -> FakeCall:
    """Return a call as our plugin makes it."""
    config = {
        "account": cloud.subscription,
        "region": cloud.region,
        "group": GROUP,
        "workspace": WORKSPACE,
    }
    return FakeCall(urn, config)


def ground(call: FakeCall) -> Place:
    """Make what resources stand on; return where that is."""
    where = place_of(call.config)
    here = {"location": where.region, "tags": dict(TAGS)}
    lro.run(where, "PUT", where.group_id, here)
    account = {**here, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    lro.run(where, "PUT", where.id("Microsoft.Storage/storageAccounts", ACCOUNT), account)
    blobs(where, ACCOUNT).create_container("artifacts")
    registry = {**here, "sku": {"name": "Standard"}, "properties": {}}
    lro.run(where, "PUT", where.id("Microsoft.ContainerRegistry/registries", REGISTRY), registry)
    return where


def workspace(where: Place) -> None:
    """Make the workspace and its vault."""
    properties = {
        "storageAccount": where.id("Microsoft.Storage/storageAccounts", ACCOUNT),
        "keyVault": vault(where),
        "friendlyName": WORKSPACE,
    }
    body = {
        "location": where.region,
        "tags": dict(TAGS),
        "identity": {"type": "SystemAssigned"},
        "properties": properties,
    }
    lro.run(where, "PUT", where.workspace_id, body)


def vault(where: Place, name: str = VAULT, mode: str = "default") -> str:
    """Make or recover a vault; return its id."""
    path = where.id("Microsoft.KeyVault/vaults", name)
    properties = {
        "tenantId": "00000000-0000-0000-0000-00000000000a",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "createMode": mode,
    }
    body = {"location": where.region, "tags": dict(TAGS), "properties": properties}
    lro.run(where, "PUT", path, body)
    return path
