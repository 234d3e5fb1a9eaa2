"""A plain Pulumi program with `pulumi_gcp` lives in the test cloud, through the real engine.

Proves that the stand-in speaks with the engine: outputs wire resources, nothing is changed twice,
what goes outside is seen, a renamed thing is replaced, all of it goes. Limit: the plugin is a
stand-in (`tests/clouds/gcp/plugins`).
"""

from collections.abc import Iterator

import pytest
from pulumi import automation

from tests.clouds.gcp.running import Cloud, cloud
from tests.support.engine import REPOSITORY, Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300)]

_PLUGINS = REPOSITORY / "tests" / "clouds" / "gcp" / "plugins"


@pytest.fixture(scope="module")
def gcp_cloud() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def _program(cloud: Cloud, topic: str) -> None:
    import pulumi
    import pulumi_gcp as gcp

    provider = gcp.Provider(
        "gcp", project=cloud.project, region=cloud.region, default_labels={"owner": "us"}
    )
    opts = pulumi.ResourceOptions(provider=provider)
    alerts = gcp.pubsub.Topic("alerts", name=topic, opts=opts)
    bucket = gcp.storage.Bucket("data", name="flights-data", location="EUROPE-WEST4", opts=opts)
    account = gcp.serviceaccount.Account("train", account_id="flights-train", opts=opts)
    gcp.storage.BucketIAMMember(
        "reads",
        bucket=bucket.name,
        role="roles/storage.objectViewer",
        member=account.member,
        opts=opts,
    )
    gcp.pubsub.Subscription("all", name="all", topic=alerts.id, opts=opts)
    pulumi.export("url", bucket.url)


def test_life(engine: Engine, gcp_cloud: Cloud) -> None:
    engine.extra = {**gcp_cloud.environment, "PATH": f"{_PLUGINS}:{engine.env['PATH']}"}
    before = gcp_cloud.control("resources")
    stack = engine.stack(lambda: _program(gcp_cloud, "alerts"))

    assert stack.up().outputs["url"].value == "gs://flights-data"
    assert _changes(stack.up().summary) == {"same"}
    assert _changes(stack.refresh().summary) == {"same"}

    gcp_cloud.call("DELETE", f"pubsub/v1/projects/{gcp_cloud.project}/subscriptions/all")
    assert _changes(stack.refresh().summary) == {"same", "delete"}
    assert _changes(stack.up().summary) == {"same", "create"}

    renamed = engine.stack(lambda: _program(gcp_cloud, "events"))
    assert _changes(renamed.up().summary) == {"same", "replace"}

    renamed.destroy()
    assert gcp_cloud.control("resources") == before


def _changes(summary: automation.UpdateSummary) -> set[str]:
    return {str(kind) for kind, count in (summary.resource_changes or {}).items() if count}
