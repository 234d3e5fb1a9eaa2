"""Verbs on endpoints: how they are, promote, roll back, predict."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Async
from mlops_iac_gcp import rest, serving
from mlops_iac_gcp.errors import ApiError, GcpError
from mlops_iac_gcp.faults import api_error, told
from mlops_iac_gcp.monitor_steps import topic_name
from mlops_iac_gcp.rest import TIMEOUT_SECONDS
from mlops_iac_gcp.serving.cloud_run import states
from mlops_iac_gcp.serving.documents import Deployment, path_of
from mlops_iac_gcp.serving.states import API, DEPLOYED, ENDPOINTS, Endpoint, look
from mlops_iac_gcp.session import session
from mlops_iac_gcp.verbs import queued, serverless
from mlops_iac_gcp.verbs.site import Site

ABSENT, WAITING, SERVING, DEAD = "absent", "waiting", "serving", "dead"
_KIND = "ModelEndpoint"


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
    """Ask an endpoint for predictions, with the caller's own identity.

    Args:
        site: the stack.
        endpoint: name of the component.
        payload: rows as a list of objects, a JSON document of a known form, or CSV text.

    Raises:
        OperationError: nothing is served, or the endpoint is inside a network.
        GcpError: the endpoint refuses the rows, or Google the caller.
    """
    deployment = site.deployment(endpoint)
    with told(f"asking `{endpoint}`"):
        try:
            if deployment.is_serverless:
                address = _service_address(site, deployment)
                if isinstance(getattr(site.spec(endpoint), "scaling", None), Async):
                    topic = topic_name(site.scope, endpoint)
                    return queued.ask(site.work, deployment, topic, payload)
                return serverless.ask(site.place, deployment, address, payload)
            address = _address(site, deployment)
            return _answer(site, deployment, address, payload)
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


def _service_address(site: Site, deployment: Deployment) -> str:
    now = states.look(site.work, deployment)
    if now is None or now.main() is None:
        raise _waiting(deployment)
    return now.address


def _waiting(deployment: Deployment) -> OperationError:
    model = deployment.model.component
    return OperationError(
        f"`{deployment.component}` waits for an approved version of `{model}`",
        remedy=f"`mlops-iac versions {model}`, then `mlops-iac approve {model} N`",
    )


def _address(site: Site, deployment: Deployment) -> str:
    """Return the root to ask: the endpoint's own host, where Google gave it one."""
    now = look(site.work, deployment)
    if now is None or now.main() is None:
        raise _waiting(deployment)
    if site.place.is_overridden("aiplatform"):
        return site.place.address("aiplatform")
    return f"https://{_host(deployment, now)}/"


def _host(deployment: Deployment, now: Endpoint) -> str:
    if now.address:
        return now.address
    raise OperationError(
        f"`{deployment.component}` answers inside the network of the platform only",
        remedy="ask its output `url` from a machine in that network",
    )


def _answer(site: Site, deployment: Deployment, address: str, payload: Any) -> Any:
    document = {"instances": payload} if _is_rows(payload) else payload
    if isinstance(document, Mapping) and "instances" in document:
        params = {"endpoint": deployment.endpoint}
        name = f"{ENDPOINTS}.predict"
        told_ = rest.call(site.place, API, name, params, document, address=address)
        # Vertex AI adds what served it; other targets answer what the server says.
        return {"predictions": told_["predictions"]}
    return _raw(site, deployment, address, payload)


def _is_rows(payload: Any) -> bool:
    return isinstance(payload, Sequence) and not isinstance(payload, str)


def _raw(site: Site, deployment: Deployment, address: str, payload: Any) -> Any:
    """Hand the server what it is to read: CSV, or another JSON form than `instances`."""
    is_text = isinstance(payload, str)
    body = payload.encode() if is_text else json.dumps(payload).encode()
    answer = session(site.place).post(
        f"{address}v1/{deployment.endpoint}:rawPredict",
        data=body,
        headers={"Content-Type": "text/csv" if is_text else "application/json"},
        timeout=TIMEOUT_SECONDS[1],
    )
    if not answer.ok:
        raise api_error("rawPredict", answer.status_code, _read(answer.text))
    return json.loads(answer.text)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _explained(endpoint: str, error: ApiError) -> GcpError:
    if error.http in {401, 403, 429}:
        return error
    return GcpError(
        f"`{endpoint}` answers {error.http}: {error.said}",
        remedy=f"see `mlops-iac logs {endpoint}`",
    )
