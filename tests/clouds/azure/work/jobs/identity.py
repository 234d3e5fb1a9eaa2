"""Who a job, a deployment or an app is: managed identities as requests name them."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.jobs.casing import camel

Told = Mapping[str, Any]
_MANAGED = frozenset({"managed", "managed_identity", "managedidentity"})


def of_job(run: Run, identity: Told | None, compute: Told) -> Api | None:
    """Return the calls of a job's identity; else those of its compute's, None where it has none.

    A `UserIdentity` is who submitted the job, whose tokens a container does not get here.

    Raises:
        WorkError: there is no such identity.
    """
    told = {camel(name): value for name, value in (identity or {}).items()}
    kind = told.get("identityType") or told.get("type") or ""
    named = told.get("resourceId") or told.get("clientId")
    if named and kind.lower() in _MANAGED:
        return _named(run, str(named))
    return of_resource(run, compute)


def of_resource(run: Run, resource: Told) -> Api | None:
    """Return the calls of a resource's identities; None where it has none."""
    identity = resource.get("identity") or {}
    kinds = str(identity.get("type", "")).lower()
    own = [*(identity.get("userAssignedIdentities") or {})] if "userassigned" in kinds else []
    if "systemassigned" in kinds:
        own = [resource["id"], *own]
    return _named(run, ",".join(own)) if own else None


def variables(run: Run, identity: Told | None) -> dict[str, str]:
    """Return what tells a job which of its machine's identities is meant."""
    told = {camel(name): value for name, value in (identity or {}).items()}
    known = run.resource(told.get("resourceId") or "") or {}
    client = told.get("clientId") or known.get("properties", {}).get("clientId")
    return {"DEFAULT_IDENTITY_CLIENT_ID": client} if client else {}


def _named(run: Run, identity: str) -> Api:
    try:
        return Api.of(run, identity)
    except Exception as error:
        raise WorkError(f"The identity '{identity}' was not found.") from error
