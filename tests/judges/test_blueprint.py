"""Plans of every kind, in careful profiles, deploy under the constraints of Google's blueprint.

Limit: a constraint is judged by the inputs that it looks at; Google's own policy engine is not run.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from mlops_iac.testing import Recording
from tests.judges.blueprint import ABSENT, APART, BUCKET, CONSTRAINTS, SERVICES, broken, planted
from tests.providers.gcp.harness import REGION, recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files

_DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
PLANTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "compute.disableVpcExternalIpv6": (
        "gcp:compute/subnetwork:Subnetwork",
        {"ipv6AccessType": "EXTERNAL"},
    ),
    "compute.restrictProtocolForwardingCreationForTypes": (
        "gcp:compute/forwardingRule:ForwardingRule",
        {},
    ),
    "gcp.restrictCmekCryptoKeyProjects (COM-CO-2.2)": (
        "gcp:pubsub/topic:Topic",
        {"kmsKeyName": "projects/other/locations/eu/keyRings/r/cryptoKeys/k"},
    ),
    "iam.disableServiceAccountKeyUpload (IAM-CO-4.3)": (
        "gcp:serviceaccount/key:Key",
        {"publicKeyData": "MII="},
    ),
    "sql.restrictAuthorizedNetworks": (
        _DATABASE,
        {
            "databaseVersion": "POSTGRES_17",
            "settings": {"ipConfiguration": {"authorizedNetworks": [{"value": "0.0.0.0/0"}]}},
        },
    ),
    "sql.restrictPublicIp": (_DATABASE, {"databaseVersion": "POSTGRES_17", "settings": {}}),
    "gcp.restrictNonCmekServices (COM-CO-2.3)": ("gcp:bigquery/dataset:Dataset", {}),
    "gcp.restrictNonCmekServices (COM-CO-2.3), requests": (
        "mlops-iac:gcp:JobRun",
        {"requests": [{"body": {"jobSpec": {}}}]},
    ),
    "gcp.resourceLocations (RM-CO-4.2)": ("gcp:pubsub/topic:Topic", {"location": "us"}),
    "gcp.restrictServiceUsage (RM-CO-4.1)": (
        "gcp:projects/service:Service",
        {"service": "translate.googleapis.com"},
    ),
    "iam.automaticIamGrantsForDefaultServiceAccounts (IAM-CO-4.1)": (
        "gcp:projects/iAMMember:IAMMember",
        {"role": "roles/editor"},
    ),
    "iam.disableServiceAccountKeyCreation (IAM-CO-4.2)": ("gcp:serviceaccount/key:Key", {}),
    "iam.allowedPolicyMemberDomains (COM-CO-4.1)": (
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        {"member": "allUsers"},
    ),
    "storage.publicAccessPrevention (GCS-CO-4.1)": (BUCKET, {"uniformBucketLevelAccess": True}),
    "storage.uniformBucketLevelAccess (GCS-CO-4.2)": (
        BUCKET,
        {"publicAccessPrevention": "enforced"},
    ),
}


CAREFUL = ("complete-prod", "complete-regulated")
BLUEPRINT = frozenset(
    {
        "ainotebooks.accessMode",
        "ainotebooks.disableFileDownloads",
        "ainotebooks.disableRootAccess",
        "ainotebooks.disableTerminal",
        "ainotebooks.environmentOptions",
        "ainotebooks.requireAutoUpgradeSchedule",
        "ainotebooks.restrictPublicIp",
        "ainotebooks.restrictVpcNetworks",
        "cloudbuild.allowedIntegrations",
        "cloudbuild.allowedWorkerPools",
        "cloudfunctions.requireVPCConnector",
        "compute.disableNestedVirtualization",
        "compute.disableSerialPortAccess",
        "compute.disableVpcExternalIpv6",
        "compute.requireOsLogin",
        "compute.restrictProtocolForwardingCreationForTypes",
        "compute.restrictXpnProjectLienRemoval",
        "compute.setNewProjectDefaultToZonalDNSOnly",
        "compute.skipDefaultNetworkCreation",
        "compute.vmCanIpForward",
        "compute.vmExternalIpAccess",
        "essentialcontacts.allowedContactDomains",
        "gcp.resourceLocations",
        "gcp.restrictCmekCryptoKeyProjects",
        "gcp.restrictNonCmekServices",
        "gcp.restrictServiceUsage",
        "gcp.restrictTLSVersion",
        "iam.allowedPolicyMemberDomains",
        "iam.automaticIamGrantsForDefaultServiceAccounts",
        "iam.disableServiceAccountKeyCreation",
        "iam.disableServiceAccountKeyUpload",
        "sql.restrictAuthorizedNetworks",
        "sql.restrictPublicIp",
        "storage.publicAccessPrevention",
        "storage.uniformBucketLevelAccess",
    }
)
"""Its constraints: `1-org/modules/ml-org-policies/main.tf`, `1-org/envs/shared/org_policy.tf`."""


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Recording]:
    folder = write_files(tmp_path_factory.mktemp("declared"))
    return {
        name: recorded(folder, *SCENARIOS[name].components, **SCENARIOS[name].platform)
        for name in CAREFUL
    }


@pytest.fixture(params=CAREFUL)
def careful(request: pytest.FixtureRequest, plans: Mapping[str, Recording]) -> Recording:
    return plans[request.param]


def test_each_constraint_of_the_blueprint_is_judged_or_has_its_reason() -> None:
    names = [name.partition(" ")[0] for name in (*CONSTRAINTS, *ABSENT, *APART)]

    assert set(names) == BLUEPRINT


def test_a_careful_plan_of_every_kind_breaks_no_constraint(careful: Recording) -> None:
    assert list(broken(careful.resources, REGION)) == []


def test_nothing_is_made_that_a_constraint_is_said_to_pass_by(careful: Recording) -> None:
    begin = tuple(prefix for prefixes in ABSENT.values() for prefix in prefixes)

    assert [r.type for r in careful.resources if r.type.startswith(begin)] == []


def test_the_services_are_those_that_are_enabled(careful: Recording) -> None:
    enabled = careful.of_type("gcp:projects/service:Service")

    assert {r.inputs["service"].removesuffix(".googleapis.com") for r in enabled} == SERVICES


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_each_constraint_finds_what_breaks_it(
    constraint: str, plans: Mapping[str, Recording]
) -> None:
    type_, inputs = PLANTED[constraint]
    wrong = planted(type_, inputs, plans[CAREFUL[0]].resources[0])

    assert (constraint, "planted") in set(broken([wrong], REGION))
