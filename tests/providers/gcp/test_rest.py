"""Calls of Google's REST methods: what is repeated, what is said, where it goes."""

from collections.abc import Iterator

import pytest
from google.api_core.exceptions import RetryError
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import ApiError, QuotaError, UnreachedError
from mlops_iac_gcp.faults import api_error, is_busy, is_missing, told
from mlops_iac_gcp.session import Place, document, from_document, place_of

from tests.clouds.gcp.running import Cloud, cloud_here

API, MODELS = "aiplatform.v1", "projects.locations.models"
PLACE = Place(project="shop", region="europe-west4")


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud_here() as cloud:
        yield cloud


@pytest.fixture
def place(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> tuple[Cloud, Place]:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rest, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(lro, "FIRST_POLL_SECONDS", 0.001)
    running.reset()
    return running, Place(project=running.project, region=running.region)


def _list(place: Place) -> list[object]:
    return list(rest.listed(place, API, f"{MODELS}.list", {"parent": place.parent}, "models"))


@pytest.mark.parametrize("fault", ["throttle", "error", "unavailable", "timeout", "drop", "lost"])
def test_a_read_is_repeated_after_a_passing_fault(place: tuple[Cloud, Place], fault: str) -> None:
    cloud, here = place
    cloud.faults.ask(fault, "models.list", times=3)

    assert _list(here) == []


def test_a_read_is_not_repeated_for_ever(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    cloud.faults.ask("unavailable", "models.list", times=rest.ATTEMPTS)

    with pytest.raises(ApiError, match=r"UNAVAILABLE.*\n  hint: .*try again"):
        _list(here)


def test_a_creation_is_repeated_only_when_it_was_refused_unread(
    place: tuple[Cloud, Place],
) -> None:
    cloud, here = place
    parameters, body = {"parent": here.parent}, {"displayName": "score"}
    cloud.faults.ask("throttle", "endpoints.create")
    made = lro.run(here, API, "projects.locations.endpoints.create", parameters, body)
    cloud.faults.ask("lost", "endpoints.create")
    with pytest.raises(UnreachedError):
        rest.call(here, API, "projects.locations.endpoints.create", parameters, body)

    assert made["name"].startswith("projects/")
    told = cloud.control("calls", service="aiplatform")
    assert sum(one["method"].endswith("endpoints.create") for one in told) == 3


def test_an_operations_name_is_told_before_it_is_waited_for(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    seen: list[tuple[str, int]] = []

    def started(name: str) -> None:
        told = cloud.control("calls", service="aiplatform")
        seen.append((name, sum(one["method"].endswith("operations.get") for one in told)))

    name, parameters = "projects.locations.endpoints.create", {"parent": here.parent}
    lro.run(here, API, name, parameters, {"displayName": "x"}, started=started)

    ((operation, looks),) = seen
    assert "/operations/" in operation
    assert looks == 0


def test_a_failed_operation_is_an_error_with_its_reason(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    cloud.faults.ask("operation", "endpoints.create")

    with pytest.raises(ApiError, match="INTERNAL"):
        lro.run(
            here,
            API,
            "projects.locations.endpoints.create",
            {"parent": here.parent},
            {"displayName": "x"},
        )


def test_what_is_missing_is_told_apart_from_what_is_forbidden(place: tuple[Cloud, Place]) -> None:
    cloud, here = place
    name = {"name": f"{here.parent}/models/none"}
    with pytest.raises(ApiError) as missing:
        rest.call(here, API, f"{MODELS}.get", name)
    cloud.faults.ask("denied", "models.get")
    with pytest.raises(ApiError, match="roles lack this permission") as denied:
        rest.call(here, API, f"{MODELS}.get", name)

    assert is_missing(missing.value)
    assert not is_missing(denied.value)


def test_an_unknown_method_or_parameter_is_never_sent() -> None:
    with pytest.raises(LookupError, match="lacks `projects"):
        rest.call(PLACE, API, "projects.locations.models.guess", {})
    with pytest.raises(LookupError, match="no parameter"):
        rest.call(PLACE, API, f"{MODELS}.list", {"parent": PLACE.parent, "page_size": 1})


@pytest.mark.parametrize(
    ("declared", "variable", "address"),
    [
        (None, None, "https://europe-west4-aiplatform.googleapis.com/"),
        (None, "http://127.0.0.1:1/aiplatform", "http://127.0.0.1:1/aiplatform/"),
        ("https://psc.example/v1/", "http://127.0.0.1:1/aiplatform", "https://psc.example/"),
    ],
)
def test_a_service_is_asked_where_the_platform_says(
    monkeypatch: pytest.MonkeyPatch, declared: str | None, variable: str | None, address: str
) -> None:
    if variable:
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM", variable)
    else:
        monkeypatch.delenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM", raising=False)
    endpoints = {"aiplatform": declared} if declared else {}
    config = {"account": "shop", "region": "europe-west4", "endpoints": endpoints}

    assert place_of(config).address("aiplatform") == address


def test_a_place_is_the_same_after_it_was_written_down() -> None:
    place = Place(project="p", region="r", role="a@b", endpoints=(("storage", "http://x/"),))

    assert from_document(document(place)) == place


def test_a_quota_of_things_and_one_of_calls_have_their_own_remedy() -> None:
    quota = {"error": {"status": "RESOURCE_EXHAUSTED", "message": "custom_model_training_cpus"}}
    busy = {"error": {"status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded per minute"}}

    assert isinstance(api_error("x", 429, quota), QuotaError)
    assert "IAM & Admin > Quotas" in str(api_error("x", 429, quota))
    assert "try again in a minute" in str(api_error("x", 429, busy))


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("SERVICE_DISABLED", "`gcloud services enable aiplatform.googleapis.com`"),
        ("CONSUMER_INVALID", "is the declared `account` the project's id"),
        ("BILLING_DISABLED", "link a billing account to the project: projects/shop"),
        ("ELSE", "prints the role that a deployer needs"),
    ],
)
def test_a_refused_project_is_told_by_its_reason(reason: str, remedy: str) -> None:
    told_with = {"service": "aiplatform.googleapis.com", "consumer": "projects/shop"}
    details = [{"reason": reason, "metadata": told_with}]
    body = {"error": {"status": "PERMISSION_DENIED", "message": "off", "details": details}}

    assert remedy in str(api_error("x", 403, body))


def test_a_client_of_google_s_that_gave_up_is_a_lost_way() -> None:
    with pytest.raises(UnreachedError, match="looking: no route"), told("looking"):
        raise RetryError("Timeout of 20.0s exceeded", OSError("no route"))


def test_a_busy_endpoint_is_told_apart_from_a_broken_precondition() -> None:
    def said(message: str) -> ApiError:
        error = {"status": "FAILED_PRECONDITION", "message": message}
        return api_error("deployModel", 400, {"error": error})

    assert is_busy(said("There are other operations running on the resource."))
    assert not is_busy(said("The endpoint still has deployed models."))
