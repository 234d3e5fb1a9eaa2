"""Calls of Azure's REST interfaces: what is repeated, what is said, what is waited for."""

from collections.abc import Iterator

import pytest
from mlops_iac_azure import documents, lro, rest
from mlops_iac_azure.errors import ApiError, QuotaError, UnreachedError
from mlops_iac_azure.faults import api_error, found, is_busy, is_missing, is_taken, told
from mlops_iac_azure.session import Place, document, from_document, place_of

from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import ACCOUNT, azure, call_on, ground, point

GROUPS = "resourceGroups"


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with azure() as cloud:
        yield cloud


@pytest.fixture
def place(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> tuple[Cloud, Place]:
    running.reset()
    point(running, monkeypatch)
    return running, ground(call_on(running))


def _identities(place: Place) -> list[object]:
    path = f"{place.group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    return list(rest.listed(place, path))


def _identity(place: Place, name: str) -> str:
    return place.id("Microsoft.ManagedIdentity/userAssignedIdentities", name)


@pytest.mark.parametrize("fault", ["throttle", "error", "unavailable", "timeout", "drop", "lost"])
def test_a_read_is_repeated_after_a_passing_fault(place: tuple[Cloud, Place], fault: str) -> None:
    cloud, here = place
    cloud.faults.ask(fault, "userAssignedIdentities.list", times=3)

    assert _identities(here) == []


def test_a_read_is_not_repeated_for_ever(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    cloud.faults.ask("unavailable", "userAssignedIdentities.list", times=rest.ATTEMPTS)

    with pytest.raises(ApiError, match=r"(?s)Unavailable.*hint: .*try again"):
        _identities(here)


def test_a_put_whose_answer_is_lost_is_made_once(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    cloud.faults.ask("lost", "userAssignedIdentities.put")

    made = lro.run(here, "PUT", _identity(here, "alice"), {"location": here.region})

    assert made["name"] == "alice"
    assert len(_identities(here)) == 1


def test_an_action_is_repeated_only_when_it_was_refused_unread(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    path = here.id("Microsoft.ContainerRegistry/registries", "shopimages")
    cloud.faults.ask("throttle", "registries.listBuildSourceUploadUrl")
    assert rest.call(here, "POST", f"{path}/listBuildSourceUploadUrl")["uploadUrl"]

    cloud.faults.ask("lost", "registries.listBuildSourceUploadUrl")
    with pytest.raises(UnreachedError):
        rest.call(here, "POST", f"{path}/listBuildSourceUploadUrl")


def test_a_failed_operation_tells_its_reason(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    cloud.faults.ask("operation", "storageAccounts.put")
    account = here.id("Microsoft.Storage/storageAccounts", "another")

    with pytest.raises(ApiError, match="PUT storage/storageaccounts another"):
        lro.run(here, "PUT", account, {"location": here.region, "kind": "StorageV2"})


def test_what_is_gone_may_be_removed_again(place: tuple[Cloud, Place]) -> None:
    _, here = place
    path = _identity(here, "alice")
    lro.run(here, "PUT", path, {"location": here.region})

    lro.removed(here, path)
    lro.removed(here, path)

    assert found(rest.call, here, "GET", path) is None


def test_errors_are_told_apart() -> None:
    missing = api_error("x", 404, {"error": {"code": "ResourceNotFound", "message": "no"}})
    taken = api_error("x", 409, {"error": {"code": "RoleAssignmentExists", "message": "is there"}})
    busy = api_error("x", 409, {"error": {"code": "Conflict", "message": "Another operation runs"}})
    inner = {"code": "QuotaExceeded", "message": "0 cores left"}
    outer = {"error": {"code": "BadRequest", "message": "no", "details": [inner]}}

    assert is_missing(missing)
    assert is_taken(taken)
    assert is_busy(busy)
    assert not is_busy(taken)
    quota = api_error("x", 400, outer)
    assert isinstance(quota, QuotaError)
    assert "Quotas" in quota.remedy
    assert "0 cores left" in str(quota)


def test_what_azures_own_clients_raise_gets_a_remedy() -> None:
    from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

    with pytest.raises(Exception, match="az login"), told("looking"):
        raise ClientAuthenticationError("no credentials\nlong story")
    with pytest.raises(UnreachedError, match="looking: no route"), told("looking"):
        raise ServiceRequestError("no route")


def test_a_place_crosses_state_and_configuration() -> None:
    config = {"account": "s", "region": "r", "group": "g", "workspace": "w", "endpoints": "{}"}

    place = place_of(config)

    assert from_document(document(place)) == place
    assert place.workspace_id.endswith(
        "/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    )
    assert place.address("blob", "a") == "https://a.blob.core.windows.net"


def test_an_endpoint_that_is_declared_comes_before_azures_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLOPS_IAC_AZURE_ENDPOINT_VAULT", "https://stand.in/vault/")
    declared = (("blob", "https://here/blob"),)
    place = Place(subscription="s", region="r", endpoints=declared)

    assert place.address("blob", "acc") == "https://here/blob/acc"
    assert place.address("vault", "v") == "https://stand.in/vault/v"
    assert place.is_overridden("vault")
    assert not place.is_overridden("table")


def test_documents_are_written_only_over_the_generation_that_was_read(
    place: tuple[Cloud, Place],
) -> None:
    _, here = place
    assert documents.write(here, ACCOUNT, "a/b.json", {"n": 1}, generation=documents.ABSENT)
    assert not documents.write(here, ACCOUNT, "a/b.json", {"n": 2}, generation=documents.ABSENT)
    _, generation = documents.read_generation(here, ACCOUNT, "a/b.json")

    assert documents.write(here, ACCOUNT, "a/b.json", {"n": 3}, generation=generation)
    assert not documents.write(here, ACCOUNT, "a/b.json", {"n": 4}, generation=generation)
    assert documents.read(here, ACCOUNT, "a/b.json") == {"n": 3}
    assert documents.paths(here, ACCOUNT, "a/") == ["a/b.json"]
    documents.remove(here, ACCOUNT, "a/b.json")
    documents.remove(here, ACCOUNT, "a/b.json")
    assert documents.read_generation(here, ACCOUNT, "a/b.json") == (None, documents.ABSENT)
