"""The deployer's permissions, judged by the collections of Google's discovery documents.

Limit: the documents name no permissions. That each is spelled as IAM spells it is judged for its
service and collection; that they suffice, only Google Cloud proves.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_gcp import grants
from mlops_iac_gcp.deployer import permissions
from mlops_iac_gcp.deployer_table import ACT_AS, PERMISSIONS
from mlops_iac_gcp.grants import BUILDER, GRANTS
from mlops_iac_gcp.resources import RESOURCES

from tests.providers.gcp.harness import planned, recorded
from tests.providers.gcp.methods import called
from tests.providers.gcp.scenarios import SCENARIOS, write_files
from tools.gcp_methods import document

DOCUMENTS: Mapping[str, str] = {
    "aiplatform": "aiplatform.v1 aiplatform.v1beta1",
    "artifactregistry": "artifactregistry.v1",
    "bigquery": "bigquery.v2",
    "cloudbuild": "cloudbuild.v1",
    "cloudkms": "cloudkms.v1",
    "cloudsql": "sqladmin.v1",
    "compute": "compute.v1",
    "cloudtasks": "cloudtasks.v2",
    "dataplex": "dataplex.v1",
    "dns": "dns.v1",
    "eventarc": "eventarc.v1",
    "iam": "iam.v1",
    "logging": "logging.v2",
    "monitoring": "monitoring.v3",
    "networkconnectivity": "networkconnectivity.v1",
    "pubsub": "pubsub.v1",
    "resourcemanager": "cloudresourcemanager.v3",
    "run": "run.v2",
    "secretmanager": "secretmanager.v1",
    "serviceusage": "serviceusage.v1",
    "storage": "storage.v1",
    "workflows": "workflows.v1 workflowexecutions.v1",
}
ELSEWHERE = frozenset(
    {
        # https://cloud.google.com/iam/docs/permissions-reference: IAM's names of what the REST
        # API calls otherwise: `entries`, and the networks that a private zone is seen from.
        "dns.networks.bindPrivateDNSZone",
        # Delivering is no method of Eventarc's API.
        "eventarc.events.receiveEvent",
        "logging.logEntries.list",
        # Calling a service is no method of Cloud Run's API.
        "run.routes.invoke",
    }
)
CHOSEN = ("complete-regulated", "serverless")
PERSONAL = frozenset({"aiplatform.featureViews.fetchFeatureValues", "logging.logEntries.list"})
"""Of verbs that a person runs, with the rights of that person alone."""
BY_ROLE = frozenset({"pubsub.topics.publish"})
"""Of roles of Google's that are bound on one thing: `roles/pubsub.publisher`."""
NAMED: Mapping[str, str] = {
    # https://cloud.google.com/vertex-ai/docs/general/iam-permissions: versions and aliases are
    # parts of a model, machines of an endpoint.
    "aiplatform.endpoints.mutateDeployedModel": "aiplatform.endpoints.update",
    "aiplatform.models.deleteVersion": "aiplatform.models.delete",
    "aiplatform.models.listVersions": "aiplatform.models.list",
    "aiplatform.models.mergeVersionAliases": "aiplatform.models.update",
    "logging.entries.list": "logging.logEntries.list",
    "workflowexecutions.executions.create": "workflows.executions.create",
}
"""What IAM calls otherwise than the method."""
CALLED = (
    "aiplatform.v1",
    "artifactregistry.v1",
    "cloudbuild.v1",
    "logging.v2",
    "monitoring.v3",
    "pubsub.v1",
    "run.v2",
    "workflowexecutions.v1",
)


def _all() -> set[str]:
    of_types = {each for row in PERMISSIONS.values() for each in row}
    of_uses = {each for row in _rows_of_uses() for each in row}
    bindings = [*BUILDER, *(binding for row in GRANTS.values() for binding in row)]
    return of_types | of_uses | {each for binding in bindings for each in binding.permissions}


def _rows_of_uses() -> list[tuple[str, ...]]:
    """Return what single uses are given beside the grants: filling, watching, starting."""
    return [row for name, row in vars(grants).items() if name.endswith("_PERMISSIONS")]


@cache
def _collections(*apis: str) -> frozenset[str]:
    return frozenset(n for api in apis for n in _names(document(api).get("resources", {})))


def _methods(resources: Mapping[str, Any]) -> Iterator[str]:
    for inside in resources.values():
        yield from (method["id"] for method in inside.get("methods", {}).values())
        yield from _methods(inside.get("resources", {}))


def _permission(service: str, method: str) -> str:
    *_, collection, verb = method.split(".")
    plain = f"{service}.{collection}.{'update' if verb == 'patch' else verb}"
    return NAMED.get(plain, plain)


def _names(resources: Mapping[str, Any], outer: str = "") -> Iterator[str]:
    for name, inside in resources.items():
        yield name
        # IAM joins some inner collections to the outer one: `tensorboardRuns`.
        yield f"{outer.removesuffix('s')}{name[0].upper()}{name[1:]}"
        kept = outer if outer == "tensorboards" else name
        yield from _names(inside.get("resources", {}), kept)


def test_each_permission_is_of_a_collection_of_its_service() -> None:
    judged = _all() - ELSEWHERE
    wrong = {
        each
        for each in judged
        if each.split(".")[1] not in _collections(*DOCUMENTS[each.split(".")[0]].split())
    }

    assert wrong == set()
    assert _all() >= ELSEWHERE


@pytest.mark.parametrize("scenario", CHOSEN)
def test_every_type_that_is_registered_has_its_permissions(scenario: str, tmp_path: Path) -> None:
    declared = SCENARIOS[scenario]
    recording = recorded(write_files(tmp_path), *declared.components, **declared.platform)

    types = {r.type for r in recording.resources}
    own = {t for t in types if not t.startswith(("mlops-iac:index:", "pulumi:"))}

    assert own - {*PERMISSIONS} == set()


def test_each_resource_of_ours_has_its_permissions() -> None:
    assert {handler.token for handler in RESOURCES} - {*PERMISSIONS} == set()


def test_each_method_that_is_called_is_permitted_to_somebody() -> None:
    ids = (each for api in CALLED for each in _methods(document(api)["resources"]))
    services = {method: service for service, _, method in (each.partition(".") for each in ids)}

    methods = {each for each in called(services) if each.startswith(("projects.", "entries."))}
    asked = {_permission(services[method], method) for method in methods}

    assert len(methods) > 30
    assert asked - _all() - PERSONAL - BY_ROLE == set()


def test_acting_as_an_account_is_bound_on_the_accounts_of_the_plan(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    declared = SCENARIOS["smallest"]
    recording = recorded(folder, *declared.components)
    scope = planned(folder, declared.components).scopes["platform"]

    made = permissions([r.document() for r in recording.resources], scope)

    assert ACT_AS not in made["role"]["includedPermissions"]
    accounts = recording.of_type("gcp:serviceaccount/account:Account")
    assert len(made["actAs"]["on"]) == len(accounts)
    assert not [p for p in made["role"]["includedPermissions"] if p.startswith("cloudkms.")]


def test_a_planted_permission_of_no_collection_is_found() -> None:
    assert "models" in _collections("aiplatform.v1")
    assert "modelz" not in _collections("aiplatform.v1")
