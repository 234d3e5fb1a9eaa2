"""Data planes ask for roles, once a test lets roles decide.

Proves that what our grants hand out is what the planes want. Limit: one action of each kind.
"""

import uuid
from typing import Any

import pytest

from tests.clouds.azure.roles import BUILT_IN
from tests.clouds.azure.running import Cloud, Refused
from tests.clouds_azure.asking import Site

_ROLES = {role.title: own for own, role in BUILT_IN.items()}


@pytest.fixture
def identity(site: Site) -> Any:
    """A managed identity, in a cloud whose roles decide."""
    made = site.identity()
    site.put(f"{site.account()}/blobServices/default/containers/data", {})
    site.put(f"{site.account()}/tableServices/default/tables/rows", {})
    secret = f"{site.id('Microsoft.KeyVault/vaults', 'mlops-vault')}/secrets/own"
    site.put(secret, {"value": "x"})
    site.cloud.control("roles", decide=True)
    return made


def _grant(site: Site, identity: Any, title: str, scope: str) -> None:
    place = uuid.uuid5(uuid.NAMESPACE_URL, f"{title} {scope}")
    role = f"{site.cloud.scope}/providers/Microsoft.Authorization/roleDefinitions/{_ROLES[title]}"
    own = {"roleDefinitionId": role, "principalId": identity["properties"]["principalId"]}
    own["principalType"] = "ServicePrincipal"
    site.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{place}", own)


ACCOUNT = "Microsoft.Storage/storageAccounts"
CASES = (
    (
        "Storage Blob Data Reader",
        f"{ACCOUNT}/mlopsdata/blobServices/default/containers/data",
        "blob/mlopsdata/data?restype=container&comp=list",
    ),
    (
        "Storage Table Data Reader",
        f"{ACCOUNT}/mlopsdata/tableServices/default/tables/rows",
        "table/mlopsdata/rows()",
    ),
    (
        "Key Vault Secrets User",
        "Microsoft.KeyVault/vaults/mlops-vault/secrets/own",
        "vault/mlops-vault/secrets/own",
    ),
)


@pytest.mark.parametrize(("title", "scope", "path"), CASES)
def test_a_plane_lets_in_who_has_the_role(
    site: Site, identity: Any, title: str, scope: str, path: str
) -> None:
    cloud = site.cloud
    with pytest.raises(Refused) as caught:
        cloud.call("GET", path, identity=identity["id"])
    assert caught.value.status == 403
    _grant(site, identity, title, f"{site.group}/providers/{scope}")
    cloud.call("GET", path, identity=identity["id"])


def test_metrics_are_written_by_who_may(site: Site, cloud: Cloud, identity: Any) -> None:
    point = {"dimValues": [], "min": 1, "max": 1, "sum": 1, "count": 1}
    data = {"baseData": {"metric": "m", "namespace": "n", "dimNames": [], "series": [point]}}
    body = {"time": "2026-01-01T00:00:00Z", "data": data}
    asked = {"identity": identity["id"], "token": None}
    with pytest.raises(Refused, match="AuthorizationFailed"):
        cloud.call("POST", f"metrics{site.ml('')}/metrics", body, **asked)
    _grant(site, identity, "Monitoring Metrics Publisher", site.ml(""))
    cloud.call("POST", f"metrics{site.ml('')}/metrics", body, **asked)
