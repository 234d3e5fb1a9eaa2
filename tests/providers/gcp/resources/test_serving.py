"""Models, deployments and traffic as resources of their own, from any Pulumi program.

What users asked of Terraform: upload a model (terraform-provider-google #25152, #23217), deploy
one of the registry to an endpoint that is there (#15303, #23372; kubeflow/pipelines#7347), with a
traffic split that is possible at once (security.md 3.3, row 22).
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.resources import samples
from tests.providers.gcp.resources.life import Life, calls, found

Maker = Callable[..., Life]
NEXT = {**samples.MODEL, "artifactUri": "gs://shop/models/2"}


@pytest.fixture
def endpoint(cloud: Cloud) -> str:
    path = f"aiplatform/v1/{cloud.location}/endpoints?endpointId=7"
    operation = cloud.call("POST", path, {"displayName": "score"})
    while not operation.get("done"):
        operation = cloud.call("GET", f"aiplatform/v1/{operation['name']}")
    return f"{cloud.location}/endpoints/7"


def _deployed(endpoint: str, model: Life, **more: Any) -> dict[str, Any]:
    served = {"model": model.state["versionName"], "dedicatedResources": samples.SIZES}
    return {"endpoint": endpoint, **served, **more}


def _versions(cloud: Cloud, model: Life) -> list[Mapping[str, Any]]:
    return cloud.call("GET", f"aiplatform/v1/{model.id}:listVersions")["models"]


# --- models


def test_issue_25152_a_model_is_uploaded_and_a_new_content_is_a_new_version(
    cloud: Cloud, life: Maker
) -> None:
    model = life("Model").create(samples.MODEL).update(NEXT)

    uris = {each["versionId"]: each["artifactUri"] for each in _versions(cloud, model)}
    assert uris == {"1": "gs://shop/models/1", "2": "gs://shop/models/2"}
    assert model.state["versionName"] == f"{model.id}@2"


def test_labels_and_descriptions_make_no_version(cloud: Cloud, life: Maker) -> None:
    model = life("Model").create(samples.MODEL)
    model.update({**samples.MODEL, "labels": {"team": "other"}, "versionDescription": "first"})

    (version,) = _versions(cloud, model)
    assert version["labels"]["team"] == "other"
    assert version["versionDescription"] == "first"


def test_an_alias_moves_with_the_content_and_goes_when_it_is_no_more_declared(
    cloud: Cloud, life: Maker
) -> None:
    model = life("Model").create({**samples.MODEL, "versionAliases": ["champion"]})
    model.update({**NEXT, "versionAliases": ["champion"]})
    moved = {each["versionId"]: each["versionAliases"] for each in _versions(cloud, model)}
    model.update(NEXT)

    assert moved == {"1": ["default"], "2": ["champion"]}
    assert [each["versionAliases"] for each in _versions(cloud, model)] == [["default"], []]


def test_going_back_to_an_older_content_uploads_nothing(cloud: Cloud, life: Maker) -> None:
    model = life("Model").create(samples.MODEL).update(NEXT).update(samples.MODEL)

    assert model.state["versionId"] == "1"
    assert calls(cloud, "models.upload") == 2


def test_old_versions_go_when_they_are_not_retained(cloud: Cloud, life: Maker) -> None:
    model = life("Model").create(samples.MODEL).update({**NEXT, "retain": False})

    assert [each["versionId"] for each in _versions(cloud, model)] == ["2"]


def test_a_version_whose_upload_lost_its_answer_is_not_uploaded_twice(
    cloud: Cloud, life: Maker
) -> None:
    model = life("Model").create(samples.MODEL)
    cloud.faults.ask("lost", "models.upload")
    model.update(NEXT)

    assert len(_versions(cloud, model)) == 2


def test_an_imported_model_gets_no_second_version_of_the_same_content(
    cloud: Cloud, life: Maker
) -> None:
    operation = cloud.call(
        "POST",
        f"aiplatform/v1/{cloud.location}/models:upload",
        {"model": dict(samples.MODEL), "modelId": "theirs"},
    )
    while not operation.get("done"):
        operation = cloud.call("GET", f"aiplatform/v1/{operation['name']}")
    model = life("Model")
    model.id = f"{cloud.location}/models/theirs"
    assert model.refresh()
    model.update({**samples.MODEL, "description": "taken over"})

    assert [each["description"] for each in _versions(cloud, model)] == ["taken over"]


# --- deployments and traffic


def test_issue_15303_a_model_of_the_registry_is_deployed_to_an_endpoint_that_is_there(
    cloud: Cloud, life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    deployed = life("DeployedModel").create(_deployed(endpoint, model))

    (one,) = found(cloud, "7")["deployedModels"]
    assert one["id"] == deployed.state["deployedId"]
    assert not deployed.diff(deployed.inputs).changed


def test_issue_23372_the_split_is_known_before_anything_is_deployed(
    cloud: Cloud, life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    split = {"11": 90, "12": 10}
    assert not life("EndpointTraffic").refused({"endpoint": endpoint, "trafficSplit": split})
    for each in split:
        life("DeployedModel", each).create(_deployed(endpoint, model, deployedModelId=each))
    life("EndpointTraffic").create({"endpoint": endpoint, "trafficSplit": split})

    assert found(cloud, "7")["trafficSplit"] == split


def test_a_resize_changes_in_place_and_another_machine_replaces(
    cloud: Cloud, life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    inputs = _deployed(endpoint, model)
    deployed = life("DeployedModel").create(inputs)
    larger = {**inputs, "dedicatedResources": {**samples.SIZES, "maxReplicaCount": 5}}
    deployed.update(larger)
    machine = {**samples.SIZES, "machineSpec": {"machineType": "n1-standard-8"}}
    change = deployed.diff({**inputs, "dedicatedResources": machine})

    (one,) = found(cloud, "7")["deployedModels"]
    assert one["dedicatedResources"]["maxReplicaCount"] == 5
    assert change.replaces == ("dedicatedResources",)
    assert not change.delete_before_replace


def test_a_deployment_that_scales_to_zero_goes_by_the_api_that_has_it(
    life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    zero = {
        **samples.SIZES,
        "minReplicaCount": 0,
        "scaleToZeroSpec": {"idleScaledownPeriod": "600s"},
    }
    deployed = life("DeployedModel").create(_deployed(endpoint, model, dedicatedResources=zero))
    deployed.refresh()

    assert not deployed.diff(deployed.inputs | {"dedicatedResources": zero}).changed


def test_another_version_is_another_deployment_beside_the_old_one(
    cloud: Cloud, life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    old = life("DeployedModel").create(_deployed(endpoint, model))
    model.update(NEXT)
    assert old.diff(_deployed(endpoint, model)).replaces == ("model",)
    new = life("DeployedModel").create(_deployed(endpoint, model))

    assert len(found(cloud, "7")["deployedModels"]) == 2
    assert new.id != old.id


def test_what_has_traffic_is_not_undeployed(cloud: Cloud, life: Maker, endpoint: str) -> None:
    model = life("Model").create(samples.MODEL)
    deployed = life("DeployedModel").create(_deployed(endpoint, model))
    split = {deployed.state["deployedId"]: 100}
    traffic = life("EndpointTraffic").create({"endpoint": endpoint, "trafficSplit": split})
    with pytest.raises(Exception, match="has 100 % of the endpoint's traffic"):
        deployed.delete()
    traffic.delete()
    deployed.delete()

    assert found(cloud, "7").get("deployedModels", []) == []


def test_a_model_that_is_deployed_is_not_deleted(life: Maker, endpoint: str) -> None:
    model = life("Model").create(samples.MODEL)
    life("DeployedModel").create(_deployed(endpoint, model))

    with pytest.raises(Exception, match="FAILED_PRECONDITION"):
        model.delete()


def test_a_busy_endpoint_is_awaited(cloud: Cloud, life: Maker, endpoint: str) -> None:
    model = life("Model").create(samples.MODEL)
    inputs = _deployed(endpoint, model, deployedModelId="11")
    path = f"aiplatform/v1/{endpoint}:deployModel"
    other = {"model": model.id, "dedicatedResources": samples.SIZES, "id": "12"}
    cloud.faults.ask("lost", "endpoints.deployModel")
    with pytest.raises(OSError, match=r".*"):
        cloud.call("POST", path, {"deployedModel": other})
    life("DeployedModel").create(inputs)

    assert {each["id"] for each in found(cloud, "7")["deployedModels"]} == {"11", "12"}


def test_a_deployment_whose_answer_was_lost_is_adopted(
    cloud: Cloud, life: Maker, endpoint: str
) -> None:
    model = life("Model").create(samples.MODEL)
    cloud.faults.ask("lost", "endpoints.deployModel")
    deployed = life("DeployedModel").create(_deployed(endpoint, model))

    assert [each["id"] for each in found(cloud, "7")["deployedModels"]] == [
        deployed.state["deployedId"]
    ]


def test_an_imported_deployment_and_split_differ_in_nothing(life: Maker, endpoint: str) -> None:
    model = life("Model").create(samples.MODEL)
    inputs = _deployed(endpoint, model)
    deployed = life("DeployedModel").create(inputs)
    split = {"endpoint": endpoint, "trafficSplit": {deployed.state["deployedId"]: 100}}
    traffic = life("EndpointTraffic").create(split)

    assert not deployed.imported().diff(inputs).changed
    assert not traffic.imported().diff(split).changed


def test_a_split_changed_by_others_is_drift(cloud: Cloud, life: Maker, endpoint: str) -> None:
    model = life("Model").create(samples.MODEL)
    for each in ("11", "12"):
        life("DeployedModel", each).create(_deployed(endpoint, model, deployedModelId=each))
    split = {"endpoint": endpoint, "trafficSplit": {"11": 100}}
    traffic = life("EndpointTraffic").create(split)
    path = f"aiplatform/v1/{endpoint}?updateMask=trafficSplit"
    cloud.call("PATCH", path, {"trafficSplit": {"11": 50, "12": 50}})
    traffic.refresh()

    assert traffic.diff(split).changed == ("trafficSplit",)
