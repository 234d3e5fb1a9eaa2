"""The same declaration on a laptop and on Azure, lived by the `mlops-iac` command.

Each step is done on both targets and must be told in the same words; predictions agree to 1e-9,
by the command and by plain HTTP as Azure documents it. A registry's build makes the image,
pipelines, jobs and endpoints are executed, an approval starts the first deployment; role
assignments decide who may do what.
Limits: the plugin for `azure-native` is a stand-in, and processes stand for containers.
"""

import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_stack import PLUGINS, everything
from tests.support.laptop import eventually
from tests.support.story import ROWS, User, same_as_on_a_laptop, served_elsewhere

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]
REQUEST = "monday-1"
_ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(work="processes", root=tmp_path / "cloud") as running:
        running.control("roles", decide=True)
        yield running


@pytest.fixture
def user(tmp_path: Path, azure: Cloud) -> Iterator[User]:
    made = User(tmp_path / "flights", azure, PLUGINS, "azure")
    made.write(azure.region, azure.subscription)
    yield made
    for process in made.processes():
        process.kill()


def test_what_a_user_sees_on_azure_is_what_a_laptop_shows(user: User, azure: Cloud) -> None:
    empty = everything(azure)
    assert "absent" in user.run("status", "-s", "azure")

    predicted = same_as_on_a_laptop(user)
    served_elsewhere(user, lambda: asked(azure, predicted))
    leaves_nothing(user, azure, empty)


def asked(cloud: Cloud, expected: list[Any]) -> str:
    """Ask once as Azure documents it, as version 1 was asked; return the name of the request."""
    (endpoint,) = cloud.control("resources", type=_ENDPOINTS)
    body = json.dumps({"input_data": json.loads(ROWS)}).encode()
    headers = {
        "Authorization": f"Bearer {cloud.token(tokens.MACHINE_LEARNING[0])}",
        "Content-Type": "application/json",
        "x-request-id": REQUEST,
    }
    request = urllib.request.Request(endpoint["properties"]["scoringUri"], body, headers)  # noqa: S310
    trusted = ssl.create_default_context(cafile=cloud.authority)
    with urllib.request.urlopen(request, timeout=60, context=trusted) as answer:  # noqa: S310
        told = json.loads(answer.read())
    # Version 2 was trained on the same rows, by the same script.
    assert [pytest.approx(row, abs=1e-9) for row in expected] == told["predictions"]
    return REQUEST


def leaves_nothing(user: User, cloud: Cloud, empty: set[str]) -> None:
    """Both stacks are removed; nothing of them is left."""
    user.run("destroy", "--yes", "-s", "azure")
    assert everything(cloud) == empty
    user.run("destroy", "--yes", "-s", "dev")
    eventually(lambda: not user.processes(("runtime",)))
