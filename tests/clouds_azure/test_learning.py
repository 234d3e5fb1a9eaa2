"""Azure ML: workspaces, assets, jobs, schedules, endpoints.

Limit: where Azure's words are not known, an error has Azure's code and words of ours.
"""

from typing import Any

import pytest

from tests.clouds.azure.running import Cloud, Refused
from tests.clouds_azure.asking import Site

_BLUE = {"blue": 100}


# --- workspaces ---


def test_a_deleted_workspace_keeps_its_name_until_it_is_purged(site: Site) -> None:
    own = site.ml("")
    needed = {"storageAccount": site.account(), "keyVault": site.id(_VAULTS, "mlops-vault")}
    more: Any = {**site.place, "identity": {"type": "SystemAssigned"}}
    site.delete(own)
    with pytest.raises(Refused, match="409 SoftDeletedWorkspaceExists"):
        site.put(own, needed, **more)
    site.delete(f"{own}?forceToPurge=true")
    site.put(own, needed, **more)
    site.delete(f"{own}?forceToPurge=true")
    site.put(own, needed, **more)


def test_the_name_of_a_deleted_workspace_is_free_after_a_fortnight(site: Site) -> None:
    site.delete(site.ml(""))
    site.cloud.clock.advance(15 * 24 * 3600)
    site.workspace()


_VAULTS = "Microsoft.KeyVault/vaults"


def test_a_workspace_needs_what_is_there_and_keeps_it(site: Site) -> None:
    other = site.id("Microsoft.MachineLearningServices/workspaces", "other")
    nothing = site.id("Microsoft.Storage/storageAccounts", "nothing")
    more: Any = {**site.place, "identity": {"type": "SystemAssigned"}}
    with pytest.raises(Refused, match=r"`storageAccount` .* is not there"):
        site.put(other, {"storageAccount": nothing}, **more)
    with pytest.raises(Refused, match=r"`properties\.storageAccount`"):
        site.put(site.ml(""), {"storageAccount": site.account("mlopsmore")}, **more)


def test_secrets_of_a_datastore_are_told_apart(site: Site) -> None:
    store = site.ml("datastores", "workspaceblobstore")
    assert "secrets" not in site.get(store)["properties"]["credentials"]
    assert site.cloud.ask("POST", f"{store}/listSecrets", {})["secretsType"] == "AccountKey"


# --- assets ---


def test_a_version_is_what_it_was_made_as(site: Site) -> None:
    own = site.model()
    place = site.get(own)["properties"]["modelUri"]
    with pytest.raises(Refused, match="`modelUri` of a version cannot be changed"):
        site.put(own, {"modelUri": f"{place}2"})
    changed = site.put(own, {"modelUri": place, "stage": "Production", "tags": {"a": "b"}})
    assert changed["properties"]["stage"] == "Production"
    site.put(own, {"modelUri": place, "properties": {"key": "1"}})
    with pytest.raises(Refused, match="`key` is immutable"):
        site.put(own, {"modelUri": place, "properties": {"key": "2"}})


def test_a_container_comes_with_its_first_version_and_counts(site: Site) -> None:
    site.model("1")
    site.model("2")
    told = site.get(site.ml("models", "churn"))["properties"]
    assert (told["latestVersion"], told["nextVersion"]) == ("2", "3")


def test_lists_leave_out_what_is_archived(site: Site) -> None:
    for version in ("1", "2"):
        site.model(version)
    place = site.get(site.model())["properties"]["modelUri"]
    site.put(site.ml("models/versions", "churn", "1"), {"modelUri": place, "isArchived": True})
    path = site.ml("models/versions", "churn", "1").removesuffix("/1")
    found = {
        view: [one["name"] for one in site.cloud.ask("GET", f"{path}?listViewType={view}")["value"]]
        for view in ("ActiveOnly", "ArchivedOnly", "All")
    }
    assert found == {"ActiveOnly": ["2"], "ArchivedOnly": ["1"], "All": ["1", "2"]}


# --- jobs ---


def _states(site: Site, own: str, looks: int = 3) -> list[str]:
    return [site.get(own)["properties"]["status"] for _ in range(looks)]


def test_a_job_passes_through_its_states_and_is_deleted_when_it_has_ended(site: Site) -> None:
    own = site.ml("jobs", "one")
    made = site.put(own, site.command())
    assert made["properties"]["status"] == "NotStarted"
    with pytest.raises(Refused, match="cancel it before"):
        site.delete(own)
    assert _states(site, own) == ["Running", "Completed", "Completed"]
    with pytest.raises(Refused, match="cannot be canceled"):
        site.cloud.ask("POST", f"{own}/cancel", {})
    site.delete(own)


def test_a_job_is_begun_once_under_its_name(site: Site) -> None:
    own, asked = site.ml("jobs", "one"), site.command()
    site.put(own, asked)
    _states(site, own)
    again = site.put(own, {**asked, "tags": {"a": "b"}})
    assert (again["properties"]["status"], again["properties"]["tags"]) == ("Completed", {"a": "b"})
    with pytest.raises(Refused, match="`command` cannot be changed"):
        site.put(own, {**asked, "command": "false"})


def test_a_cancelled_job_ends_cancelled(site: Site) -> None:
    own = site.ml("jobs", "one")
    site.put(own, site.command())
    site.cloud.ask("POST", f"{own}/cancel", {})
    assert _states(site, own)[-1] == "Canceled"


def test_a_job_names_what_is_there(site: Site) -> None:
    for name, wanted in (
        ("environmentId", site.ml("environments/versions", "none", "1")),
        ("computeId", site.ml("computes", "none")),
        ("codeId", site.ml("codes/versions", "none", "1")),
    ):
        with pytest.raises(Refused, match=f"`{name}` .* is not there"):
            site.put(site.ml("jobs", name), site.command(**{name: wanted}))


# --- schedules ---


def _schedule(site: Site, **properties: Any) -> Any:
    action = {"actionType": "CreateJob", "jobDefinition": site.command()}
    trigger = {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC"}
    return {"action": action, "trigger": trigger, **properties}


def test_a_schedule_starts_its_job_when_the_clock_moves(site: Site) -> None:
    own = site.ml("schedules", "nightly")
    site.put(own, _schedule(site))
    [done] = site.cloud.clock.advance(24 * 3600)
    job = site.get(done["started"])
    assert job["properties"]["properties"]["azureml.scheduleName"] == "nightly"
    site.put(own, _schedule(site, isEnabled=False))
    assert [one["skipped"] for one in site.cloud.clock.advance(24 * 3600)] == ["disabled"]


def test_a_recurrence_steps_and_a_schedule_may_be_fired(site: Site) -> None:
    trigger = {"triggerType": "Recurrence", "frequency": "Hour", "interval": 6}
    site.put(site.ml("schedules", "often"), _schedule(site, trigger=trigger))
    assert len(site.cloud.clock.advance(24 * 3600 + 60)) == 4
    assert "started" in site.cloud.control("fire", schedule="often")


def test_an_enabled_schedule_stays_and_what_it_starts_stays_too(site: Site) -> None:
    own = site.ml("schedules", "nightly")
    site.put(own, _schedule(site))
    with pytest.raises(Refused, match="disable it before"):
        site.delete(own)
    other = {"actionType": "CreateJob", "jobDefinition": site.command(command="false")}
    with pytest.raises(Refused, match="action of a schedule cannot be changed"):
        site.put(own, _schedule(site, action=other))
    site.put(own, _schedule(site, isEnabled=False))
    site.delete(own)


# --- online endpoints ---


def test_traffic_names_deployments_that_are_there_and_adds_up(site: Site) -> None:
    own = site.endpoint()
    with pytest.raises(Refused, match="do not exist"):
        site.route(own, blue=100)
    site.deploy(own, "blue")
    with pytest.raises(Refused, match="add up to 0 or 100, not 60"):
        site.route(own, blue=60)
    assert site.route(own, blue=100)["properties"]["traffic"] == _BLUE


def test_mirrored_traffic_goes_to_one_that_takes_none(site: Site) -> None:
    own = site.endpoint()
    for name in ("blue", "green"):
        site.deploy(own, name)
    for mirrored, said in (
        ({"blue": 10}, "takes traffic"),
        ({"green": 51}, "At most 50"),
    ):
        asked = {"authMode": "AADToken", "traffic": _BLUE, "mirrorTraffic": mirrored}
        with pytest.raises(Refused, match=said):
            site.put(own, asked, **site.place)
    asked = {"authMode": "AADToken", "traffic": _BLUE, "mirrorTraffic": {"green": 50}}
    site.put(own, asked, **site.place)


def test_what_takes_traffic_is_not_deleted(site: Site) -> None:
    own = site.endpoint()
    blue = site.deploy(own, "blue")
    site.route(own, blue=100)
    with pytest.raises(Refused, match="has 100 per cent"):
        site.delete(blue)
    site.route(own, blue=0)
    site.delete(blue)
    assert site.get(own)["properties"]["traffic"] == {}


def test_a_name_is_one_endpoints_in_a_region(site: Site) -> None:
    site.endpoint()
    other = site.id("Microsoft.MachineLearningServices/workspaces", "other")
    more: Any = {**site.place, "identity": {"type": "SystemAssigned"}}
    site.put(other, {"storageAccount": site.account()}, **more)
    with pytest.raises(Refused, match="already exists an endpoint"):
        site.put(f"{other}/onlineEndpoints/churn-dev", {"authMode": "Key"}, **more)


def test_a_deployment_names_what_is_there_and_may_be_called(site: Site) -> None:
    own = site.endpoint()
    with pytest.raises(Refused, match=r"`model` .* is not there"):
        site.deploy(own, "blue", model=site.ml("models/versions", "none", "1"))
    site.deploy(own, "blue")
    site.route(own, blue=100)
    told = site.cloud.call("POST", "inference/churn-dev/score", {"a": 1})
    assert told == {"a": 1}


def test_a_deployment_is_called_when_its_operation_has_failed_and_it_was_put_again(
    site: Site,
) -> None:
    own = site.endpoint()
    site.cloud.faults.ask("operation", "deployments.put")
    with pytest.raises(Refused, match="InternalServerError"):
        site.deploy(own, "blue")
    assert site.get(f"{own}/deployments/blue")["properties"]["provisioningState"] == "Failed"
    site.deploy(own, "blue")
    site.route(own, blue=100)
    assert site.cloud.call("POST", "inference/churn-dev/score", {"a": 1}) == {"a": 1}


def test_a_deployment_changes_its_size(site: Site) -> None:
    own = site.deploy(site.endpoint(), "blue")
    changed = site.cloud.ask("PATCH", own, {"sku": {"name": "Default", "capacity": 3}})
    assert changed["sku"]["capacity"] == 3


def test_keys_are_of_endpoints_with_keys(site: Site) -> None:
    own = site.endpoint("churn-key", authMode="Key")
    keys = site.cloud.ask("POST", f"{own}/listKeys", {})
    site.cloud.ask("POST", f"{own}/regenerateKeys", {"keyType": "Primary"})
    assert site.cloud.ask("POST", f"{own}/listKeys", {})["primaryKey"] != keys["primaryKey"]
    with pytest.raises(Refused, match="only of endpoints with key"):
        site.cloud.ask("POST", f"{site.endpoint()}/listKeys", {})


# --- batch endpoints ---


def _component(site: Site) -> str:
    own = site.ml("components/versions", "score", "1")
    kind = {"type": "pipeline", "name": "score", "version": "1", "jobs": {}}
    site.put(own, {"componentSpec": kind})
    return own


def test_a_call_of_a_batch_endpoint_is_a_job_of_its_default(site: Site) -> None:
    own = site.ml("batchEndpoints", "score-dev")
    more: Any = {**site.place, "identity": {"type": "SystemAssigned"}}
    site.put(own, {"authMode": "AADToken"}, **more)
    told: Any = {"componentId": {"referenceType": "Id", "assetId": _component(site)}}
    told |= {"deploymentConfigurationType": "PipelineComponent", "settings": {}}
    blue = f"{own}/deployments/blue"
    site.put(blue, {"deploymentConfiguration": told}, **site.place)
    with pytest.raises(Refused, match="DeploymentNotFound"):
        _call(site.cloud)
    site.cloud.ask("PATCH", own, {"properties": {"defaults": {"deploymentName": "blue"}}})
    job = _call(site.cloud)
    assert job["properties"]["inputs"]["data"]["uri"] == "azureml://a"
    assert site.get(job["id"])["properties"]["status"] == "Running"
    with pytest.raises(Refused, match="is the endpoint's default"):
        site.delete(blue)


def _call(cloud: Cloud) -> Any:
    inputs = {"data": {"JobInputType": "UriFolder", "Uri": "azureml://a"}}
    from tests.clouds.azure import tokens

    token = cloud.token(tokens.MACHINE_LEARNING[0])
    body = {"properties": {"InputData": inputs}}
    return cloud.call("POST", "batch/score-dev/jobs", body, token=token)
