"""Facts that follow from the declaration alone: names, addresses, ids."""

from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import Authentication, ModelEndpoint
from mlops_iac_azure import ids, names
from mlops_iac_azure import place as paths
from mlops_iac_azure.session import Place

UNKNOWN = {"$unknown": True}
"""What is only known when a version is trained, built or deployed."""
ML = "Microsoft.MachineLearningServices/workspaces"


def subscription(scope: Scope) -> str:
    """Return the subscription; planning refuses a platform without one."""
    return scope.target.account or ""


def region(scope: Scope) -> str:
    """Return the region; planning refuses a platform without one."""
    return scope.target.region or ""


def group(scope: Scope) -> str:
    """Return the name of the platform's resource group."""
    return scope.platform_name(names.RESOURCE_GROUP)


def group_id(scope: Scope) -> str:
    """Return the id of the platform's resource group."""
    return ids.group_id(subscription(scope), group(scope))


def workspace(scope: Scope) -> str:
    """Return the name of the workspace."""
    return scope.platform_name(names.WORKSPACE)


def workspace_id(scope: Scope) -> str:
    """Return the id of the workspace."""
    return ids.resource_id(group_id(scope), ML, workspace(scope))


def in_workspace(scope: Scope, types: str, *of: str) -> str:
    """Return the id of something in the workspace: `("models/versions", "churn", "3")`."""
    return place(scope).in_workspace(types, *of)


def place(scope: Scope) -> Place:
    """Return where the stack is, under the declared role."""
    target = scope.target
    return Place(
        subscription=subscription(scope),
        region=region(scope),
        group=group(scope),
        workspace=workspace(scope),
        role=target.role,
        endpoints=tuple(sorted((target.endpoints or {}).items())),
    )


def bucket(scope: Scope) -> str:
    """Return the storage account; its name is global, so its hash holds the place."""
    return scope.platform_name(names.STORAGE_ACCOUNT, content=_where(scope))


def captures(scope: Scope) -> str:
    """Return the bucket that endpoints' data collectors write to."""
    return f"{bucket(scope)}/{paths.CAPTURES}"


def account_id(scope: Scope) -> str:
    """Return the id of the storage account."""
    return ids.resource_id(group_id(scope), "Microsoft.Storage/storageAccounts", bucket(scope))


def vault(scope: Scope) -> str:
    """Return the name of the Key Vault; global."""
    return scope.platform_name(names.VAULT, content=_where(scope))


def vault_uri(scope: Scope) -> str:
    """Return the address of the Key Vault; ends with `/`."""
    return f"{place(scope).address('vault', vault(scope))}/"


def registry(scope: Scope) -> str:
    """Return the name of the container registry; global."""
    return scope.platform_name(names.REGISTRY, content=_where(scope))


def image_registry(scope: Scope) -> str:
    """Return the address that images are pushed to and pulled from."""
    return f"{registry(scope)}.azurecr.io"


def identity(scope: Scope, use: str | Purpose) -> str:
    """Return the name of an identity of this stack; each stack on a platform has its own."""
    if scope.shared is None:
        return scope.platform_name(names.IDENTITY, str(use))
    return scope.physical_name(names.IDENTITY, scope.platform.name, str(use))


def identity_id(scope: Scope, use: str | Purpose) -> str:
    """Return the id of an identity of this stack."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return ids.resource_id(group_id(scope), kind, identity(scope, use))


def asset(scope: Scope, component: str, *parts: str) -> str:
    """Return the name of what a component has in the workspace: model, data, component, job."""
    return scope.physical_name(names.ASSET, component, *parts)


def model_id(scope: Scope, model: str) -> str:
    """Return the name of a registered model in the workspace."""
    return asset(scope, model)


def model_name(scope: Scope, model: str) -> str:
    """Return the full id of a registered model."""
    return in_workspace(scope, "models", model_id(scope, model))


def endpoint_id(scope: Scope, endpoint: str) -> str:
    """Return the name of an online endpoint: unique in its region, so its hash holds the place.

    How callers prove who they are cannot change: with keys it is an endpoint of another name.
    """
    spec = scope.specs.get(endpoint)
    has_key = isinstance(spec, ModelEndpoint) and spec.authentication is Authentication.KEY
    where = [*_where(scope), "key"] if has_key else _where(scope)
    return scope.physical_name(names.ENDPOINT, endpoint, content=where)


def endpoint_name(scope: Scope, endpoint: str) -> str:
    """Return the full id of an online endpoint."""
    return in_workspace(scope, "onlineEndpoints", endpoint_id(scope, endpoint))


def mounted(scope: Scope, path: str) -> str:  # noqa: ARG001  the twin's signature
    """Return how a job's input or output names a path of the store."""
    return paths.datastore_uri(path)


def address(scope: Scope, path: str) -> str:
    """Return the address of a blob of the store."""
    return paths.uri(bucket(scope), path)


def console(scope: Scope, path: str) -> str:
    """Return a page of Azure ML studio."""
    return f"https://ml.azure.com/{path}?wsid={workspace_id(scope)}"


def portal(resource_id: str) -> str:
    """Return the page of a resource in Azure's portal."""
    return f"https://portal.azure.com/#resource{resource_id}"


def _where(scope: Scope) -> list[str]:
    return [subscription(scope), region(scope)]
