"""A plain Pulumi program with our Vertex AI resources lives in the test cloud, by the real engine.

The endpoint is `pulumi_gcp`'s (its plugin a stand-in), the rest our own plugin's: a rollout deploys
first, shifts traffic, undeploys last, in the engine's own order; a second `up` and an import change
nothing; nothing is left. Every class but `PipelineTemplate` is changed, replaced, meddled with and
taken over; that one's registry is no API of the test cloud: `test_pipeline_template.py` has it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pulumi import automation

from tests.clouds.gcp.running import Cloud, cloud
from tests.providers.gcp.resources import samples
from tests.support.engine import REPOSITORY, Engine

pytestmark = [pytest.mark.engine, pytest.mark.deep, pytest.mark.timeout(300)]

_PLUGINS = REPOSITORY / "tests" / "clouds" / "gcp" / "plugins"


@pytest.fixture(scope="module")
def gcp_cloud() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def _program(cloud: Cloud, version: str, imported: str | None = None) -> None:
    import pulumi
    import pulumi_gcp as gcp
    from mlops_iac_gcp.resources import (
        DeployedModel,
        EndpointTraffic,
        Experiment,
        Model,
        Provider,
        deployed_model_id,
    )

    google = gcp.Provider("gcp", project=cloud.project, region=cloud.region)
    endpoint = gcp.vertex.AiEndpoint(
        "score",
        name="4711",
        display_name="score",
        location=cloud.region,
        opts=pulumi.ResourceOptions(provider=google, ignore_changes=["trafficSplit"]),
    )
    vertex = Provider("vertex", project=cloud.project, region=cloud.region)
    opts = pulumi.ResourceOptions(provider=vertex)
    model = Model(
        "churn",
        display_name="churn",
        artifact_uri=f"gs://shop/{version}",
        container_spec={"imageUri": "img"},
        opts=opts,
    )
    identity = deployed_model_id("churn", version)
    deployed = DeployedModel(
        "live",
        endpoint=f"{cloud.location}/endpoints/4711",
        model=model.version_name,
        deployed_model_id=identity,
        dedicated_resources={
            "machineSpec": {"machineType": "n1-standard-2"},
            "minReplicaCount": 1,
            "maxReplicaCount": 1,
        },
        opts=pulumi.ResourceOptions(provider=vertex, depends_on=[endpoint]),
    )
    EndpointTraffic(
        "traffic",
        endpoint=f"{cloud.location}/endpoints/4711",
        traffic_split={identity: 100},
        opts=pulumi.ResourceOptions(provider=vertex, depends_on=[deployed]),
    )
    if imported:
        Experiment(
            "theirs",
            context_id=imported.rpartition("/")[2],
            description="theirs",
            opts=pulumi.ResourceOptions(provider=vertex, import_=imported),
        )
    pulumi.export("version", model.version_id)


def test_life(engine: Engine, gcp_cloud: Cloud) -> None:
    engine.extra = {**gcp_cloud.environment, "PATH": f"{_PLUGINS}:{engine.env['PATH']}"}
    stack = engine.stack(lambda: _program(gcp_cloud, "1"))

    assert stack.up().outputs["version"].value == "1"
    assert _changes(stack.up().summary) == {"same"}
    assert _changes(stack.refresh().summary) == {"same"}

    rolled = engine.stack(lambda: _program(gcp_cloud, "2"))
    assert rolled.up().outputs["version"].value == "2"
    (served,) = _endpoint(gcp_cloud)["deployedModels"]
    assert served["modelVersionId"] == "2"
    assert _endpoint(gcp_cloud)["trafficSplit"] == {served["id"]: 100}

    theirs = _experiment(gcp_cloud)
    taken = engine.stack(lambda: _program(gcp_cloud, "2", theirs))
    assert _changes(taken.up().summary) == {"same", "import"}
    assert _changes(taken.up().summary) == {"same"}

    taken.destroy()
    left = {one["name"].split("/")[-2] for one in gcp_cloud.control("resources")}
    assert not left & {"models", "endpoints", "contexts"}


Fields = Mapping[str, Mapping[str, Any]]
"""Fields of a class that differ from its sample, by the class's name."""
PATCHED: Fields = {
    "Experiment": {"description": "of two"},
    "FeatureMonitor": {"scheduleConfig": {"cron": "0 4 * * *"}},
    "Model": {"description": "of two"},
    "ModelMonitor": {"displayName": "watcher"},
    "ModelMonitoringSchedule": {"cron": "0 4 * * *"},
}
REPLACED: Fields = {
    kind: {"displayName": "another"}
    for kind in ("BatchPredictionJob", "CustomJob", "HyperparameterTuningJob", "PipelineJob")
}
OFFICIAL = 4
"""The stack, two providers, and `pulumi_gcp`'s feature group."""


def _every_class(cloud: Cloud, fields: Fields, taken: Mapping[str, str] | None = None) -> None:
    """Declare one of each class.

    Args:
        cloud: where.
        fields: what differs from the samples.
        taken: names by which they are imported, by class.
    """
    import pulumi
    import pulumi_gcp as gcp
    from mlops_iac_gcp import resources
    from mlops_iac_gcp.resources.typed.base import snake

    google = gcp.Provider("gcp", project=cloud.project, region=cloud.region)
    group = gcp.vertex.AiFeatureGroup(
        "people",
        name="people",
        region=cloud.region,
        big_query={"big_query_source": {"input_uri": "bq://shop.people.rows"}},
        opts=pulumi.ResourceOptions(provider=google),
    )
    vertex = resources.Provider("vertex", project=cloud.project, region=cloud.region)

    def made(kind: str, sample: Mapping[str, Any]) -> Any:
        inputs = {**sample, **fields.get(kind, {})}
        opts = pulumi.ResourceOptions(
            provider=vertex,
            depends_on=[group],
            import_=(taken or {}).get(kind),
            retain_on_delete=True,
        )
        one = getattr(resources, kind)(
            kind.lower(), **{snake(name): value for name, value in inputs.items()}, opts=opts
        )
        pulumi.export(kind, one.id)
        return one

    model = made("Model", samples.MODEL)
    made("BatchPredictionJob", samples.batch_prediction_job(model.id))
    made("CustomJob", samples.CUSTOM_JOB)
    made("Experiment", samples.EXPERIMENT)
    made("FeatureMonitor", samples.feature_monitor(f"{cloud.location}/featureGroups/people"))
    made("HyperparameterTuningJob", samples.TUNING_JOB)
    monitor = made("ModelMonitor", samples.model_monitor(model.id))
    made("ModelMonitoringSchedule", samples.monitoring_schedule(cloud, monitor.id))
    made("PipelineJob", samples.PIPELINE_JOB)


def _nothing(cloud: Cloud) -> None:
    """Declare the providers and the group alone: the rest is let go, and stays in the cloud."""
    import pulumi_gcp as gcp
    from mlops_iac_gcp.resources import Provider
    from pulumi import ResourceOptions

    google = gcp.Provider("gcp", project=cloud.project, region=cloud.region)
    gcp.vertex.AiFeatureGroup(
        "people",
        name="people",
        region=cloud.region,
        big_query={"big_query_source": {"input_uri": "bq://shop.people.rows"}},
        opts=ResourceOptions(provider=google),
    )
    Provider("vertex", project=cloud.project, region=cloud.region)


def test_every_class_is_changed_replaced_meddled_with_and_taken_over(
    engine: Engine, gcp_cloud: Cloud
) -> None:
    gcp_cloud.control("reset")
    gcp_cloud.control("pace", operations=1)
    engine.extra = {**gcp_cloud.environment, "PATH": f"{_PLUGINS}:{engine.env['PATH']}"}
    kinds = len(PATCHED) + len(REPLACED)

    first = engine.stack(lambda: _every_class(gcp_cloud, {}))
    assert _counted(first.up().summary) == {"create": kinds + OFFICIAL}
    assert _changes(first.up().summary) == {"same"}
    assert _changes(first.refresh().summary) == {"same"}

    other = {**PATCHED, **REPLACED}
    changed = engine.stack(lambda: _every_class(gcp_cloud, other))
    done = changed.up()
    counted = _counted(done.summary)
    assert (counted["update"], counted["replace"]) == (len(PATCHED), len(REPLACED))
    assert _changes(changed.up().summary) == {"same"}

    names = {kind: str(done.outputs[kind].value) for kind in other}
    experiment = {"description": "meddled with"}
    path = f"aiplatform/v1/{names['Experiment']}?updateMask=description"
    gcp_cloud.call("PATCH", path, experiment)
    assert _counted(changed.refresh().summary)["update"] == 1
    assert _counted(changed.up().summary)["update"] == 1
    assert gcp_cloud.call("GET", f"aiplatform/v1/{names['Experiment']}")["description"] == "of two"

    engine.stack(lambda: _nothing(gcp_cloud)).up()
    taken = engine.stack(lambda: _every_class(gcp_cloud, other, names))
    assert _counted(taken.up().summary)["import"] == kinds
    assert _changes(taken.up().summary) == {"same"}


def _counted(summary: automation.UpdateSummary) -> Mapping[str, int]:
    return {str(kind): count for kind, count in (summary.resource_changes or {}).items() if count}


def _endpoint(cloud: Cloud) -> dict[str, Any]:
    return cloud.call("GET", f"aiplatform/v1/{cloud.location}/endpoints/4711")


def _experiment(cloud: Cloud) -> str:
    store = f"{cloud.location}/metadataStores/default"
    path = f"aiplatform/v1/{cloud.location}/metadataStores?metadataStoreId=default"
    operation = cloud.call("POST", path, {})
    while not operation.get("done"):
        operation = cloud.call("GET", f"aiplatform/v1/{operation['name']}")
    body = {
        "schemaTitle": "system.Experiment",
        "schemaVersion": "0.0.1",
        "description": "theirs",
        "labels": {},
    }
    path = f"aiplatform/v1/{store}/contexts?contextId=theirs"
    return cloud.call("POST", path, body)["name"]


def _changes(summary: automation.UpdateSummary) -> set[str]:
    return {*_counted(summary)}
