"""Plans of careful profiles on Google Cloud deploy under the constraints of its blueprint.

Limit: a constraint is judged by the inputs that it looks at; Google's own policy engine is not run.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from mlops_iac.specs import CustomerKey, Profile
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac.testing import Recording
from tests.judges.blueprint import BUCKET, CONSTRAINTS, SERVICES, broken, planted
from tests.providers.gcp.harness import REGION, recorded
from tests.providers.gcp.scenarios import DATA, ENDPOINT, JOB, MODEL, write_files

PLANTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "gcp.restrictNonCmekServices (COM-CO-2.3)": ("gcp:bigquery/dataset:Dataset", {}),
    "gcp.restrictNonCmekServices (COM-CO-2.3), jobs": (
        "mlops-iac:gcp:JobRun",
        {"requests": [{"body": {"jobSpec": {}}}]},
    ),
    "gcp.resourceLocations (COM-CO-4.1)": ("gcp:pubsub/topic:Topic", {"location": "us"}),
    "gcp.restrictServiceUsage (RM-CO-4.1)": (
        "gcp:projects/service:Service",
        {"service": "translate.googleapis.com"},
    ),
    "iam.automaticIamGrantsForDefaultServiceAccounts (IAM-CO-4.1)": (
        "gcp:projects/iAMMember:IAMMember",
        {"role": "roles/editor"},
    ),
    "iam.disableServiceAccountKeyCreation (IAM-CO-4.2)": ("gcp:serviceaccount/key:Key", {}),
    "iam.allowedPolicyMemberDomains": (
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        {"member": "allUsers"},
    ),
    "storage.publicAccessPrevention (GCS-CO-4.1)": (BUCKET, {"uniformBucketLevelAccess": True}),
    "storage.uniformBucketLevelAccess (GCS-CO-4.2)": (
        BUCKET,
        {"publicAccessPrevention": "enforced"},
    ),
}


@pytest.fixture(scope="module", params=[Profile.PROD, Profile.REGULATED])
def careful(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = write_files(tmp_path_factory.mktemp("declared"))
    wishes: dict[str, Any] = {"encryption": CustomerKey(), "network": OwnNetwork()}
    wishes["profile"] = request.param
    return recorded(folder, DATA, MODEL, JOB, ENDPOINT, **wishes)


def test_a_careful_plan_breaks_no_constraint(careful: Recording) -> None:
    assert list(broken(careful.resources, REGION)) == []


def test_the_services_are_those_that_are_enabled(careful: Recording) -> None:
    enabled = careful.of_type("gcp:projects/service:Service")

    assert {r.inputs["service"].removesuffix(".googleapis.com") for r in enabled} == SERVICES


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_each_constraint_finds_what_breaks_it(constraint: str, careful: Recording) -> None:
    type_, inputs = PLANTED[constraint]
    wrong = planted(type_, inputs, careful.resources[0])

    assert (constraint, "planted") in set(broken([wrong], REGION))
