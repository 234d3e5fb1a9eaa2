"""Vertex AI's own rules: versions, aliases, traffic, order of deletion, states of jobs.

Proves the cloud by what Google documents; the messages are ours.
"""

from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud, Refused
from tests.clouds_gcp import asking
from tests.clouds_gcp.asking import MACHINE, vertex


def _aliases(cloud: Cloud, model: str) -> dict[str, list[str]]:
    own = model.rpartition("/")[2]
    listed = vertex(cloud, "GET", f"models/{own}:listVersions")["models"]
    return {one["versionId"]: one["versionAliases"] for one in listed}


def test_versions_count_up_and_an_alias_is_one_versions_alone(cloud: Cloud) -> None:
    model = asking.upload(cloud, modelId="churn")["model"]
    asking.upload(cloud, parentModel=model, model={"versionAliases": ["champion"]})
    asking.upload(cloud, parentModel=model, model={"versionAliases": ["champion", "default"]})
    assert _aliases(cloud, model) == {"1": [], "2": [], "3": ["champion", "default"]}

    vertex(cloud, "DELETE", "models/churn@2:deleteVersion")
    merged = {"versionAliases": ["champion", "default"]}
    vertex(cloud, "POST", "models/churn@1:mergeVersionAliases", merged)
    asking.upload(cloud, parentModel=model)
    assert _aliases(cloud, model) == {"1": ["champion", "default"], "3": [], "4": []}
    assert vertex(cloud, "GET", "models/churn@champion")["versionId"] == "1"


def test_a_model_id_is_one_models(cloud: Cloud) -> None:
    asking.upload(cloud, modelId="churn")
    with pytest.raises(Refused, match="409 ALREADY_EXISTS"):
        asking.upload(cloud, modelId="churn")
    with pytest.raises(Refused, match="404 NOT_FOUND"):
        asking.upload(cloud, parentModel=f"{cloud.location}/models/other")


def test_the_default_and_the_only_version_stay(cloud: Cloud) -> None:
    model = asking.upload(cloud, modelId="churn")["model"]
    with pytest.raises(Refused, match="only version"):
        vertex(cloud, "DELETE", "models/churn@1:deleteVersion")
    asking.upload(cloud, parentModel=model)
    with pytest.raises(Refused, match="default version"):
        vertex(cloud, "DELETE", "models/churn@1:deleteVersion")
    removed = {"versionAliases": ["-default"]}
    with pytest.raises(Refused, match="`default` alias cannot be removed"):
        vertex(cloud, "POST", "models/churn@1:mergeVersionAliases", removed)


def test_names_come_with_the_projects_number_and_go_with_its_id(cloud: Cloud) -> None:
    model = asking.upload(cloud, modelId="churn")["model"]
    assert model == f"projects/{cloud.number}/locations/{cloud.region}/models/churn"
    assert vertex(cloud, "GET", "models/churn")["name"] == model


@pytest.mark.parametrize(
    ("split", "said"),
    [({"_0": 90}, "sum up to 100"), ({"_0": 50, "_9": 50}, "not deployed")],
)
def test_a_split_adds_up_over_what_is_deployed(split: Any, said: str, cloud: Cloud) -> None:
    place, model = asking.endpoint(cloud), asking.upload(cloud)["model"]
    with pytest.raises(Refused, match=said):
        asking.deploy(cloud, place, model, "1", **split)


def test_a_deployment_with_traffic_stays_and_ids_are_ours(cloud: Cloud) -> None:
    place, model = asking.endpoint(cloud), asking.upload(cloud)["model"]
    asking.deploy(cloud, place, model, "1", _0=100)
    with pytest.raises(Refused, match="409 ALREADY_EXISTS"):
        asking.deploy(cloud, place, model, "1", _0=100)
    asking.deploy(cloud, place, f"{model}@1", "2", _0=10, _1=90)
    assert vertex(cloud, "GET", place)["trafficSplit"] == {"1": 90, "2": 10}
    with pytest.raises(Refused, match="still takes traffic"):
        vertex(cloud, "POST", f"{place}:undeployModel", {"deployedModelId": "1"})
    body = {"deployedModelId": "1", "trafficSplit": {"2": 100}}
    vertex(cloud, "POST", f"{place}:undeployModel", body)
    shown = vertex(cloud, "GET", place)
    assert (shown["trafficSplit"], len(shown["deployedModels"])) == ({"2": 100}, 1)


def test_what_is_in_use_is_not_deleted(cloud: Cloud) -> None:
    place, model = asking.endpoint(cloud), asking.upload(cloud, modelId="churn")["model"]
    asking.deploy(cloud, place, model, "1", _0=100)
    with pytest.raises(Refused, match=r"400 FAILED_PRECONDITION.*has deployed models"):
        vertex(cloud, "DELETE", place)
    with pytest.raises(Refused, match=r"400 FAILED_PRECONDITION.*is deployed"):
        vertex(cloud, "DELETE", "models/churn")
    vertex(cloud, "POST", f"{place}:undeployModel", {"deployedModelId": "1"})
    vertex(cloud, "DELETE", place)
    vertex(cloud, "DELETE", "models/churn")
    assert vertex(cloud, "GET", "models") == {}


def test_an_endpoint_does_one_operation_at_a_time(cloud: Cloud) -> None:
    place, model = asking.endpoint(cloud), asking.upload(cloud)["model"]
    body = {"deployedModel": {"model": model, "dedicatedResources": MACHINE}}
    cloud.call("POST", f"aiplatform/v1/{cloud.location}/{place}:deployModel", body)
    with pytest.raises(Refused, match="other operations running"):
        cloud.call("POST", f"aiplatform/v1/{cloud.location}/{place}:deployModel", body)


def test_of_a_deployment_few_members_change(cloud: Cloud) -> None:
    place, model = asking.endpoint(cloud), asking.upload(cloud)["model"]
    asking.deploy(cloud, place, model, "1", _0=100)
    one = {"id": "1", "dedicatedResources": {**MACHINE, "maxReplicaCount": 4}}
    mask = {"updateMask": "dedicatedResources.maxReplicaCount"}
    vertex(cloud, "POST", f"{place}:mutateDeployedModel", {"deployedModel": one, **mask})
    [shown] = vertex(cloud, "GET", place)["deployedModels"]
    assert shown["dedicatedResources"] == {**MACHINE, "maxReplicaCount": 4}
    mask = {"updateMask": "dedicatedResources.machineSpec"}
    with pytest.raises(Refused, match="cannot be changed"):
        vertex(cloud, "POST", f"{place}:mutateDeployedModel", {"deployedModel": one, **mask})


def test_what_the_document_calls_immutable_does_not_change(cloud: Cloud) -> None:
    asking.endpoint(cloud)
    body = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/r/keyRings/a/cryptoKeys/b"}}
    vertex(cloud, "POST", "tensorboards", {"displayName": "tb"})
    [board] = vertex(cloud, "GET", "tensorboards")["tensorboards"]
    vertex(cloud, "PATCH", "endpoints/7?updateMask=labels", {"labels": {"a": "b"}})
    own = board["name"].rpartition("/")[2]
    with pytest.raises(Refused, match="no member"):
        vertex(cloud, "PATCH", f"tensorboards/{own}?updateMask=nothing", body)
    secret = f"secretmanager/v1/projects/{cloud.project}/secrets"
    cloud.call("POST", f"{secret}?secretId=s", {"replication": {"automatic": {}}})
    changed: Any = {"replication": {"userManaged": {"replicas": [{"location": "eu"}]}}}
    with pytest.raises(Refused, match="`replication` of `Secret` is immutable"):
        cloud.call("PATCH", f"{secret}/s?updateMask=replication", changed)


def test_a_change_from_an_old_state_is_refused(cloud: Cloud) -> None:
    asking.endpoint(cloud)
    etag = vertex(cloud, "GET", "endpoints/7")["etag"]
    change = {"description": "one", "etag": etag}
    vertex(cloud, "PATCH", "endpoints/7?updateMask=description", change)
    with pytest.raises(Refused, match="409 ABORTED"):
        vertex(cloud, "PATCH", "endpoints/7?updateMask=description", change)


def test_lists_are_filtered_ordered_and_paged(cloud: Cloud) -> None:
    for name, team in (("a", "x"), ("b", "y"), ("c", "x")):
        vertex(cloud, "POST", "endpoints", {"displayName": name, "labels": {"team": team}})
    mine = vertex(cloud, "GET", "endpoints?filter=labels.team%3D%22x%22&orderBy=display_name+desc")
    assert [one["displayName"] for one in mine["endpoints"]] == ["c", "a"]
    first = vertex(cloud, "GET", "endpoints?pageSize=2")
    rest = vertex(cloud, "GET", f"endpoints?pageSize=2&pageToken={first['nextPageToken']}")
    assert (len(first["endpoints"]), len(rest["endpoints"])) == (2, 1)
    with pytest.raises(Refused, match="Invalid filter"):
        vertex(cloud, "GET", "endpoints?filter=hello+world")


def test_a_job_passes_through_its_states_and_is_deleted_when_it_has_ended(cloud: Cloud) -> None:
    job = vertex(cloud, "POST", "customJobs", asking.custom_job())
    path = f"customJobs/{job['name'].rpartition('/')[2]}"
    with pytest.raises(Refused, match="cancel it first"):
        vertex(cloud, "DELETE", path)
    states = [job["state"], *(vertex(cloud, "GET", path)["state"] for _ in range(3))]
    ends = [state.removeprefix("JOB_STATE_") for state in states]
    assert ends == ["PENDING", "RUNNING", "RUNNING", "SUCCEEDED"]
    with pytest.raises(Refused, match="has ended"):
        vertex(cloud, "POST", f"{path}:cancel", {})
    vertex(cloud, "DELETE", path)
    assert vertex(cloud, "GET", "customJobs") == {}


def test_a_cancelled_job_ends_cancelled(cloud: Cloud) -> None:
    job = vertex(cloud, "POST", "customJobs", asking.custom_job())
    path = f"customJobs/{job['name'].rpartition('/')[2]}"
    vertex(cloud, "POST", f"{path}:cancel", {})
    states = [vertex(cloud, "GET", path)["state"] for _ in range(2)]
    assert states == ["JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED"]


def test_a_pipeline_jobs_id_is_one_jobs(cloud: Cloud) -> None:
    path = "pipelineJobs?pipelineJobId=run-1"
    vertex(cloud, "POST", path, asking.pipeline_job())
    with pytest.raises(Refused, match="409 ALREADY_EXISTS"):
        vertex(cloud, "POST", path, asking.pipeline_job())


def test_a_tuning_job_has_its_trials(cloud: Cloud) -> None:
    study = {
        "metrics": [{"metricId": "auc", "goal": "MAXIMIZE"}],
        "parameters": [
            {"parameterId": "depth", "discreteValueSpec": {"values": [2, 4]}},
            {"parameterId": "rate", "doubleValueSpec": {"minValue": 0.1, "maxValue": 0.5}},
        ],
    }
    body = {"displayName": "tune", "studySpec": study, "maxTrialCount": 3}
    body |= {"parallelTrialCount": 1, "trialJobSpec": asking.custom_job()["jobSpec"]}
    job = vertex(cloud, "POST", "hyperparameterTuningJobs", body)
    path = f"hyperparameterTuningJobs/{job['name'].rpartition('/')[2]}"
    shown = [vertex(cloud, "GET", path) for _ in range(3)][-1]
    values = [one["finalMeasurement"]["metrics"][0]["value"] for one in shown["trials"]]
    assert values == [1.0, 2.0, 3.0]


def test_a_schedule_starts_its_job_when_the_clock_moves(cloud: Cloud) -> None:
    asked = {"parent": cloud.location, "pipelineJob": asking.pipeline_job()}
    body = {"displayName": "nightly", "cron": "TZ=Europe/Berlin 0 3 * * *"}
    body |= {"maxConcurrentRunCount": "1", "createPipelineJobRequest": asked}
    schedule = vertex(cloud, "POST", "schedules", body)
    [done] = cloud.clock.advance(24 * 3600)
    job = cloud.call("GET", f"aiplatform/v1/{done['started']}")
    assert job["scheduleName"] == schedule["name"]
    path = f"schedules/{schedule['name'].rpartition('/')[2]}"
    vertex(cloud, "POST", f"{path}:pause", {})
    assert [one.get("skipped") for one in cloud.clock.advance(24 * 3600)] == ["PAUSED"]


def test_a_schedule_starts_the_jobs_of_a_monitor(cloud: Cloud) -> None:
    place = f"aiplatform/v1beta1/{cloud.location}"
    told = cloud.call("POST", f"{place}/modelMonitors?modelMonitorId=m", {"displayName": "m"})
    asking.finished(cloud, "aiplatform", told, "v1beta1")
    asked = {"parent": f"{cloud.location}/modelMonitors/m", "modelMonitoringJob": {}}
    body = {"displayName": "watch", "cron": "0 * * * *", "maxConcurrentRunCount": "1"}
    cloud.call("POST", f"{place}/schedules", {**body, "createModelMonitoringJobRequest": asked})
    [done] = cloud.clock.advance(3600)
    states = [cloud.call("GET", f"aiplatform/v1beta1/{done['started']}")["state"] for _ in range(3)]
    assert states[-1] == "JOB_STATE_SUCCEEDED"


def test_a_run_of_an_experiment_has_its_parent_and_what_it_made(cloud: Cloud) -> None:
    vertex(cloud, "POST", "metadataStores?metadataStoreId=default", {})
    kinds = {"experiment": "system.Experiment", "run-1": "system.ExperimentRun"}
    for own, kind in kinds.items():
        body = {"displayName": own, "schemaTitle": kind, "schemaVersion": "0.0.1"}
        vertex(cloud, "POST", f"metadataStores/default/contexts?contextId={own}", body)
    vertex(cloud, "POST", "metadataStores/default/artifacts?artifactId=model", {})
    place = f"{cloud.location}/metadataStores/default"
    children = {"childContexts": [f"{place}/contexts/run-1"]}
    path = "metadataStores/default/contexts"
    vertex(cloud, "POST", f"{path}/experiment:addContextChildren", children)
    made = {"artifacts": [f"{place}/artifacts/model"]}
    vertex(cloud, "POST", f"{path}/run-1:addContextArtifactsAndExecutions", made)
    [parent] = vertex(cloud, "GET", f"{path}/run-1")["parentContexts"]
    lineage = vertex(cloud, "GET", f"{path}/run-1:queryContextLineageSubgraph")
    assert parent.endswith("/contexts/experiment")
    assert [one["name"].rpartition("/")[2] for one in lineage["artifacts"]] == ["model"]


def test_a_feature_view_serves_what_was_synchronised(cloud: Cloud) -> None:
    tables = f"bigquery/bigquery/v2/projects/{cloud.project}/datasets"
    own = {"projectId": cloud.project, "datasetId": "d"}
    cloud.call("POST", tables, {"datasetReference": own})
    fields = [("id", "STRING"), ("spend", "FLOAT"), ("feature_timestamp", "TIMESTAMP")]
    schema = {"fields": [{"name": name, "type": kind} for name, kind in fields]}
    cloud.call(
        "POST", f"{tables}/d/tables", {"tableReference": {**own, "tableId": "t"}, "schema": schema}
    )
    rows = [{"id": "a", "spend": day, "feature_timestamp": f"2026-01-0{day}"} for day in (2, 1)]
    sent = {"rows": [{"json": row} for row in rows]}
    cloud.call("POST", f"{tables}/d/tables/t/insertAll", sent)
    vertex(cloud, "POST", "featureOnlineStores?featureOnlineStoreId=s", {"optimized": {}})
    source = {"uri": f"bq://{cloud.project}.d.t", "entityIdColumns": ["id"]}
    view = "featureOnlineStores/s/featureViews"
    vertex(cloud, "POST", f"{view}?featureViewId=v", {"bigQuerySource": source})
    with pytest.raises(Refused, match="404"):
        vertex(cloud, "POST", f"{view}/v:fetchFeatureValues", {"dataKey": {"key": "a"}})
    vertex(cloud, "POST", f"{view}/v:sync", {})
    told = vertex(cloud, "POST", f"{view}/v:fetchFeatureValues", {"dataKey": {"key": "a"}})
    values = {one["name"]: one["value"] for one in told["keyValues"]["features"]}
    assert values == {"spend": {"doubleValue": 2.0}}
    with pytest.raises(Refused, match="still holds"):
        vertex(cloud, "DELETE", "featureOnlineStores/s")
