"""Constraints of Google's enterprise blueprint, asked of a plan. Not a test.

`terraform-google-enterprise-genai`, `1-org/modules/ml-org-policies/main.tf` and
`1-org/envs/shared/org_policy.tf`: an organisation that has them refuses what breaks them, so a
stack must deploy under them. Each stands in one of `CONSTRAINTS`, `ABSENT` and `APART`. What a
constraint looks at stands in Google's list,
https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from mlops_iac.testing import Registration

KEYED: Mapping[str, str] = {
    "gcp:artifactregistry/repository:Repository": "kmsKeyName",
    "gcp:bigquery/dataset:Dataset": "defaultEncryptionConfiguration",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "cmekSettings",
    "gcp:sql/databaseInstance:DatabaseInstance": "encryptionKeyName",
    "gcp:storage/bucket:Bucket": "encryption",
    "gcp:vertex/aiEndpoint:AiEndpoint": "encryptionSpec",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": "encryptionSpec",
    "gcp:vertex/aiTensorboard:AiTensorboard": "encryptionSpec",
    "gcp:bigquery/table:Table": "encryptionConfiguration",
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
        "sqladmin",
        "storage",
        "workflowexecutions",
        "workflows",
    }
)
"""What an organisation with `restrictServiceUsage` must allow; the mapping page lists them."""
KEYS_OF = ("projects/acme-",)
"""Projects of the organisation whose stacks are judged."""
BUCKET = "gcp:storage/bucket:Bucket"
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
GOOGLES_OWN = frozenset({"group:cloud-storage-analytics@google.com"})
"""Members of Google's domain, which an organisation that restricts domains has to allow as well:
Cloud Storage's writer of access logs, https://cloud.google.com/storage/docs/access-logs#delivery.
The mapping page of the platform says so."""
Judge = Callable[[Registration, str], bool]


def _encrypted(resource: Registration, region: str) -> bool:
    del region
    wanted = KEYED.get(resource.type)
    # A view holds no rows.
    return wanted is None or "view" in resource.inputs or bool(resource.inputs.get(wanted))


def _requests_encrypted(resource: Registration, region: str) -> bool:
    del region
    asked = all(body.get("encryptionSpec") for body in _asked(resource.inputs))
    bodies = [request.get("body") or {} for request in resource.inputs.get("requests") or ()]
    if resource.type == "gcp:cloudrunv2/service:Service":
        bodies.append(resource.inputs)
    return asked and all(
        template.get("encryptionKey") for body in bodies if (template := body.get("template"))
    )


def _asked(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the bodies of Vertex AI's jobs, pipelines and models, scheduled ones too."""
    for request in inputs.get("requests") or ():
        body = request.get("body") or {}
        if "jobSpec" in body or "pipelineSpec" in body:
            yield body
        elif request.get("operation") == "aiplatform.projects.locations.models.upload":
            yield body["model"]
    scheduled = (inputs.get("createPipelineJobRequest") or {}).get("pipelineJob")
    if scheduled is not None:
        yield scheduled


def _own_key(resource: Registration, region: str) -> bool:
    """Judge keys by where they lie: those that are known before `up` are the declaration's."""
    del region
    return all(path.startswith(KEYS_OF) for path in _keys(resource.inputs))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, str) and "/cryptoKeys/" in value and value.startswith("projects/"):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, Any]", value).values():
            yield from _keys(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _keys(item)


def _on_private_addresses(resource: Registration, region: str) -> bool:
    del region
    return not any(
        config.get("ipv4Enabled", True) for config in _database_addresses(resource.inputs)
    )


def _without_authorized_networks(resource: Registration, region: str) -> bool:
    del region
    return not any(
        config.get("authorizedNetworks") for config in _database_addresses(resource.inputs)
    )


def _database_addresses(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    settings = inputs.get("settings") or {}
    if "databaseVersion" in inputs:
        yield settings.get("ipConfiguration") or {}


def _without_external_ipv6(resource: Registration, region: str) -> bool:
    del region
    return resource.inputs.get("ipv6AccessType") != "EXTERNAL"


def _without_uploaded_key(resource: Registration, region: str) -> bool:
    del region
    return "publicKeyData" not in resource.inputs


def _forwards_inside(resource: Registration, region: str) -> bool:
    del region
    is_rule = resource.type.endswith(("forwardingRule:ForwardingRule", "GlobalForwardingRule"))
    scheme = resource.inputs.get("loadBalancingScheme", "EXTERNAL")
    # An empty scheme is one of Private Service Connect, which is inside the network.
    return not is_rule or scheme in ("", "INTERNAL", "INTERNAL_MANAGED")


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


def _member_of_domain(resource: Registration, region: str) -> bool:
    del region
    member = resource.inputs.get("member")
    if not isinstance(member, str) or member in GOOGLES_OWN:
        return True
    # Accounts of services are of the organisation's projects, and Google's agents of it.
    return member.startswith(("serviceAccount:", "principal://iam.googleapis.com/projects/"))


CONSTRAINTS: Mapping[str, Judge] = {
    "compute.disableVpcExternalIpv6": _without_external_ipv6,
    "compute.restrictProtocolForwardingCreationForTypes": _forwards_inside,
    "gcp.resourceLocations (RM-CO-4.2)": _placed,
    "gcp.restrictCmekCryptoKeyProjects (COM-CO-2.2)": _own_key,
    "gcp.restrictNonCmekServices (COM-CO-2.3)": _encrypted,
    "gcp.restrictNonCmekServices (COM-CO-2.3), requests": _requests_encrypted,
    "gcp.restrictServiceUsage (RM-CO-4.1)": _allowed_service,
    "iam.allowedPolicyMemberDomains (COM-CO-4.1)": _member_of_domain,
    "iam.automaticIamGrantsForDefaultServiceAccounts (IAM-CO-4.1)": _no_basic_role,
    "iam.disableServiceAccountKeyCreation (IAM-CO-4.2)": _without_key_of_account,
    "iam.disableServiceAccountKeyUpload (IAM-CO-4.3)": _without_uploaded_key,
    "sql.restrictAuthorizedNetworks": _without_authorized_networks,
    "sql.restrictPublicIp": _on_private_addresses,
    "storage.publicAccessPrevention (GCS-CO-4.1)": _prevents_public_access,
    "storage.uniformBucketLevelAccess (GCS-CO-4.2)": _uniform,
}
"""Each constraint and whether a registration keeps it, in a region."""

_MACHINES = ("gcp:compute/instance", "gcp:compute/regionInstance")
_NOTEBOOKS = ("gcp:notebooks/", "gcp:workbench/", "gcp:colab/runtime")
ABSENT: Mapping[str, tuple[str, ...]] = {
    "ainotebooks.accessMode (VAI-CO-4.1)": _NOTEBOOKS,
    "ainotebooks.disableFileDownloads (VAI-CO-4.2)": _NOTEBOOKS,
    "ainotebooks.disableRootAccess (VAI-CO-4.3)": _NOTEBOOKS,
    "ainotebooks.disableTerminal (VAI-CO-4.4)": _NOTEBOOKS,
    "ainotebooks.environmentOptions (VAI-CO-4.5)": _NOTEBOOKS,
    "ainotebooks.requireAutoUpgradeSchedule (VAI-CO-4.6)": _NOTEBOOKS,
    "ainotebooks.restrictPublicIp (VAI-CO-4.7)": _NOTEBOOKS,
    "ainotebooks.restrictVpcNetworks (VAI-CO-4.8)": _NOTEBOOKS,
    "cloudbuild.allowedIntegrations (CB-CO-6.2)": ("gcp:cloudbuild/", "gcp:cloudbuildv2/"),
    "cloudfunctions.requireVPCConnector (CF-CO-4.4)": (
        "gcp:cloudfunctions/",
        "gcp:cloudfunctionsv2/",
    ),
    "compute.disableNestedVirtualization": _MACHINES,
    "compute.disableSerialPortAccess": _MACHINES,
    "compute.requireOsLogin": _MACHINES,
    "compute.vmCanIpForward (VPC-CO-6.3)": _MACHINES,
    "compute.vmExternalIpAccess": _MACHINES,
    "compute.restrictXpnProjectLienRemoval": ("gcp:resourcemanager/lien",),
    "compute.setNewProjectDefaultToZonalDNSOnly (DNS-CO-4.1)": ("gcp:organizations/project",),
    "compute.skipDefaultNetworkCreation": ("gcp:organizations/project",),
    "essentialcontacts.allowedContactDomains": ("gcp:essentialcontacts/",),
}
"""Constraints on what a stack never makes: how the types of it begin."""

APART: Mapping[str, str] = {
    "cloudbuild.allowedWorkerPools": "images are built on Google's own pool; where the "
    "organisation allows only pools of its own, build the runtime image there and declare it as "
    "`platform.runtime_image`, and jobs by `image` instead of `requirements`",
    "gcp.restrictTLSVersion (COM-CO-1.1)": "judged of calls, not of resources: Python's own "
    "TLS, which Google's clients and ours use, begins at 1.2",
}
"""Constraints that a plan cannot keep or break, and why."""


def broken(resources: Iterable[Registration], region: str) -> Iterator[tuple[str, str]]:
    """Yield each constraint with the name of what breaks it."""
    for resource in resources:
        for constraint, keeps in CONSTRAINTS.items():
            if not keeps(resource, region):
                yield constraint, resource.name


def planted(type_: str, inputs: Mapping[str, Any], like: Registration) -> Registration:
    """Return a registration that somebody might have written."""
    return replace(like, type=type_, name="planted", inputs=dict(inputs))
