"""What a killed `up` made with the official plugin is found again by its inputs.

Proves it beside the stand-in plugin on the test cloud; whole kills are in `tests/faults`.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from mlops_iac_gcp.adoption import KNOWN, LOOKS, made_id
from mlops_iac_gcp.session import Place

from mlops_iac.testing import Registration
from tests.clouds.gcp.plugins.client import Client
from tests.clouds.gcp.plugins.servicer import life
from tests.clouds.gcp.plugins.tables import MEMBERS, ROWS
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.clouds_gcp.samples import REGION, samples
from tests.providers.gcp.harness import PROJECT, recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files

PUT = {
    # Enabled or made once for a project; a second time changes nothing.
    "gcp:projects/service:Service",
    "gcp:projects/serviceIdentity:ServiceIdentity",
    # A second time writes the same content.
    "gcp:storage/bucketObject:BucketObject",
}
OTHERWISE = {
    # `name/host/instance` once it is made; no import takes that.
    "gcp:sql/user:User",
}
_FIELD = re.compile(r"\{(\w+)\}")
_PLACE = {"project", "region", "location"}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The cloud as the environment names it."""
    with cloud_here() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> list[Registration]:
    """What a plan with all kinds, a key and a network registers of the official plugin."""
    scenario = SCENARIOS["complete-regulated"]
    folder = write_files(tmp_path_factory.mktemp("complete"))
    found = recorded(folder, *scenario.components, **scenario.platform).resources
    return [resource for resource in found if resource.type in ROWS]


def test_what_is_created_and_not_put_can_be_found_again(planned: list[Registration]) -> None:
    types = {resource.type for resource in planned}

    assert types - PUT - KNOWN == set()
    assert not KNOWN & (PUT | MEMBERS.keys())


def test_no_name_is_left_to_pulumi_and_none_to_google_that_is_not_looked_up(
    planned: list[Registration],
) -> None:
    """A name of ours cannot be there twice: a killed `up` doubles nothing."""
    parts = {token: set(_FIELD.findall(row.id)) for token, row in ROWS.items()}
    unset = {
        (resource.urn, part)
        for resource in planned
        for part in parts[resource.type] - _PLACE - {"made"}
        if not resource.inputs.get(part)
    }
    numbered = {resource.type for resource in planned if "made" in parts[resource.type]}

    assert unset == set()
    assert numbered <= LOOKS.keys()


def test_each_thing_is_found_by_its_inputs(here: Cloud) -> None:
    provider = {"project": here.project, "region": REGION}
    client = Client(Place(project=here.project, region=REGION))
    told: dict[str, tuple[str | None, str]] = {}
    for token, inputs in samples(here.project).items():
        made, _ = life(token, client).create(inputs)
        if token in KNOWN:
            told[token] = made_id(token, inputs, provider), made

    assert len(told) > 25
    assert {token for token, both in told.items() if both[0] != both[1]} == OTHERWISE
    assert LOOKS.keys() <= told.keys()


def test_of_two_alike_none_is_taken(here: Cloud) -> None:
    token = "gcp:monitoring/alertPolicy:AlertPolicy"
    inputs = samples(here.project)[token]
    provider = {"project": here.project, "region": REGION}
    client = Client(Place(project=here.project, region=REGION))
    assert made_id(token, inputs, provider) is None

    for _ in range(2):
        life(token, client).create(inputs)

    assert made_id(token, inputs, provider) is None


@pytest.mark.parametrize(
    ("token", "inputs", "identity"),
    [
        (
            "gcp:compute/subnetwork:Subnetwork",
            {"name": "s"},
            f"projects/{PROJECT}/regions/{REGION}/subnetworks/s",
        ),
        (
            "gcp:vertex/aiEndpoint:AiEndpoint",
            {"name": "7", "location": "us-central1", "project": "other-project"},
            "projects/other-project/locations/us-central1/endpoints/7",
        ),
        ("gcp:storage/bucketObject:BucketObject", {"bucket": "b", "name": "n"}, None),
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, None),
    ],
)
def test_an_id_is_told_by_the_inputs(
    token: str, inputs: dict[str, Any], identity: str | None
) -> None:
    assert made_id(token, inputs, {"project": PROJECT, "region": REGION}) == identity
