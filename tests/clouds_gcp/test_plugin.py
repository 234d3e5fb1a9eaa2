"""The stand-in of Pulumi's plugin makes, reads, changes and removes what GCP's adapters register.

Proves that each type has a row, and that a row does what it says in the test cloud. Limit: the
official plugin may do it by other calls.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_gcp.mutability import MUTABILITY
from mlops_iac_gcp.session import Place

from mlops_iac.mutability import Mutability
from tests.clouds.gcp.plugins.client import Client, RefusedError, method_of
from tests.clouds.gcp.plugins.labels import Labels
from tests.clouds.gcp.plugins.servicer import GcpServicer, immutable, life
from tests.clouds.gcp.plugins.tables import MEMBERS, ROWS
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.clouds.plugins.servicer import FailedThingError, Life
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import checks, sdk
from tests.contract.walkers.gcp_tables import TRANSLATIONS
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files

REGION = "europe-west4"
_BUCKET = "gcp:storage/bucket:Bucket"
_ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
_ROLE = {"role": "roles/storage.objectViewer", "member": "user:a@example.com"}


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud_here() as here:
        yield here


@pytest.fixture
def here(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The cloud as the environment of a plugin names it, with nothing in it."""
    running.control("reset")
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


def lives(cloud: Cloud, token: str, **labels: str) -> Life:
    """Return the life of a type, with the labels of a provider's configuration."""
    return life(token, Client(Place(project=cloud.project, region=REGION)), Labels(labels))


def make(cloud: Cloud, token: str, **inputs: Any) -> tuple[str, Values]:
    """Make a thing; check that it is allowed, reads back as asked for; return id and state."""
    assert [str(finding) for finding in checks.gcp(token, inputs)] == []
    resource_id, state = lives(cloud, token).create(inputs)
    found = lives(cloud, token).read(resource_id, state, inputs)

    assert found is not None, token
    assert found[1] == inputs, token
    return resource_id, state


def test_every_type_that_is_registered_has_a_row(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    types = {
        resource.type
        for scenario in SCENARIOS.values()
        for resource in recorded(folder, *scenario.components, **scenario.platform).resources
        if resource.type.startswith("gcp:")
    }

    assert len(types) > 15
    assert types - ROWS.keys() - MEMBERS.keys() == set()


@pytest.mark.parametrize("token", ROWS)
def test_every_method_of_a_row_is_in_its_document(token: str) -> None:
    row = ROWS[token]
    made = [] if row.make or row.put else [row.create]
    removed = [] if row.put else [row.delete]

    for name in filter(None, [*made, row.get, row.update, *removed]):
        assert row.make or method_of(row.api, f"{row.methods}.{name}")
    assert token in TRANSLATIONS


def test_what_a_plan_calls_replaced_is_replaced_here() -> None:
    wrong = {
        (token, key)
        for (token, key), what in MUTABILITY.items()
        if token in ROWS
        and key in sdk.inputs_shape(token).members
        and what is not Mutability.UNKNOWN
        and (key in immutable(token)) != (what is Mutability.REPLACE)
    }

    assert wrong == set()


def test_inputs_that_no_plan_has_judged_are_judged_by_the_document() -> None:
    servicer = GcpServicer()

    feature_group = "gcp:vertex/aiFeatureGroup:AiFeatureGroup"
    assert servicer.replaces(feature_group, "name")
    assert not servicer.replaces(feature_group, "description")
