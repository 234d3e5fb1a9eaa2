"""A plain Pulumi program with our Vertex AI resources lives in the test cloud, by the real engine.

The endpoint is `pulumi_gcp`'s (its plugin a stand-in), the rest our own plugin's: a rollout deploys
first, shifts traffic, undeploys last, in the engine's own order; a second `up` and an import change
nothing; nothing is left.
"""

from collections.abc import Iterator

import pytest
from pulumi import automation

from tests.clouds.gcp.running import Cloud, cloud
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


def _endpoint(cloud: Cloud) -> dict[str, object]:
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
    return {str(kind) for kind, count in (summary.resource_changes or {}).items() if count}
