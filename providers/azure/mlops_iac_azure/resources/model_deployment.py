"""`mlops-iac:azure:ModelDeployment`: what an endpoint serves; owned here, by a policy."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import serving
from mlops_iac_azure.faults import told
from mlops_iac_azure.serving import Deployed, Deployment, Work
from mlops_iac_azure.session import place_of

WAITING, SERVING = "waiting", "serving"
DRIFT = "drift"
"""Input that a read adds when the world is not as it was left: the next `up` sees a change."""
_OUTPUTS = frozenset({"state", "version", "digest", "challenger", "split", "mirror", DRIFT})


class ModelDeploymentHandler(Handler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others."""

    token = "mlops-iac:azure:ModelDeployment"  # noqa: S105
    replace_on = frozenset({"endpoint"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the document and deploy what the policy asks for, or adopt what is deployed."""
        work, deployment = _work(call), Deployment.of(inputs)
        call.journal("deploy", endpoint=deployment.endpoint)
        with told(f"deploying `{deployment.component}`"):
            serving.save(work, deployment)
            call.exists(_id(deployment), _state(inputs, None))
            return _id(deployment), _state(inputs, serving.converge(work, deployment))

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what is served. Another *approved* version is no drift under an alias.

        An import names account and component: `ACCOUNT/COMPONENT`.
        """
        work = _work(call)
        with told(f"reading `{resource_id}`"):
            inputs = _declared(state) or serving.document_of(work, resource_id)
            if inputs is None:
                return None
            deployment = Deployment.of(inputs)
            now = serving.deployed(work, deployment)
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
        with told(f"deploying `{deployment.component}`"):
            serving.save(work, deployment)
            return _state(inputs, serving.converge(work, deployment))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Take everything off the endpoint, and remove its copies, also what the loop deployed."""
        deployment = Deployment.of(_declared(state))
        with told(f"emptying `{deployment.component}`"):
            serving.undeploy(_work(call), deployment)


def _id(deployment: Deployment) -> str:
    return f"{deployment.bucket}/{deployment.component}"


def _work(call: Call) -> Work:
    return Work(place=place_of(call.config), log=call.log, pause=call.wait)


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _OUTPUTS}


def _marked(drift: str | None) -> Mapping[str, Any]:
    return {DRIFT: drift} if drift else {}


def _state(inputs: Properties, now: Deployed | None) -> dict[str, Any]:
    return {
        **_declared(inputs),
        "state": WAITING if now is None else SERVING,
        "version": None if now is None else now.version,
        "digest": None if now is None else now.digest,
        "challenger": None if now is None else now.challenger,
        "split": None if now is None else dict(now.split),
        "mirror": None if now is None else dict(now.mirror),
    }
