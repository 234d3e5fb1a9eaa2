"""The same declaration on a laptop and on Google Cloud, lived by the `mlops-iac` command.

Each step is done on both targets and must be told in the same words; predictions agree to 1e-9,
by the command and by Google's own client. Cloud Build's stand-in makes the image, pipelines, jobs
and endpoints are executed, an approval starts the first deployment.
Limits: the plugin for `gcp` is a stand-in, and processes stand for containers.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.gcp.addresses import PROJECT
from tests.clouds.gcp.running import Cloud, cloud
from tests.support.gcp_stack import PLUGINS, everything
from tests.support.laptop import eventually
from tests.support.story import ROWS, User, same_as_on_a_laptop, served_elsewhere

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]
REQUEST = "monday-1"
_METRICS = f"projects/{PROJECT}/metricDescriptors/aiplatform.googleapis.com/"
"""Vertex AI makes them, one of each for the whole project."""


@pytest.fixture
def gcp(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(work="processes", root=tmp_path / "cloud") as running:
        yield running


@pytest.fixture
def user(tmp_path: Path, gcp: Cloud) -> Iterator[User]:
    made = User(tmp_path / "flights", gcp, PLUGINS, "gcp")
    made.write(gcp.region, gcp.project)
    yield made
    for process in made.processes():
        process.kill()


def test_what_a_user_sees_on_google_cloud_is_what_a_laptop_shows(user: User, gcp: Cloud) -> None:
    empty = everything(gcp)
    assert "absent" in user.run("status", "-s", "gcp")

    predicted = same_as_on_a_laptop(user)
    served_elsewhere(user, lambda: asked(gcp, predicted))
    leaves_nothing(user, gcp, empty)


def asked(cloud: Cloud, expected: list[Any]) -> str:
    """Ask once by Google's own client, as version 1 was asked; return the name of the request."""
    from google.cloud.aiplatform_v1 import EndpointServiceClient, PredictionServiceClient
    from google.oauth2.credentials import Credentials

    asking: dict[str, Any] = {
        "credentials": Credentials(cloud.token),  # pyright: ignore[reportNoUntypedCall]
        "client_options": {"api_endpoint": f"{cloud.address}/aiplatform"},
        "transport": "rest",
    }
    (endpoint,) = EndpointServiceClient(**asking).list_endpoints(parent=cloud.location)
    # Vertex AI tells no caller its own number of a request; the column names it.
    rows = [{**row, "request_id": REQUEST} for row in json.loads(ROWS)]
    client: Any = PredictionServiceClient(**asking)
    answer = client.predict(endpoint=endpoint.name, instances=rows)
    # Version 2 was trained on the same rows, by the same script.
    told = [list(row) for row in answer.predictions]
    assert [pytest.approx(row, abs=1e-9) for row in expected] == told
    return REQUEST


def leaves_nothing(user: User, cloud: Cloud, empty: set[str]) -> None:
    """Both stacks are removed; nothing of them is left."""
    user.run("destroy", "--yes", "-s", "gcp")
    left = {name for name in everything(cloud) - empty if not name.startswith(_METRICS)}
    # What has run is told on: Google keeps it, and it costs nothing.
    assert {name.split("/")[-2] for name in left} == {"customJobs", "pipelineJobs"}
    user.run("destroy", "--yes", "-s", "dev")
    eventually(lambda: not user.processes(("runtime",)))
