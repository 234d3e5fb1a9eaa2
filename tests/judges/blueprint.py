"""Constraints of Google's enterprise blueprint, asked of a plan. Not a test.

`terraform-google-enterprise-genai`, `1-org/modules/ml-org-policies/main.tf`: an organisation that
has them refuses what breaks them, so a stack must deploy under them. Read from
`shared/reference/security.md` 1.3; what each constraint looks at stands in Google's list,
https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.testing import Registration

KEYED: Mapping[str, str] = {
    "gcp:artifactregistry/repository:Repository": "kmsKeyName",
    "gcp:bigquery/dataset:Dataset": "defaultEncryptionConfiguration",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "cmekSettings",
    "gcp:storage/bucket:Bucket": "encryption",
    "gcp:vertex/aiEndpoint:AiEndpoint": "encryptionSpec",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": "encryptionSpec",
    "gcp:vertex/aiTensorboard:AiTensorboard": "encryptionSpec",
}
"""Types of the services that `restrictNonCmekServices` names, and the input with the key."""
PLACED = frozenset({"location", "region"})
SERVICES = frozenset(
    {
        "aiplatform",
        "artifactregistry",
        "bigquery",
        "cloudbuild",
        "cloudkms",
        "compute",
        "dns",
        "eventarc",
        "iam",
        "iamcredentials",
        "logging",
        "monitoring",
        "networkconnectivity",
        "pubsub",
        "run",
        "secretmanager",
        "storage",
        "workflowexecutions",
        "workflows",
    }
)
"""What an organisation with `restrictServiceUsage` must allow; the mapping page lists them."""
BUCKET = "gcp:storage/bucket:Bucket"
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
Judge = Callable[[Registration, str], bool]


def _encrypted(resource: Registration, region: str) -> bool:
    del region
    wanted = KEYED.get(resource.type)
    return wanted is None or bool(resource.inputs.get(wanted))


def _jobs_encrypted(resource: Registration, region: str) -> bool:
    del region
    bodies = [each["body"] for each in resource.inputs.get("requests") or () if "body" in each]
    jobs = [body for body in bodies if "jobSpec" in body or "pipelineSpec" in body]
    return all(body.get("encryptionSpec") for body in jobs)


def _placed(resource: Registration, region: str) -> bool:
    return all(
        str(resource.inputs[name]).lower() == region for name in PLACED & resource.inputs.keys()
    )


def _without_key_of_account(resource: Registration, region: str) -> bool:
    del region
    return resource.type != "gcp:serviceaccount/key:Key"


def _prevents_public_access(resource: Registration, region: str) -> bool:
    del region
    prevented = resource.inputs.get("publicAccessPrevention") == "enforced"
    return resource.type != BUCKET or prevented


def _uniform(resource: Registration, region: str) -> bool:
    del region
    return resource.type != BUCKET or resource.inputs.get("uniformBucketLevelAccess") is True


def _allowed_service(resource: Registration, region: str) -> bool:
    del region
    if resource.type != "gcp:projects/service:Service":
        return True
    return resource.inputs["service"].removesuffix(".googleapis.com") in SERVICES


def _no_basic_role(resource: Registration, region: str) -> bool:
    del region
    return resource.inputs.get("role") not in BASIC


def _no_public_member(resource: Registration, region: str) -> bool:
    del region
    return resource.inputs.get("member") not in ("allUsers", "allAuthenticatedUsers")


CONSTRAINTS: Mapping[str, Judge] = {
    "gcp.restrictNonCmekServices (COM-CO-2.3)": _encrypted,
    "gcp.restrictNonCmekServices (COM-CO-2.3), jobs": _jobs_encrypted,
    "gcp.resourceLocations (COM-CO-4.1)": _placed,
    "gcp.restrictServiceUsage (RM-CO-4.1)": _allowed_service,
    "iam.automaticIamGrantsForDefaultServiceAccounts (IAM-CO-4.1)": _no_basic_role,
    "iam.disableServiceAccountKeyCreation (IAM-CO-4.2)": _without_key_of_account,
    "iam.allowedPolicyMemberDomains": _no_public_member,
    "storage.publicAccessPrevention (GCS-CO-4.1)": _prevents_public_access,
    "storage.uniformBucketLevelAccess (GCS-CO-4.2)": _uniform,
}
"""Each constraint and whether a registration keeps it, in a region."""


def broken(resources: Iterable[Registration], region: str) -> Iterator[tuple[str, str]]:
    """Yield each constraint with the name of what breaks it."""
    for resource in resources:
        for constraint, keeps in CONSTRAINTS.items():
            if not keeps(resource, region):
                yield constraint, resource.name


def planted(type_: str, inputs: Mapping[str, Any], like: Registration) -> Registration:
    """Return a registration that somebody might have written."""
    return replace(like, type=type_, name="planted", inputs=dict(inputs))
