"""What stands around Azure ML: vaults, storage, registries, networks, measures, apps, topics."""

from typing import Any

import pytest

from tests.clouds.azure.running import Refused
from tests.clouds_azure.asking import IMAGE, Site

_NET = "Microsoft.Network"


# --- vaults ---


def _deleted(site: Site) -> str:
    place = f"{site.cloud.scope}/providers/Microsoft.KeyVault/locations/{site.cloud.region}"
    return f"{place}/deletedVaults/mlops-vault"


def test_a_deleted_vault_keeps_its_name_until_it_is_purged(site: Site) -> None:
    own = site.vault()
    site.delete(own)
    assert site.get(_deleted(site))["properties"]["vaultId"] == own
    with pytest.raises(Refused, match="already exists in deleted state"):
        site.vault()
    site.cloud.ask("POST", f"{_deleted(site)}/purge")
    with pytest.raises(Refused, match="404 DeletedVaultNotFound"):
        site.get(_deleted(site))
    site.vault()


def test_a_deleted_vault_is_recovered_with_its_keys(site: Site) -> None:
    own = site.vault()
    key = f"{own}/keys/encryption"
    made = site.put(key, {"kty": "RSA", "keySize": 2048})
    site.delete(own)
    site.vault(createMode="recover")
    assert site.get(key)["properties"] == made["properties"]
    listed = f"{site.cloud.scope}/providers/Microsoft.KeyVault/deletedVaults"
    assert site.cloud.ask("GET", listed) == {"value": []}


def test_a_protected_vault_is_not_purged_and_stays_protected(site: Site) -> None:
    own = site.vault(enablePurgeProtection=True, softDeleteRetentionInDays=7)
    with pytest.raises(Refused, match="cannot be set to false"):
        site.vault(enablePurgeProtection=False)
    site.delete(own)
    with pytest.raises(Refused, match="405 MethodNotAllowed"):
        site.cloud.ask("POST", f"{_deleted(site)}/purge")
    site.cloud.clock.advance(8 * 24 * 3600)
    site.vault()


def test_a_key_that_is_there_stays_and_a_secret_gets_a_version(site: Site) -> None:
    own = site.vault()
    key = f"{own}/keys/encryption"
    made = site.put(key, {"kty": "RSA"})
    assert site.put(key, {"kty": "EC"})["properties"] == made["properties"]
    secret = f"{own}/secrets/password"
    told = [site.put(secret, {"value": text})["properties"] for text in ("one", "two")]
    assert told[0]["secretUriWithVersion"] != told[1]["secretUriWithVersion"]
    assert "value" not in told[0]
    with pytest.raises(Refused, match="405 MethodNotAllowed"):
        site.delete(secret)


# --- storage, registries ---


def test_an_account_has_its_services_its_keys_and_its_containers(site: Site) -> None:
    own = site.account()
    services = site.get(f"{own}/blobServices/default")
    assert services["name"] == "default"
    keys = site.cloud.ask("POST", f"{own}/listKeys", {})["keys"]
    assert [one["keyName"] for one in keys] == ["key1", "key2"]
    container = f"{own}/blobServices/default/containers/artifacts"
    site.put(container, {})
    listed = site.cloud.ask("GET", container.removesuffix("/artifacts"))["value"]
    assert "artifacts" in [one["name"] for one in listed]


def test_what_is_in_a_container_goes_with_it(site: Site) -> None:
    from azure.storage.blob import BlobServiceClient

    from tests.clouds_azure.played import Known

    own = f"{site.account()}/blobServices/default/containers/artifacts"
    site.put(own, {})
    place = f"{site.cloud.address}/blob/mlopsdata"
    options: Any = {"credential": Known(), "connection_verify": site.cloud.authority}
    client = BlobServiceClient(place, **options).get_container_client("artifacts")
    client.upload_blob("a", b"content")
    site.delete(own)
    site.put(own, {})
    assert list(client.list_blob_names()) == []


def test_a_registry_with_a_customers_key_is_premium(site: Site) -> None:
    own = site.id("Microsoft.ContainerRegistry/registries", "mlopsimages")
    asked = {"encryption": {"status": "enabled"}}
    with pytest.raises(Refused, match="FeatureNotSupportedForSku"):
        site.put(own, asked, **site.place, sku={"name": "Basic"})
    made = site.put(own, asked, **site.place, sku={"name": "Premium"})
    assert made["properties"]["loginServer"] == "mlopsimages.azurecr.io"


# --- networks ---


def _network(site: Site, *subnets: str) -> str:
    own = site.id(f"{_NET}/virtualNetworks", "net")
    parts = [
        {"name": name, "properties": {"addressPrefix": f"10.0.{number}.0/24"}}
        for number, name in enumerate(subnets)
    ]
    site.put(
        own, {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": parts}, **site.place
    )
    return own


def test_parts_of_a_network_are_resources_of_their_own(site: Site) -> None:
    own = _network(site, "one", "two")
    assert site.get(f"{own}/subnets/two")["properties"]["addressPrefix"] == "10.0.1.0/24"
    _network(site, "one")
    with pytest.raises(Refused, match="404"):
        site.get(f"{own}/subnets/two")
    assert [one["name"] for one in site.get(own)["properties"]["subnets"]] == ["one"]


def test_what_is_used_stays(site: Site) -> None:
    own = _network(site, "one")
    private = site.id(f"{_NET}/privateEndpoints", "private")
    vault = {"privateLinkServiceId": site.vault(), "groupIds": ["vault"]}
    links = [{"name": "vault", "properties": vault}]
    asked = {"subnet": {"id": f"{own}/subnets/one"}, "privateLinkServiceConnections": links}
    made = site.put(private, asked, **site.place)
    [link] = made["properties"]["privateLinkServiceConnections"]
    assert link["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    for used in (f"{own}/subnets/one", own):
        with pytest.raises(Refused, match="is in use by"):
            site.delete(used)
    site.delete(private)
    site.delete(own)


def test_what_is_named_is_there(site: Site) -> None:
    private = site.id(f"{_NET}/privateEndpoints", "private")
    with pytest.raises(Refused, match="InvalidResourceReference"):
        site.put(private, {"subnet": {"id": f"{_network(site)}/subnets/none"}}, **site.place)
    zone = site.id(f"{_NET}/privateDnsZones", "privatelink.api.azureml.ms")
    with pytest.raises(Refused, match="is `global`"):
        site.put(zone, {}, **site.place)
    site.put(zone, {}, location="global")
    link = f"{zone}/virtualNetworkLinks/net"
    asked = {"virtualNetwork": {"id": _network(site)}, "registrationEnabled": False}
    site.put(link, asked, location="global")
    with pytest.raises(Refused, match="nested resources"):
        site.delete(zone)


# --- measures ---


def test_a_resource_has_one_autoscale_setting(site: Site) -> None:
    target = site.deploy(site.endpoint(), "blue")
    sizes = {"minimum": "1", "maximum": "3", "default": "1"}
    profile = {"name": "load", "capacity": sizes, "rules": []}
    asked = {"targetResourceUri": target, "profiles": [profile], "enabled": True}
    one, two = (site.id("Microsoft.Insights/autoscaleSettings", name) for name in ("one", "two"))
    site.put(one, asked, **site.place)
    with pytest.raises(Refused, match="has the autoscale setting 'one'"):
        site.put(two, asked, **site.place)


def test_what_is_watched_and_told_is_there(site: Site) -> None:
    alert = site.id("Microsoft.Insights/metricAlerts", "late")
    nothing = site.id("Microsoft.Storage/storageAccounts", "nothing")
    asked: Any = {"scopes": [nothing], "severity": 2, "enabled": True, "criteria": {}}
    asked |= {"evaluationFrequency": "PT1M", "windowSize": "PT5M"}
    kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
    asked["criteria"] = {"odata.type": kind, "allOf": []}
    with pytest.raises(Refused, match="is not there"):
        site.put(alert, asked, location="global")
    logs = site.id("Microsoft.OperationalInsights/workspaces", "mlops-logs")
    made = site.put(logs, {"sku": {"name": "PerGB2018"}}, **site.place)
    component = site.id("Microsoft.Insights/components", "insights")
    told = {"Application_Type": "web", "WorkspaceResourceId": made["id"]}
    shown = site.put(component, told, **site.place, kind="web")
    assert shown["properties"]["ConnectionString"].startswith("InstrumentationKey=")


# --- apps ---


def _app(site: Site, image: str = IMAGE, **configuration: Any) -> str:
    environment = site.id("Microsoft.App/managedEnvironments", "apps")
    site.put(environment, {}, **site.place)
    own = site.id("Microsoft.App/containerApps", "churn")
    ingress = {"external": True, "targetPort": 8080}
    container = {"name": "model", "image": image}
    asked = {
        "managedEnvironmentId": environment,
        "configuration": {"ingress": ingress, **configuration},
        "template": {"containers": [container], "scale": {"minReplicas": 0, "maxReplicas": 2}},
    }
    site.put(own, asked, **site.place)
    return own


def _revisions(site: Site, own: str) -> dict[str, bool]:
    found = site.cloud.ask("GET", f"{own}/revisions")["value"]
    return {one["name"]: one["properties"]["active"] for one in found}


def test_a_changed_template_makes_a_revision_that_answers(site: Site) -> None:
    own = _app(site)
    first = site.get(own)["properties"]["latestReadyRevisionName"]
    _app(site)
    assert _revisions(site, own) == {first: True}
    _app(site, "mlops.azurecr.io/serve:2")
    assert list(_revisions(site, own).values()) == [False, True]
    host = site.get(own)["properties"]["configuration"]["ingress"]["fqdn"]
    path = f"https://{host}".removeprefix(f"{site.cloud.address}/")
    assert site.cloud.call("POST", f"{path}/score", {"a": 1}) == {"a": 1}


def test_a_revision_that_fails_leaves_the_one_before(site: Site) -> None:
    own = _app(site)
    first = site.get(own)["properties"]["latestReadyRevisionName"]
    site.cloud.faults.ask("operation", "containerApps.put")
    with pytest.raises(Refused, match="InternalServerError"):
        _app(site, "mlops.azurecr.io/serve:2")
    shown = site.get(own)["properties"]
    assert (shown["provisioningState"], shown["latestReadyRevisionName"]) == ("Failed", first)
    assert site.cloud.call("POST", "app/churn/score", {"a": 1}) == {"a": 1}


def test_an_app_that_asks_who_calls_refuses_strangers(site: Site) -> None:
    own = _app(site)
    validation: Any = {"allowedAudiences": ["api://churn"]}
    provider = {"enabled": True, "validation": validation}
    asked = {
        "platform": {"enabled": True},
        "globalValidation": {"unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": provider},
    }
    site.put(f"{own}/authConfigs/current", asked)
    with pytest.raises(Refused, match="401 Unauthorized"):
        site.cloud.call("POST", "app/churn/score", {"a": 1}, token="")
    with pytest.raises(Refused, match="401 Unauthorized"):
        site.cloud.call("POST", "app/churn/score", {"a": 1})
    token = site.cloud.token("api://churn")
    assert site.cloud.call("POST", "app/churn/score", {"a": 1}, token=token) == {"a": 1}


def test_secrets_of_an_app_are_told_apart(site: Site) -> None:
    own = _app(site, secrets=[{"name": "key", "value": "hidden"}])
    assert site.get(own)["properties"]["configuration"]["secrets"] == [{"name": "key"}]
    told = site.cloud.ask("POST", f"{own}/listSecrets", {})
    assert told == {"value": [{"name": "key", "value": "hidden"}]}


def test_an_environment_with_apps_stays(site: Site) -> None:
    own = _app(site)
    environment = site.get(own)["properties"]["managedEnvironmentId"]
    with pytest.raises(Refused, match="ManagedEnvironmentHasApps"):
        site.delete(environment)


# --- topics ---


def test_a_source_has_one_topic(site: Site) -> None:
    one, two = (site.id("Microsoft.EventGrid/systemTopics", name) for name in ("one", "two"))
    kind = "Microsoft.MachineLearningServices.Workspaces"
    asked = {"source": site.ml(""), "topicType": kind}
    site.put(one, asked, **site.place)
    with pytest.raises(Refused, match="SystemTopicAlreadyExists"):
        site.put(two, asked, **site.place)
    with pytest.raises(Refused, match="is no `Microsoft"):
        site.put(two, {**asked, "topicType": "Microsoft.Storage.StorageAccounts"}, **site.place)
