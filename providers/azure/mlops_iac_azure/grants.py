"""Permission intents as Azure's roles and actions; never a wildcard.

Data planes (blobs, images, metrics, secrets) have narrow built-in roles. For Azure ML itself the
built-in roles are wildcards (`workspaces/*/write`), so each purpose gets a custom role that lists
its actions. Sources: role ids in `reference/mapping.md` 1.3; actions from the operations that
Microsoft's role pages and public custom roles name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mlops_iac.provider import PURPOSES, Grant, Purpose
from mlops_iac_azure import place


class Place(StrEnum):
    """What a role is assigned on: the narrowest thing that it is needed for."""

    CONTAINER = "container"
    STORE = "store"
    REGISTRY = "registry"
    INSIGHTS = "insights"
    WORKSPACE = "workspace"
    VAULT = "vault"
    CAPTURES = "captures"
    TRAINING_IDENTITY = "training identity"
    SERVING_IDENTITY = "serving identity"
    PIPELINE_IDENTITY = "pipeline identity"


@dataclass(frozen=True)
class BuiltInRole:
    """A role that Microsoft owns."""

    title: str
    id: str


BLOB_READER = BuiltInRole("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
BLOB_CONTRIBUTOR = BuiltInRole(
    "Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
)
FILE_CONTRIBUTOR = BuiltInRole(
    "Storage File Data Privileged Contributor", "69566ab7-960f-475b-8e7c-b3118f30c6bd"
)
ACR_PULL = BuiltInRole("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d")
ACR_PUSH = BuiltInRole("AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec")
METRICS_PUBLISHER = BuiltInRole(
    "Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb"
)
METRICS_WRITER = BuiltInRole(
    "AzureML Metrics Writer (preview)", "635dd51f-9968-44d3-b7fb-6d9a6bd613ae"
)
SECRETS_USER = BuiltInRole("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6")
SECRETS_OFFICER = BuiltInRole("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7")
NETWORK_APPROVER = BuiltInRole(
    "Azure AI Enterprise Network Connection Approver", "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
)
KEY_USER = BuiltInRole(
    "Key Vault Crypto Service Encryption User", "e147488a-f6f5-4113-8e2d-b22465e65bf6"
)
IDENTITY_OPERATOR = BuiltInRole("Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830")

BUILT_IN: Mapping[Grant, tuple[tuple[BuiltInRole, Place], ...]] = {
    Grant.READ_ARTIFACTS: ((BLOB_READER, Place.CONTAINER),),
    # Everything may be read, what `FOLDERS` names may be written.
    Grant.WRITE_ARTIFACTS: ((BLOB_CONTRIBUTOR, Place.CONTAINER),),
    Grant.PULL_IMAGES: ((ACR_PULL, Place.REGISTRY),),
    Grant.WRITE_LOGS: ((METRICS_PUBLISHER, Place.INSIGHTS),),
    Grant.WRITE_METRICS: ((METRICS_WRITER, Place.WORKSPACE),),
    Grant.TRACK_RUNS: (),
    # Assigned secret by secret, on those that the stack's declarations name.
    Grant.READ_SECRETS: (),
    # Storage, registry and workspace decrypt under an identity of their own.
    Grant.USE_KEY: (),
    # The subnet is joined by the workspace; a custom role on the subnet, see `SUBNET_ACTIONS`.
    Grant.USE_NETWORK: (),
    Grant.RUN_TRAINING: (
        (BLOB_CONTRIBUTOR, Place.CONTAINER),
        # Its own steps run on a cluster, which pulls their image as it.
        (ACR_PULL, Place.REGISTRY),
        (IDENTITY_OPERATOR, Place.TRAINING_IDENTITY),
        # A schedule and a policy start jobs that run as the identity that they run as.
        (IDENTITY_OPERATOR, Place.PIPELINE_IDENTITY),
    ),
    Grant.REGISTER_MODEL: ((BLOB_CONTRIBUTOR, Place.CONTAINER),),
    Grant.DEPLOY_MODEL: (
        (BLOB_CONTRIBUTOR, Place.CONTAINER),
        (IDENTITY_OPERATOR, Place.SERVING_IDENTITY),
    ),
    Grant.INVOKE_ENDPOINT: (),
}

FOLDERS: Mapping[Grant, tuple[str, ...]] = {
    Grant.WRITE_ARTIFACTS: (*place.WRITTEN_BY_JOBS, place.TRIALS),
    Grant.RUN_TRAINING: (place.RUNS,),
    Grant.REGISTER_MODEL: (place.MODELS,),
    Grant.DEPLOY_MODEL: (place.DEPLOYMENTS,),
}
"""Where in the container of artifacts an intent writes."""

OWN_ROLES: Mapping[Purpose, tuple[tuple[BuiltInRole, Place], ...]] = {
    # The data collector of an endpoint writes as the endpoint.
    Purpose.SERVING: ((BLOB_CONTRIBUTOR, Place.CAPTURES),),
}
"""What a purpose needs beside its grants."""

_ML = "Microsoft.MachineLearningServices/workspaces"

ACTIONS: Mapping[Grant, tuple[str, ...]] = {
    Grant.READ_ARTIFACTS: (f"{_ML}/datastores/read", f"{_ML}/data/versions/read"),
    Grant.WRITE_ARTIFACTS: (),
    Grant.PULL_IMAGES: (f"{_ML}/environments/versions/read",),
    Grant.WRITE_LOGS: (),
    Grant.WRITE_METRICS: (),
    Grant.TRACK_RUNS: (
        f"{_ML}/read",
        f"{_ML}/experiments/read",
        f"{_ML}/experiments/write",
        f"{_ML}/experiments/runs/read",
        f"{_ML}/experiments/runs/write",
        f"{_ML}/metadata/artifacts/read",
        f"{_ML}/metadata/artifacts/write",
    ),
    Grant.READ_SECRETS: (),
    Grant.USE_KEY: (),
    Grant.USE_NETWORK: (),
    Grant.RUN_TRAINING: (
        f"{_ML}/read",
        f"{_ML}/codes/versions/read",
        f"{_ML}/components/versions/read",
        f"{_ML}/data/versions/read",
        f"{_ML}/environments/versions/read",
        f"{_ML}/jobs/read",
        f"{_ML}/jobs/write",
        f"{_ML}/jobs/cancel/action",
    ),
    Grant.REGISTER_MODEL: (
        f"{_ML}/models/read",
        f"{_ML}/models/write",
        f"{_ML}/models/versions/read",
        f"{_ML}/models/versions/write",
    ),
    Grant.DEPLOY_MODEL: (
        f"{_ML}/models/versions/read",
        f"{_ML}/environments/versions/read",
        f"{_ML}/onlineEndpoints/read",
        f"{_ML}/onlineEndpoints/write",
        f"{_ML}/onlineEndpoints/deployments/read",
        f"{_ML}/onlineEndpoints/deployments/write",
        f"{_ML}/onlineEndpoints/deployments/delete",
        f"{_ML}/models/read",
        f"{_ML}/models/versions/write",
        f"{_ML}/environments/versions/write",
        f"{_ML}/data/versions/read",
        f"{_ML}/data/versions/write",
        "Microsoft.Insights/metrics/read",
    ),
    Grant.INVOKE_ENDPOINT: (f"{_ML}/onlineEndpoints/score/action",),
}

WORKSPACE_ROLES: tuple[tuple[BuiltInRole, Place], ...] = (
    (BLOB_CONTRIBUTOR, Place.STORE),
    (FILE_CONTRIBUTOR, Place.STORE),
    (SECRETS_OFFICER, Place.VAULT),
    (ACR_PUSH, Place.REGISTRY),
)
"""What the workspace's own identity may do with the stores behind it."""

MANAGED_NETWORK_ROLES: tuple[tuple[BuiltInRole, Place], ...] = (
    (NETWORK_APPROVER, Place.STORE),
    (NETWORK_APPROVER, Place.VAULT),
    (NETWORK_APPROVER, Place.REGISTRY),
)
"""What it needs to join a managed network with them: the ways there are private endpoints.

https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#approval-of-private-endpoints
"""

WORKSPACE_ACTIONS: tuple[str, ...] = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    "Microsoft.KeyVault/vaults/read",
    "Microsoft.ContainerRegistry/registries/read",
    "Microsoft.Insights/components/read",
    f"{_ML}/read",
)
"""Control-plane reads that a workspace with its own identity needs on its resource group."""

SUBNET_ACTIONS: tuple[str, ...] = (
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
"""What a workload needs to run in a subnet that somebody else owns."""


def roles_of(purpose: Purpose) -> tuple[tuple[BuiltInRole, Place], ...]:
    """Return the built-in roles of a purpose, a stronger one standing for the weaker."""
    found = {pair: None for grant in PURPOSES[purpose] for pair in BUILT_IN[grant]}
    found |= dict.fromkeys(OWN_ROLES.get(purpose, ()))
    if (BLOB_CONTRIBUTOR, Place.CONTAINER) in found:
        found.pop((BLOB_READER, Place.CONTAINER), None)
    return tuple(found)


def condition_of(purpose: Purpose, role: BuiltInRole, on: Place) -> str | None:
    """Return what a role is bounded by: the folders that the purpose's grants write to."""
    if (role, on) != (BLOB_CONTRIBUTOR, Place.CONTAINER):
        return None
    folders = {folder for grant in PURPOSES[purpose] for folder in FOLDERS.get(grant, ())}
    return only_in(sorted(folders))


_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_WRITING = (f"{_BLOBS}/write", f"{_BLOBS}/add/action", f"{_BLOBS}/delete", f"{_BLOBS}/move/action")


def only_in(folders: Sequence[str]) -> str:
    """Return the condition that blobs are written in some folders only; reading is not bounded.

    https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
    """
    not_writing = " AND ".join(f"!(ActionMatches{{'{action}'}})" for action in _WRITING)
    inside = " OR ".join(f"@Resource[{_BLOBS}:path] StringLike '{each}*'" for each in folders)
    return f"(({not_writing}) OR ({inside}))"


def actions_of(purpose: Purpose) -> tuple[str, ...]:
    """Return the Azure ML actions of a purpose, sorted."""
    return tuple(sorted({action for grant in PURPOSES[purpose] for action in ACTIONS[grant]}))
