"""The verb `predict`: an endpoint of Azure ML or a container app is asked."""

import json
from typing import Any

from mlops_iac.specs import Authentication
from mlops_iac.verbs import asking
from mlops_iac_azure import rest
from mlops_iac_azure.errors import ApiError, AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.model_request import SCORE
from mlops_iac_azure.rest import Request
from mlops_iac_azure.serving.container_apps import access
from mlops_iac_azure.serving.container_apps import states as apps
from mlops_iac_azure.serving.documents import ENDPOINTS, Deployment
from mlops_iac_azure.serving.states import look
from mlops_iac_azure.verbs.site import Site

_OWN_ANSWERS = frozenset({401, 403, 429})
"""Statuses of the front door: not the model's words."""


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
    deployment: Deployment = site.deployment(endpoint)
    with told(f"asking `{endpoint}`"):
        try:
            return _asked(site, deployment, payload)
        except ApiError as error:
            raise _explained(endpoint, error) from error


def _asked(site: Site, deployment: Deployment, payload: Any) -> Any:
    address = (
        _app_address(site, deployment) if deployment.is_serverless else _address(site, deployment)
    )
    is_text = isinstance(payload, str)
    request = Request(
        doing="predict",
        verb="POST",
        url=address,
        service="inference",
        body=None if is_text else asking.document(payload),
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
        raise asking.waits(deployment.component, deployment.model.component)
    if site.place.is_overridden("inference"):
        return f"{site.place.address('inference', deployment.name)}{SCORE}"
    if deployment.body(ENDPOINTS)["properties"]["publicNetworkAccess"] == "Disabled":
        raise asking.is_inside(deployment.component)
    return now.address


def _app_address(site: Site, deployment: Deployment) -> str:
    now = apps.look(site.work, deployment)
    if now is None or now.main() is None:
        raise asking.waits(deployment.component, deployment.model.component)
    return f"{now.address}{SCORE}"


def _explained(endpoint: str, error: ApiError) -> AzureError:
    if error.http in _OWN_ANSWERS or not error.http:
        return error
    return AzureError(
        f"`{endpoint}` answers {error.http}: {error.said}",
        remedy=f"see `mlops-iac logs {endpoint}`",
    )
