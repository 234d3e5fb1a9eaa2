"""The verb `predict`: an endpoint of Vertex AI or a service of Cloud Run is asked."""

import json
from collections.abc import Mapping
from typing import Any

from mlops_iac.specs import Async
from mlops_iac.verbs import asking
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import ApiError, GcpError
from mlops_iac_gcp.faults import api_error, told
from mlops_iac_gcp.monitor_steps import topic_name
from mlops_iac_gcp.rest import TIMEOUT_SECONDS
from mlops_iac_gcp.serving.cloud_run import states
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.states import API, ENDPOINTS, Endpoint, look
from mlops_iac_gcp.session import session
from mlops_iac_gcp.verbs import queued, serverless
from mlops_iac_gcp.verbs.site import Site


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
    deployment: Deployment = site.deployment(endpoint)
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


def _service_address(site: Site, deployment: Deployment) -> str:
    now = states.look(site.work, deployment)
    if now is None or now.main() is None:
        raise asking.waits(deployment.component, deployment.model.component)
    return now.address


def _address(site: Site, deployment: Deployment) -> str:
    """Return the root to ask: the endpoint's own host, where Google gave it one."""
    now = look(site.work, deployment)
    if now is None or now.main() is None:
        raise asking.waits(deployment.component, deployment.model.component)
    if site.place.is_overridden("aiplatform"):
        return site.place.address("aiplatform")
    return f"https://{_host(deployment, now)}/"


def _host(deployment: Deployment, now: Endpoint) -> str:
    if now.address:
        return now.address
    raise asking.is_inside(deployment.component)


def _answer(site: Site, deployment: Deployment, address: str, payload: Any) -> Any:
    document = asking.document(payload)
    if isinstance(document, Mapping) and "instances" in document:
        params = {"endpoint": deployment.endpoint}
        name = f"{ENDPOINTS}.predict"
        told_ = rest.call(site.place, API, name, params, document, address=address)
        # Vertex AI adds what served it; other targets answer what the server says.
        return {"predictions": told_["predictions"]}
    return _raw(site, deployment, address, payload)


def _raw(site: Site, deployment: Deployment, address: str, payload: Any) -> Any:
    """Hand the server what it is to read: CSV, or another JSON form than `instances`."""
    body, content_type = asking.body(payload)
    answer = session(site.place).post(
        f"{address}v1/{deployment.endpoint}:rawPredict",
        data=body,
        headers={"Content-Type": content_type},
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
