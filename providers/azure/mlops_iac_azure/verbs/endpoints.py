"""Verbs on endpoints: how they are, promote, roll back, predict."""

import json
from collections.abc import Sequence
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Authentication
from mlops_iac_azure import rest, serving
from mlops_iac_azure.errors import ApiError, AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.model_request import SCORE
from mlops_iac_azure.rest import Request
from mlops_iac_azure.serving.container_apps import access
from mlops_iac_azure.serving.container_apps import states as apps
from mlops_iac_azure.serving.documents import ENDPOINTS, Deployment, path_of
from mlops_iac_azure.serving.states import DEPLOYED, look
from mlops_iac_azure.verbs.site import Site

ABSENT, WAITING, SERVING, DEAD = "absent", "waiting", "serving", "dead"
_KIND = "ModelEndpoint"
_OWN_ANSWERS = frozenset({401, 403, 429})
"""Statuses of the front door: not the model's words."""


def endpoint_status(site: Site, name: str) -> ComponentStatus:
    """Return what an endpoint serves: `absent`, `waiting`, `serving` or `dead`."""
    spec = site.spec(name, _KIND)
    with told(f"looking at `{name}`"):
        state, details = endpoint_state(site, name)
    return ComponentStatus(component=name, kind=spec.kind, state=state, details=details)


def promote(site: Site, endpoint: str, number: int) -> ComponentStatus:
    """Serve an approved version and move the alias to it; returns when it has the traffic."""
    with told(f"serving version {number} at `{endpoint}`"):
        serving.promote(site.work, site.deployment(endpoint), number)
    return endpoint_status(site, endpoint)


def rollback(site: Site, endpoint: str) -> ComponentStatus:
    """Go back to the approved version that was served before."""
    with told(f"rolling `{endpoint}` back"):
        serving.rollback(site.work, site.deployment(endpoint))
    return endpoint_status(site, endpoint)


def predict(site: Site, endpoint: str, payload: Any) -> Any:
    """Ask an endpoint for predictions, with the caller's own identity or with its key.

    Args:
        site: the stack.
        endpoint: name of the component.
        payload: rows as a list of objects, a JSON document of a known form, or CSV text.

    Raises:
        OperationError: nothing is served, or the endpoint is inside a network.
        AzureError: the endpoint refuses the rows, or Azure the caller.
    """
    deployment = site.deployment(endpoint)
    with told(f"asking `{endpoint}`"):
        try:
            return _asked(site, deployment, payload)
        except ApiError as error:
            raise _explained(endpoint, error) from error


def endpoint_state(site: Site, name: str) -> tuple[str, dict[str, Any]]:
    """Return an endpoint's state and what else is told of it."""
    if site.read(path_of(name)) is None:
        return ABSENT, {}
    deployment = site.deployment(name)
    now = serving.deployed(site.work, deployment)
    details: dict[str, Any] = {
        "endpoint": deployment.endpoint,
        "model": deployment.model.component,
    }
    if now is None:
        return WAITING, details
    details |= {"version": now.version, "digest": now.digest}
    if now.challenger is not None:
        details["challenger"] = now.challenger
    if now.status != DEPLOYED:
        details["error"] = now.status
    return (SERVING if now.split else DEAD), details


def _asked(site: Site, deployment: Deployment, payload: Any) -> Any:
    address = (
        _app_address(site, deployment) if deployment.is_serverless else _address(site, deployment)
    )
    is_text = isinstance(payload, str)
    document = {"instances": payload} if _is_rows(payload) else payload
    request = Request(
        doing="predict",
        verb="POST",
        url=address,
        service="inference",
        body=None if is_text else document,
        data=payload.encode() if is_text else None,
        headers={"Content-Type": "text/csv"} if is_text else {},
        repeatable=True,
        key=_key(site, deployment),
    )
    answer = rest.read(rest.answered(site.place, request))
    return json.loads(answer) if isinstance(answer, str) else answer


def _key(site: Site, deployment: Deployment) -> str | None:
    """Return what is borne instead of the caller's own token, or `None`."""
    if deployment.is_serverless:
        return access.token(site.work, deployment)
    if deployment.document["authentication"] != Authentication.KEY.value:
        return None
    path = f"{deployment.endpoint}/listKeys"
    return str(rest.call(site.place, "POST", path, repeatable=True)["primaryKey"])


def _address(site: Site, deployment: Deployment) -> str:
    now = look(site.work, deployment)
    if now is None or not now.split:
        raise _waiting(deployment)
    if site.place.is_overridden("inference"):
        return f"{site.place.address('inference', deployment.name)}{SCORE}"
    if deployment.body(ENDPOINTS)["properties"]["publicNetworkAccess"] == "Disabled":
        raise OperationError(
            f"`{deployment.component}` answers inside the network of the platform only",
            remedy="ask its output `url` from a machine in that network",
        )
    return now.address


def _app_address(site: Site, deployment: Deployment) -> str:
    now = apps.look(site.work, deployment)
    if now is None or now.main() is None:
        raise _waiting(deployment)
    return f"{now.address}{SCORE}"


def _waiting(deployment: Deployment) -> OperationError:
    model = deployment.model.component
    return OperationError(
        f"`{deployment.component}` waits for an approved version of `{model}`",
        remedy=f"`mlops-iac versions {model}`, then `mlops-iac approve {model} N`",
    )


def _is_rows(payload: Any) -> bool:
    return isinstance(payload, Sequence) and not isinstance(payload, str)


def _explained(endpoint: str, error: ApiError) -> AzureError:
    if error.http in _OWN_ANSWERS or not error.http:
        return error
    return AzureError(
        f"`{endpoint}` answers {error.http}: {error.said}",
        remedy=f"see `mlops-iac logs {endpoint}`",
    )
