"""A plain Pulumi program with `pulumi_azure_native` lives in the test cloud, through the engine.

Proves that the stand-in speaks with the engine: outputs wire resources, nothing is changed twice,
what goes outside is seen, a renamed thing is replaced, all of it goes. Limit: the plugin is a
stand-in (`tests/clouds/azure/plugins`).
"""

from collections.abc import Iterator

import pytest
from pulumi import automation

from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_stack import PLUGINS
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def azure_cloud() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def _program(cloud: Cloud, container: str) -> None:
    import pulumi
    from pulumi_azure_native import Provider, authorization, managedidentity, resources, storage

    provider = Provider("azure", subscription_id=cloud.subscription, location=cloud.region)
    opts = pulumi.ResourceOptions(provider=provider)
    group = resources.ResourceGroup("all", resource_group_name="flights", opts=opts)
    account = storage.StorageAccount(
        "data",
        resource_group_name=group.name,
        account_name="flightsdata",
        location=cloud.region,
        kind="StorageV2",
        sku=storage.SkuArgs(name="Standard_LRS"),
        allow_shared_key_access=False,
        tags={"owner": "us"},
        opts=opts,
    )
    held = storage.BlobContainer(
        "raw",
        resource_group_name=group.name,
        account_name=account.name,
        container_name=container,
        opts=opts,
    )
    storage.Blob(
        "rows",
        resource_group_name=group.name,
        account_name=account.name,
        container_name=held.name,
        blob_name="rows/a b.csv",
        source=pulumi.StringAsset("a,b\n"),
        opts=opts,
    )
    identity = managedidentity.UserAssignedIdentity(
        "train", resource_group_name=group.name, resource_name_="flights-train", opts=opts
    )
    reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    roles = f"/subscriptions/{cloud.subscription}/providers/Microsoft.Authorization"
    authorization.RoleAssignment(
        "reads",
        scope=account.id,
        role_assignment_name="0f5f1c4e-8f4d-5f0a-9d58-0d4b2d1d6a01",
        role_definition_id=f"{roles}/roleDefinitions/{reader}",
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",
        opts=opts,
    )
    pulumi.export("url", account.primary_endpoints.blob)


def test_life(engine: Engine, azure_cloud: Cloud) -> None:
    engine.extra = {**azure_cloud.environment, "PATH": f"{PLUGINS}:{engine.env['PATH']}"}
    before = azure_cloud.control("resources")
    stack = engine.stack(lambda: _program(azure_cloud, "raw"))

    assert "flightsdata" in stack.up().outputs["url"].value
    assert _changes(stack.up().summary) == {"same"}
    assert _changes(stack.refresh().summary) == {"same"}

    assignment = azure_cloud.control("resources", type="Microsoft.Authorization/roleAssignments")
    azure_cloud.ask("DELETE", assignment[-1]["id"])
    assert _changes(stack.refresh().summary) == {"same", "delete"}
    assert _changes(stack.up().summary) == {"same", "create"}

    renamed = engine.stack(lambda: _program(azure_cloud, "events"))
    assert _changes(renamed.up().summary) == {"same", "replace"}

    renamed.destroy()
    assert azure_cloud.control("resources") == before


def _changes(summary: automation.UpdateSummary) -> set[str]:
    return {str(kind) for kind, count in (summary.resource_changes or {}).items() if count}
