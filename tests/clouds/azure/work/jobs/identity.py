"""Who a job, a deployment or an app is: managed identities as requests name them."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.failures import WorkError

Told = Mapping[str, Any]


def of_job(run: Run, identity: Told | None, compute: str) -> Api | None:
    """Return the calls of a job's identity; None where it has none.

    `Managed` without an id is the compute's own. A `UserIdentity` is who submitted the job, whose
    tokens a container does not get here.

    Raises:
        WorkError: there is no such identity.
    """
    told = identity or {}
    kind = told.get("identityType") or told.get("type") or ""
    if kind.lower() not in {"managed", "managed_identity"}:
        return None
    own = told.get("resourceId") or told.get("resource_id") or told.get("msi_resource_id")
    client = told.get("clientId") or told.get("client_id")
    if named := own or client:
        return _named(run, str(named))
    return of_resource(run, run.resource(compute) or {})


def of_resource(run: Run, resource: Told) -> Api | None:
    """Return the calls of a resource's identities; None where it has none."""
    identity = resource.get("identity") or {}
    kinds = str(identity.get("type", "")).lower()
    own = [*(identity.get("userAssignedIdentities") or {})] if "userassigned" in kinds else []
    if "systemassigned" in kinds:
        own = [resource["id"], *own]
    return _named(run, ",".join(own)) if own else None


def variables(run: Run, api: Api | None, identity: str) -> dict[str, str]:
    """Return what tells a container which of its identities is meant."""
    told = run.resource(identity) if api and identity else None
    client = (told or {}).get("properties", {}).get("clientId")
    return {"DEFAULT_IDENTITY_CLIENT_ID": client} if client else {}


def _named(run: Run, identity: str) -> Api:
    try:
        return Api.of(run, identity)
    except Exception as error:
        raise WorkError(f"The identity '{identity}' was not found.") from error
