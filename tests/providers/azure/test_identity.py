"""Least privilege, explicit providers, parents, names.

Proves what is asked for; which operations a built-in role allows is Microsoft's to say.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlops_iac_azure import grants, names

from mlops_iac.names import NameRule, physical_name
from mlops_iac.provider import Grant, Purpose
from tests.providers.azure.harness import Recording
from tests.providers.azure.scenarios import SCENARIOS

Recorded = Callable[[str], Recording]
_SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True)
_PARTS = st.lists(_SLUGS, min_size=1, max_size=4)


def test_every_grant_is_translated() -> None:
    """A new intent cannot be forgotten."""
    assert set(grants.BUILT_IN) == set(Grant)
    assert set(grants.ACTIONS) == set(Grant)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_role_of_ours_holds_a_wildcard(recorded: Recorded, scenario: str) -> None:
    """Actions are spelled out, and roles can be assigned nowhere but here."""
    for role in recorded(scenario).of("RoleDefinition"):
        rows = role.inputs["permissions"]
        actions = [a for p in rows for key in ("actions", "dataActions") for a in p.get(key, ())]

        assert actions
        assert not [action for action in actions if "*" in action]
        assert role.inputs["assignableScopes"] == [role.inputs["scope"]]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_role_is_assigned_on_a_subscription(recorded: Recorded, scenario: str) -> None:
    """The widest scope is the platform's own group."""
    for assignment in recorded(scenario).of("RoleAssignment"):
        assert "/resourceGroups/" in assignment.inputs["scope"]
        assert assignment.inputs["principalType"] == "ServicePrincipal"


def test_role_assignments_have_distinct_names(recorded: Recorded) -> None:
    """A name is a GUID from scope, identity and role."""
    found = [
        r.inputs["roleAssignmentName"] for r in recorded("pinned-canary-key").of("RoleAssignment")
    ]

    assert len(found) == len(set(found))


def test_serving_reads_and_never_writes() -> None:
    """Neither the artifacts nor anything in the workspace: only what it has been asked."""
    roles = set(grants.roles_of(Purpose.SERVING))

    assert (grants.BLOB_READER, grants.Place.CONTAINER) in roles
    written = {place for role, place in roles if role == grants.BLOB_CONTRIBUTOR}
    assert written == {grants.Place.CAPTURES}
    assert not [a for a in grants.actions_of(Purpose.SERVING) if not a.endswith("/read")]


def test_jobs_write_in_their_own_folders_only(recorded: Recorded) -> None:
    """Reading is not bounded; roles of Azure are bounded by conditions."""
    assignments = recorded("minimal").of("RoleAssignment")
    writers = [a for a in assignments if "contributor-on-artifacts" in a.name]

    conditions = {a.name.split("-")[1]: a.inputs["condition"] for a in writers}
    assert set(conditions) == {"training", "pipeline"}
    for folder in ("azureml/", "checkpoints/", "data/", "runs/"):
        assert f"'{folder}*'" in conditions["training"]
    assert "'models/*'" not in conditions["training"]
    assert "'models/*'" in conditions["pipeline"]


def test_only_the_named_secrets_can_be_read(recorded: Recorded) -> None:
    """By the identity whose component names them."""
    recording = recorded("pinned-canary-key")
    readers = [r for r in recording.of("RoleAssignment") if "secrets-user" in r.name]

    (reader,) = readers
    assert reader.name.startswith("platform-serving-")
    assert reader.inputs["scope"].endswith("/secrets/score-token")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_registration_has_an_explicit_provider(recorded: Recorded, scenario: str) -> None:
    """A default provider would read another account's credentials."""
    for entry in recorded(scenario).records:
        if entry.custom and not entry.type.startswith("pulumi:providers:"):
            assert re.search(r"::platform-(azure|plugin)$", entry.provider), entry.name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_child_stands_under_its_component(recorded: Recorded, scenario: str) -> None:
    """Logical names begin with the component's, parents are the component."""
    for entry in recorded(scenario).records:
        if entry.custom:
            component = entry.parent.rpartition("::")[2]

            assert entry.name == component or entry.name.startswith(f"{component}-")


def test_everything_that_can_carries_the_tags(recorded: Recorded) -> None:
    """The user's tags and the ownership mark; ML assets carry them in their properties."""
    bare = {
        "BlobContainer",
        "Blob",
        "BlobServiceProperties",
        "ManagementPolicy",
        "RoleAssignment",
        "RoleDefinition",
        "DiagnosticSetting",
        "PrivateDnsZoneGroup",
    }
    for entry in recorded("prod").azure:
        if entry.type.rpartition(":")[2] in bare:
            continue
        tags = entry.inputs.get("tags") or entry.inputs["properties"]["tags"]

        assert {"team", "cost", "mlops-iac-project", "mlops-iac-stack"} <= tags.keys(), entry.name


@pytest.mark.parametrize("rule", names.RULES, ids=lambda rule: rule.pattern)
@given(parts=_PARTS)
def test_names_are_legal_and_stable(rule: NameRule, parts: list[str]) -> None:
    """Whatever project, stack and component are called."""
    name = physical_name(rule, parts)

    assert rule.min_length <= len(name) <= rule.max_length
    assert re.fullmatch(rule.pattern, name)
    assert name == physical_name(rule, parts)


@pytest.mark.parametrize("rule", names.RULES, ids=lambda rule: rule.pattern)
@given(one=_PARTS, other=_PARTS)
def test_names_of_distinct_things_are_distinct(
    rule: NameRule, one: list[str], other: list[str]
) -> None:
    """Also when the readable part is cut to the same text."""
    assert (physical_name(rule, one) == physical_name(rule, other)) is (one == other)


def test_two_recordings_are_equal(recorded: Recorded, tmp_path: Path) -> None:
    """Nothing is random; the folder of the declaration names nothing."""
    from tests.providers.azure.harness import record

    again = record(SCENARIOS["minimal"].plan(tmp_path))

    assert {r.name for r in again.records} == {r.name for r in recorded("minimal").records}
    runs = [x.one("JobRun").inputs["key"] for x in (again, recorded("minimal"))]
    assert runs[0] == runs[1]
