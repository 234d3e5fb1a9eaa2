"""What every resource of Azure Resource Manager has. Limit: no cloud has told us that it agrees."""

import json
from typing import Any

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.running import Cloud, Refused
from tests.clouds_azure.asking import Site

_ACCOUNTS = "Microsoft.Storage/storageAccounts"


def test_a_resource_is_made_shown_changed_and_gone(site: Site) -> None:
    own = site.id("Microsoft.ManagedIdentity/userAssignedIdentities", "reader")
    headers, made = _asked(site.cloud, "PUT", own, site.place)
    assert (headers["status"], made["name"], made["id"]) == ("201", "reader", own)
    headers, _ = _asked(site.cloud, "PUT", own, {**site.place, "tags": {"a": "b"}})
    assert headers["status"] == "200"
    changed = site.cloud.ask("PATCH", own, {"tags": {"c": "d"}})
    assert changed["tags"] == {"a": "b", "c": "d"}
    assert site.get(own)["properties"] == made["properties"]
    assert _asked(site.cloud, "DELETE", own)[0]["status"] == "200"
    assert _asked(site.cloud, "DELETE", own)[0]["status"] == "204"
    with pytest.raises(Refused, match="404 ResourceNotFound"):
        site.get(own)


def _asked(cloud: Cloud, verb: str, own: str, body: Any = None) -> Any:
    return cloud.answer(verb, f"resourcemanager{own}?api-version=2024-11-30", body)


def test_ids_are_the_same_in_any_case_and_answered_as_they_were_written(site: Site) -> None:
    own = site.id(_ACCOUNTS, "mlopsdata")
    assert site.get(own.upper().replace("SUBSCRIPTIONS", "subscriptions"))["id"] == own


def test_a_request_without_a_version_a_token_or_the_subscription_is_refused(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="MissingApiVersionParameter"):
        cloud.call("GET", f"resourcemanager{cloud.scope}/resourcegroups")
    with pytest.raises(Refused, match="401 AuthenticationFailed"):
        cloud.call("GET", f"resourcemanager{cloud.scope}?api-version=2024-03-01", token="")
    wrong = tokens.make("a", tokens.VAULT[0])
    with pytest.raises(Refused, match="InvalidAuthenticationTokenAudience"):
        cloud.call("GET", f"resourcemanager{cloud.scope}?api-version=2024-03-01", token=wrong)
    with pytest.raises(Refused, match="SubscriptionNotFound"):
        cloud.ask("GET", "/subscriptions/another/resourceGroups/g")


def test_what_is_in_nothing_is_refused(site: Site) -> None:
    nowhere = site.id(_ACCOUNTS, "mlopsother").replace("/resourceGroups/g/", "/resourceGroups/h/")
    body: Any = {**site.place, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    with pytest.raises(Refused, match="404 ResourceGroupNotFound"):
        site.put(nowhere, {}, **body)
    with pytest.raises(Refused, match="404 ParentResourceNotFound"):
        site.put(site.ml("onlineEndpoints/deployments", "none", "blue"), {})


def test_every_rule_that_a_body_breaks_is_told(site: Site) -> None:
    own = site.ml("onlineEndpoints", "churn-dev")
    with pytest.raises(Refused) as refused:
        site.put(own, {"authMode": "Never", "strange": 1}, **site.place)
    for said in ("`properties.authMode`: must be one of", "`properties.strange`: is not a member"):
        assert said in refused.value.message
    vault = site.id("Microsoft.KeyVault/vaults", "mlops-other")
    with pytest.raises(Refused, match=r"`properties\.sku`: is required"):
        site.put(vault, {"tenantId": site.cloud.tenant}, **site.place)


def test_what_was_made_once_stays(site: Site) -> None:
    own = site.id(_ACCOUNTS, "mlopsdata")
    rest: Any = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    with pytest.raises(Refused, match="409 InvalidResourceLocation"):
        site.put(own, {}, location="northeurope", **rest)
    with pytest.raises(Refused, match=r"`properties.isHnsEnabled`"):
        site.put(own, {"isHnsEnabled": True}, **site.place, **rest)


def test_a_name_is_one_accounts_in_all_of_azure(site: Site) -> None:
    other = Site(site.cloud, "another")
    other.make_group()
    with pytest.raises(Refused, match="409 NameNotAvailable"):
        other.account()


def test_a_client_may_send_back_what_it_read(site: Site) -> None:
    for own in (site.id(_ACCOUNTS, "mlopsdata"), site.ml("")):
        told = site.get(own)
        assert site.cloud.ask("PUT", own, told)["properties"] == told["properties"]


def test_a_group_goes_with_all_that_is_in_it(site: Site) -> None:
    site.endpoint()
    site.delete(site.group)
    assert site.cloud.control("resources") == []


def test_a_lock_keeps_what_it_is_on_and_what_that_is_in(site: Site) -> None:
    account = site.id(_ACCOUNTS, "mlopsdata")
    lock = f"{account}/providers/Microsoft.Authorization/locks/keep"
    site.put(lock, {"level": "CanNotDelete"})
    for own in (account, site.group):
        with pytest.raises(Refused, match="409 ScopeLocked"):
            site.delete(own)
    site.delete(lock)
    site.delete(account)


def test_a_list_has_pages(site: Site) -> None:
    for number in "123":
        site.identity(f"one{number}")
    site.cloud.control("pace", page=2)
    path = site.id("Microsoft.ManagedIdentity/userAssignedIdentities", "x").removesuffix("/x")
    first = site.cloud.ask("GET", path)
    place = first["nextLink"].removeprefix(f"{site.cloud.address}/")
    rest = site.cloud.call("GET", place)
    names = [one["name"] for one in [*first["value"], *rest["value"]]]
    assert (names, "nextLink" in rest) == (["one1", "one2", "one3"], False)


def test_a_provider_is_registered(cloud: Cloud) -> None:
    path = f"resourcemanager{cloud.scope}/providers/Microsoft.App"
    states = [
        cloud.call(verb, f"{path}{more}?api-version=2021-04-01")["registrationState"]
        for verb, more in (("GET", ""), ("POST", "/register"), ("GET", ""))
    ]
    assert states == ["NotRegistered", "Registered", "Registered"]


def test_the_endpoints_are_told_to_azures_own_tools(cloud: Cloud) -> None:
    listed = cloud.call("GET", "metadata/endpoints?api-version=2019-05-01", token="")
    single = cloud.call("GET", "metadata/endpoints?api-version=2022-09-01", token="")
    assert listed == [single]
    assert single["resourceManager"] == cloud.arm


def test_a_machine_gets_tokens_of_the_identities_that_it_has(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import DefaultAzureCredential

    own, other = site.identity(), site.identity("other")
    for name, value in site.cloud.environment_of(own["id"]).items():
        monkeypatch.setenv(name, value)
    mine = own["properties"]
    told = DefaultAzureCredential(managed_identity_client_id=mine["clientId"])
    token = told.get_token("https://storage.azure.com/.default").token
    found = tokens.read(token)
    assert found is not None
    assert (found.principal, found.audience) == (mine["principalId"], "https://storage.azure.com")
    wrong = DefaultAzureCredential(managed_identity_client_id=other["properties"]["clientId"])
    with pytest.raises(ClientAuthenticationError):
        wrong.get_token("https://storage.azure.com/.default")


def test_an_error_has_azures_form(site: Site) -> None:
    import urllib.error
    import urllib.request

    own = f"{site.cloud.arm}{site.ml('jobs', 'none')}?api-version=2025-12-01"
    headers = {"Authorization": f"Bearer {site.cloud.token()}"}
    request = urllib.request.Request(own, headers=headers)  # noqa: S310 - our own server
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, context=site.cloud.tls)  # noqa: S310
    assert refused.value.headers["x-ms-error-code"] == "ResourceNotFound"
    assert set(json.loads(refused.value.read())["error"]) == {"code", "message"}
