"""`mlops-iac:aws:ModelDeployment`: what an endpoint serves; owned here, by a policy."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_aws import serving
from mlops_iac_aws.serving import Deployed, Deployment, Work
from mlops_iac_aws.session import clients, place_of

WAITING, SERVING = "waiting", "serving"
DRIFT = "drift"
"""Input that a read adds when the world is not as it was left: the next `up` sees a change."""
_OUTPUTS = frozenset({"state", "version", "digest", "challenger", DRIFT})


class ModelDeploymentHandler(Handler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others."""

    token = "mlops-iac:aws:ModelDeployment"  # noqa: S105
    replace_on = frozenset({"endpoint"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the document and deploy what the policy asks for, or adopt what is deployed."""
        work, deployment = _work(call), Deployment.of(inputs)
        call.journal("deploy", endpoint=deployment.endpoint)
        serving.save(work, deployment)
        call.exists(deployment.endpoint, _state(inputs, None))
        return deployment.endpoint, _state(inputs, serving.converge(work, deployment))

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what is served. Another *approved* version is no drift under an alias."""
        work = _work(call)
        inputs = _declared(state) or serving.document_of(work, resource_id)
        if inputs is None:
            return None
        deployment = Deployment.of(inputs)
        now = serving.deployed(work, deployment.endpoint)
        if now is None and not serving.is_saved(work, deployment):
            return None
        was_serving = state.get("state") == SERVING
        marked = _marked(serving.drift(work, deployment, now, was_serving=was_serving))
        fresh = {**_state(inputs, now), **marked}
        return Existing(id=resource_id, state=fresh, inputs={**inputs, **marked})

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Converge: zero downtime, the version and the number of replicas kept."""
        work, deployment = _work(call), Deployment.of(inputs)
        serving.save(work, deployment)
        return _state(inputs, serving.converge(work, deployment))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove endpoint, models and configurations, also what the loop deployed."""
        deployment = Deployment.of(_declared(state))
        serving.undeploy(_work(call), deployment, keep_copy=bool(state["policy"]["is_shared"]))


def _work(call: Call) -> Work:
    return Work(clients=clients(place_of(call.config)), log=call.log, pause=call.wait)


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _OUTPUTS}


def _marked(drift: str | None) -> Mapping[str, Any]:
    return {DRIFT: drift} if drift else {}


def _state(inputs: Properties, now: Deployed | None) -> dict[str, Any]:
    is_serving = now is not None and now.is_alive
    return {
        **_declared(inputs),
        "state": SERVING if is_serving else WAITING,
        "version": now.version if now is not None and is_serving else None,
        "digest": now.digest if now is not None and is_serving else None,
        "challenger": now.challenger if now is not None and is_serving else None,
    }
