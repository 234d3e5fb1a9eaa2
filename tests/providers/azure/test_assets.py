"""Assets, uploads, the key, the vault that is recovered, the workspace that goes for good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure import documents, lro, rest
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.faults import found
from mlops_iac_azure.resources.asset import AssetHandler
from mlops_iac_azure.resources.upload import UploadHandler
from mlops_iac_azure.resources.vault_key import VaultKeyHandler
from mlops_iac_azure.resources.vault_recovery import VaultRecoveryHandler
from mlops_iac_azure.resources.workspace_purge import WorkspacePurgeHandler
from mlops_iac_azure.session import Place

from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import (
    ACCOUNT,
    TAGS,
    VAULT,
    azure,
    call_on,
    ground,
    point,
    vault,
    workspace,
)
from tests.providers.local.world import FakeCall

ASSET, UPLOAD, KEY = AssetHandler(), UploadHandler(), VaultKeyHandler()
RECOVERY, PURGE = VaultRecoveryHandler(), WorkspacePurgeHandler()
URI = "azureml://datastores/mlops_iac/paths/datasets/rows/1"


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with azure() as running:
        yield running


@pytest.fixture
def call(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> FakeCall:
    here.reset()
    point(here, monkeypatch)
    return call_on(here)


@pytest.fixture
def where(call: FakeCall) -> Place:
    return ground(call)


def asset(**changed: Any) -> dict[str, Any]:
    return {
        "asset": "data",
        "name": "rows",
        "version": "0123456789abcdef",
        "properties": {"dataType": "uri_folder", "dataUri": URI},
        "tags": dict(TAGS),
        **changed,
    }


def test_an_asset_is_made_once_and_adopted(call: FakeCall, where: Place, here: Cloud) -> None:
    workspace(where)
    identity, state = ASSET.create(asset(), call)
    again, _ = ASSET.create(asset(), call)

    assert identity == again == state["path"]
    puts = [c for c in here.control("calls") if c["method"].endswith("data/versions.put")]
    assert len(puts) == 1
    assert rest.call(where, "GET", identity)["properties"]["dataUri"] == URI


def test_somebody_elses_version_is_refused(call: FakeCall, where: Place) -> None:
    workspace(where)
    ASSET.create(asset(tags={**TAGS, "mlops-iac-stack": "prod"}), call)

    with pytest.raises(NotOursError, match="`shop/prod`'s"):
        ASSET.create(asset(), call)


def test_an_asset_is_archived_not_deleted_and_comes_back(call: FakeCall, where: Place) -> None:
    workspace(where)
    identity, state = ASSET.create(asset(), call)

    ASSET.delete(identity, state, call)
    archived = rest.call(where, "GET", identity)["properties"]

    assert archived["isArchived"] is True
    assert ASSET.read(identity, state, call) is None
    ASSET.create(asset(), call)
    assert rest.call(where, "GET", identity)["properties"]["isArchived"] is False


def test_description_and_tags_change_in_place(call: FakeCall, where: Place) -> None:
    workspace(where)
    identity, state = ASSET.create(asset(), call)

    ASSET.update(identity, state, asset(description="new"), call)
    imported = ASSET.read(identity, {}, call)

    assert imported is not None
    assert imported.inputs["description"] == "new"
    assert imported.inputs["tags"] == TAGS
    assert imported.inputs["version"] == "0123456789abcdef"


def test_files_are_uploaded_by_their_digest(
    call: FakeCall, where: Place, tmp_path: Path, here: Cloud
) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    inputs: dict[str, Any] = {
        "bucket": ACCOUNT,
        "path": "datasets/rows/1",
        "form": "folder",
        "files": {"a.csv": str(tmp_path / "a.csv")},
        "digest": "d1",
        "metadata": {"mlops_iac_project": "shop"},
    }
    identity, state = UPLOAD.create(inputs, call)
    UPLOAD.create(inputs, call)

    assert identity == f"https://{ACCOUNT}.blob.core.windows.net/artifacts/datasets/rows/1"
    puts = [c for c in here.control("calls", service="blob") if "PutBlob" in str(c)]
    assert len(puts) <= 1
    assert documents.read_bytes(where, ACCOUNT, "datasets/rows/1/a.csv")[0] == b"a\n1\n"  # pyright: ignore[reportOptionalSubscript]
    read = UPLOAD.read(identity, state, call)
    assert read is not None
    assert read.inputs == inputs
    UPLOAD.delete(identity, state, call)
    assert documents.paths(where, ACCOUNT, "datasets/") == []
    assert UPLOAD.read(identity, state, call) is None


def test_a_text_under_the_same_path_is_written_anew(call: FakeCall, where: Place) -> None:
    inputs = {"bucket": ACCOUNT, "path": "a.json", "form": "text", "content": "1", "digest": "1"}
    identity, state = UPLOAD.create(inputs, call)

    change = UPLOAD.diff(state, inputs, {**inputs, "content": "2", "digest": "2"})
    UPLOAD.update(identity, state, {**inputs, "content": "2", "digest": "2"}, call)

    assert set(change.changed) == {"content", "digest"}
    assert change.replaces == ()
    assert documents.read(where, ACCOUNT, "a.json") == 2


def test_an_archive_is_the_same_for_the_same_files(
    call: FakeCall, where: Place, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("A = 1\n")
    inputs: dict[str, Any] = {
        "bucket": ACCOUNT,
        "form": "zip",
        "files": {"a.py": str(tmp_path / "a.py")},
        "digest": "d",
    }
    for path in ("one.zip", "two.zip"):
        UPLOAD.create({**inputs, "path": path}, call)

    found = [documents.read_bytes(where, ACCOUNT, path) for path in ("one.zip", "two.zip")]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0][0] == found[1][0]


def test_a_key_is_adopted_and_its_rotation_changed_in_the_vault(
    call: FakeCall, where: Place
) -> None:
    inputs = {
        "vaultId": vault(where),
        "key": "data",
        "type": "RSA",
        "size": 3072,
        "rotationDays": 90,
    }
    identity, state = KEY.create(inputs, call)
    again, _ = KEY.create(inputs, call)

    assert identity == again
    assert state["versionUri"].startswith(state["uri"])
    KEY.update(identity, state, {**inputs, "rotationDays": 180}, call)
    read = KEY.read(identity, {}, call)
    assert read is not None
    assert read.inputs["rotationDays"] == 180


def test_a_deleted_vault_of_the_same_stack_is_recovered_with_its_key(
    call: FakeCall, where: Place
) -> None:
    told = {"vault": VAULT, "tags": dict(TAGS)}
    assert RECOVERY.create(told, call)[1]["createMode"] == "default"
    made = vault(where)
    key = {"vaultId": made, "key": "data", "type": "RSA", "size": 3072, "rotationDays": 90}
    _, first = KEY.create(key, call)
    lro.removed(where, made)

    _, state = RECOVERY.create(told, call)
    vault(where, mode=state["createMode"])
    _, second = KEY.create(key, call)

    assert state["createMode"] == "recover"
    assert second["versionUri"] == first["versionUri"]


def test_somebody_elses_deleted_vault_is_refused(call: FakeCall, where: Place) -> None:
    lro.removed(where, vault(where))

    with pytest.raises(NotOursError, match="somebody else's"):
        RECOVERY.create({"vault": VAULT, "tags": {**TAGS, "mlops-iac-stack": "prod"}}, call)


def test_a_workspace_that_goes_for_good_can_be_made_anew(call: FakeCall, where: Place) -> None:
    workspace(where)
    identity, state = PURGE.create({"workspaceId": where.workspace_id}, call)

    PURGE.delete(identity, state, call)
    PURGE.delete(identity, state, call)

    assert found(rest.call, where, "GET", where.workspace_id) is None
    workspace(where)
