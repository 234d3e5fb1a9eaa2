"""azure-ai-ml uploads what an asset is made of.

Proves that code, models and data reach the workspace's storage as Azure's own client sends them.
Limit: names of hosts that the client makes of an account's are led to the test cloud.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.azure import certificates, metadata
from tests.clouds.azure.addresses import STORAGE
from tests.clouds.azure.running import Cloud
from tests.clouds_azure.asking import Site

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def client(cloud: Cloud, site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client of the workspace."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    del site
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", metadata.NAME)
    monkeypatch.setattr(socket, "getaddrinfo", _led(socket.getaddrinfo))
    credential = DefaultAzureCredential()
    return MLClient(credential, cloud.subscription, "g", "work", cloud=metadata.NAME)


def _led(find: Callable[..., Any]) -> Callable[..., Any]:
    """Return what finds the test cloud for hosts of accounts: not every machine knows them."""

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        is_ours = str(host).endswith(f".{STORAGE}")
        return find(certificates.HOST if is_ours else host, *rest, **more)

    return found


def _blobs(cloud: Cloud) -> set[str]:
    """Return what was put, without the folder of the upload."""
    calls = [one for one in cloud.control("calls", service="blob") if one["status"] == 201]
    return {one["path"].partition("/LocalUpload/")[2].partition("/")[2] for one in calls}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files."""
    made = tmp_path / "model"
    (made / "sub").mkdir(parents=True)
    (made / "weights.txt").write_text("weights")
    (made / "sub" / "more.txt").write_text("more")
    return made


def test_a_model_and_data_are_uploaded_once(client: Any, cloud: Cloud, folder: Path) -> None:
    from azure.ai.ml.entities import Data, Model

    model = client.models.create_or_update(Model(name="m", version="1", path=folder))
    assert "/datastores/workspaceblobstore/paths/LocalUpload/" in model.path
    assert _blobs(cloud) == {"model/weights.txt", "model/sub/more.txt"}
    before = len(cloud.control("calls", service="blob"))
    data = Data(name="d", version="1", path=str(folder), type="uri_folder")
    assert client.data.create_or_update(data).path.rstrip("/").endswith("/model")
    again = cloud.control("calls", service="blob")[before:]
    assert not [one for one in again if one["method"] == "PutBlob"]


def test_the_code_of_a_job_is_uploaded(client: Any, cloud: Cloud, folder: Path) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.entities import Environment

    node = command(
        code=folder,
        command="cat weights.txt",
        environment=Environment(name="serve", version="1", image="a.io/b:1"),
        compute="serverless",
    )
    job = client.jobs.create_or_update(node)
    assert "/codes/" in job.code
    calls = cloud.control("calls", service="blob")
    names = {one["path"].rpartition("/")[2] for one in calls if one["method"] == "PutBlob"}
    assert names == {"weights.txt", "more.txt"}
