"""Role assignments, and a cloud that decides by them who may do what."""

import uuid
from typing import Any

import pytest

from tests.clouds.azure.roles import BUILT_IN
from tests.clouds.azure.running import Refused
from tests.clouds_azure.asking import Site

_ROLES = {role.title: own for own, role in BUILT_IN.items()}
_DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"


def _definition(site: Site, title: str) -> str:
    return f"{site.cloud.scope}/{_DEFINITIONS}/{_ROLES[title]}"


def _assign(site: Site, scope: str, title: str, principal: str, **more: Any) -> str:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}{title}{principal}")
    own = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    asked = {"roleDefinitionId": _definition(site, title), "principalId": principal}
    site.put(own, {**asked, "principalType": "ServicePrincipal", **more})
    return own


@pytest.fixture
def reader(site: Site) -> Any:
    """An identity in a cloud that decides."""
    made = site.identity("reader")
    site.cloud.control("roles", decide=True)
    return made


def test_who_has_no_role_is_refused_until_he_has_one(site: Site, reader: Any) -> None:
    own, principal = site.ml(""), reader["properties"]["principalId"]
    with pytest.raises(Refused, match=r"AuthorizationFailed.*workspaces/read"):
        site.cloud.ask("GET", own, identity=reader["id"])
    made = _assign(site, own, "Reader", principal)
    site.cloud.ask("GET", own, identity=reader["id"])
    with pytest.raises(Refused, match=r"AuthorizationFailed.*jobs/write"):
        site.cloud.ask("PUT", site.ml("jobs", "one"), {}, identity=reader["id"])
    with pytest.raises(Refused, match="AuthorizationFailed"):
        site.cloud.ask("GET", site.group, identity=reader["id"])
    site.delete(made)
    with pytest.raises(Refused, match="AuthorizationFailed"):
        site.cloud.ask("GET", own, identity=reader["id"])


def test_a_role_counts_some_refusals_after_it_was_assigned(site: Site, reader: Any) -> None:
    site.cloud.control("pace", roles=2)
    _assign(site, site.group, "Reader", reader["properties"]["principalId"])
    for _ in range(2):
        with pytest.raises(Refused, match="AuthorizationFailed"):
            site.cloud.ask("GET", site.group, identity=reader["id"])
    site.cloud.ask("GET", site.group, identity=reader["id"])


def test_data_are_read_by_who_has_a_role_with_data(site: Site, reader: Any) -> None:
    account = site.id("Microsoft.Storage/storageAccounts", "mlopsdata")
    container = f"{account}/blobServices/default/containers/artifacts"
    site.put(container, {})
    principal = reader["properties"]["principalId"]
    _assign(site, account, "Reader", principal)
    path = "blob/mlopsdata/artifacts/none"
    with pytest.raises(Refused) as refused:
        site.cloud.call("GET", path, identity=reader["id"])
    assert refused.value.status == 403
    _assign(site, container, "Storage Blob Data Reader", principal)
    with pytest.raises(Refused) as refused:
        site.cloud.call("GET", path, identity=reader["id"])
    assert refused.value.status == 404


def test_a_custom_role_has_its_actions_and_stays_while_it_is_assigned(
    site: Site, reader: Any
) -> None:
    name = str(uuid.uuid4())
    own = f"{site.group}/{_DEFINITIONS}/{name}"
    action = "Microsoft.MachineLearningServices/workspaces/jobs/write"
    permissions = [{"actions": [action], "notActions": []}]
    asked = {"roleName": "starter", "permissions": permissions, "assignableScopes": [site.group]}
    site.put(own, asked)
    assignment = f"{site.group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    principal = reader["properties"]["principalId"]
    told = {"roleDefinitionId": own, "principalId": principal, "principalType": "ServicePrincipal"}
    site.put(assignment, told)
    site.cloud.ask(
        "PUT", site.ml("jobs", "one"), {"properties": site.command()}, identity=reader["id"]
    )
    with pytest.raises(Refused, match="RoleDefinitionHasAssignments"):
        site.delete(own)
    with pytest.raises(Refused, match="RoleDefinitionWithSameNameExists"):
        site.put(f"{site.group}/{_DEFINITIONS}/{uuid.uuid4()}", asked)


def test_an_identity_is_handed_on_by_who_may_assign_it(site: Site, reader: Any) -> None:
    other = site.identity("serving")
    principal = reader["properties"]["principalId"]
    own = site.ml("onlineEndpoints", "churn-dev")
    body: Any = {**site.place, "properties": {"authMode": "Key"}}
    body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {other["id"]: {}}}
    _assign(site, site.ml(""), "AzureML Data Scientist", principal)
    with pytest.raises(Refused, match="userAssignedIdentities/assign/action"):
        site.cloud.ask("PUT", own, body, identity=reader["id"])
    _assign(site, other["id"], "Managed Identity Operator", principal)
    site.cloud.ask("PUT", own, body, identity=reader["id"])


def test_an_assignment_is_made_once_and_does_not_change(site: Site) -> None:
    principal = site.identity()["properties"]["principalId"]
    own = _assign(site, site.group, "Reader", principal)
    other = f"{site.group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    asked = {"roleDefinitionId": _definition(site, "Reader"), "principalId": principal}
    with pytest.raises(Refused, match="409 RoleAssignmentExists"):
        site.put(other, {**asked, "principalType": "ServicePrincipal"})
    changed = {**asked, "roleDefinitionId": _definition(site, "Contributor")}
    with pytest.raises(Refused, match="RoleAssignmentUpdateNotPermitted"):
        site.put(own, {**changed, "principalType": "ServicePrincipal"})


def test_an_unknown_principal_needs_its_type(site: Site) -> None:
    own = f"{site.group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    asked = {"roleDefinitionId": _definition(site, "Reader"), "principalId": str(uuid.uuid4())}
    with pytest.raises(Refused, match="PrincipalNotFound"):
        site.put(own, asked)
    site.put(own, {**asked, "principalType": "ServicePrincipal"})


def test_roles_and_assignments_are_found(site: Site) -> None:
    principal = site.identity()["properties"]["principalId"]
    _assign(site, site.ml(""), "Reader", principal)
    path = f"{site.ml('')}/providers/Microsoft.Authorization/roleAssignments"
    query = f"?$filter=principalId%20eq%20'{principal}'"
    assert len(site.cloud.ask("GET", path + query)["value"]) == 1
    found = site.cloud.ask(
        "GET", f"{site.cloud.scope}/{_DEFINITIONS}?$filter=roleName%20eq%20'Reader'"
    )
    assert [one["name"] for one in found["value"]] == [_ROLES["Reader"]]
