"""Azure's own client of Azure ML against the test cloud. Limit: what our tests need of it."""

from typing import Any

import pytest

from tests.clouds.azure import metadata
from tests.clouds.azure.running import Cloud
from tests.clouds_azure.asking import Site


@pytest.fixture
def client(cloud: Cloud, site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client of the workspace, with tokens of the identity endpoint."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    del site
    # The client waits for seconds between two looks.
    cloud.control("pace", operations=1)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", metadata.NAME)
    return MLClient(DefaultAzureCredential(), cloud.subscription, "g", "work", cloud=metadata.NAME)


def test_it_reads_the_workspace_and_its_datastores(client: Any) -> None:
    assert client.workspaces.get("work").location == "westeurope"
    assert [one.name for one in client.datastores.list()] == ["workspaceblobstore"]


def test_it_registers_assets_and_finds_the_newest(client: Any) -> None:
    from azure.ai.ml.entities import Environment, Model

    client.environments.create_or_update(Environment(name="serve", version="1", image="a.io/b:1"))
    for version in ("1", "2"):
        path = "azureml://datastores/workspaceblobstore/paths/model"
        model = Model(name="churn", version=version, path=path, type="custom_model")
        client.models.create_or_update(model)
    assert client.models.get("churn", label="latest").version == "2"
    client.models.archive("churn", version="1")
    assert [one.version for one in client.models.list("churn")] == ["2"]


def test_it_submits_a_job_and_follows_it(client: Any) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.entities import Environment

    node = command(
        command="python -c 1",
        environment=Environment(name="serve", version="1", image="a.io/b:1"),
        compute="serverless",
        instance_type="Standard_DS3_v2",
        display_name="one",
    )
    job = client.jobs.create_or_update(node)
    states = [client.jobs.get(job.name).status for _ in range(2)]
    assert states == ["Running", "Completed"]
    assert [one.name for one in client.jobs.list()] == [job.name]


def test_it_deploys_and_moves_traffic(client: Any) -> None:
    from azure.ai.ml.entities import (
        Environment,
        ManagedOnlineDeployment,
        ManagedOnlineEndpoint,
        Model,
    )

    endpoint = ManagedOnlineEndpoint(name="churn-dev", auth_mode="key")
    client.online_endpoints.begin_create_or_update(endpoint).result()
    path = "azureml://datastores/workspaceblobstore/paths/model"
    deployment = ManagedOnlineDeployment(
        name="blue",
        endpoint_name="churn-dev",
        model=Model(name="churn", version="1", path=path, type="custom_model"),
        environment=Environment(name="serve", version="1", image="a.io/b:1"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
    client.online_deployments.begin_create_or_update(deployment).result()
    endpoint.traffic = {"blue": 100}
    client.online_endpoints.begin_create_or_update(endpoint).result()
    assert client.online_endpoints.get("churn-dev").traffic == {"blue": 100}
    assert client.online_endpoints.get_keys("churn-dev").primary_key


def test_it_schedules_a_pipeline(client: Any) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.dsl import pipeline
    from azure.ai.ml.entities import CronTrigger, Environment, JobSchedule

    node = command(
        name="node",
        command="true",
        environment=Environment(name="serve", version="1", image="a.io/b:1"),
        compute="serverless",
    )

    def nightly() -> None:
        node()

    made_of: Any = pipeline(nightly)
    job = made_of()
    job.settings.default_compute = "serverless"
    trigger = CronTrigger(expression="0 3 * * *")
    schedule = JobSchedule(name="nightly", trigger=trigger, create_job=job)
    made = client.schedules.begin_create_or_update(schedule).result()
    assert made.is_enabled
    client.schedules.begin_disable("nightly").result()
    client.schedules.begin_delete("nightly").result()
    assert list(client.schedules.list()) == []
