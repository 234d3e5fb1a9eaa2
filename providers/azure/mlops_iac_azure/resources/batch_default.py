"""`mlops-iac:azure:BatchDefault`: which deployment answers calls of a batch endpoint.

An endpoint can name only a deployment that is there, which itself needs the endpoint; and the one
that is named is not deleted. So it is named after both are made, and unnamed before they go.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import lro, rest
from mlops_iac_azure.faults import found
from mlops_iac_azure.session import Place, place_of

_DEFAULTS, _NAME = "defaults", "deploymentName"
_KEPT = ("location", "tags", "identity", "kind", "sku")
_WRITTEN = frozenset({"provisioningState", "scoringUri", "swaggerUri"})


class BatchDefaultHandler(Handler):
    """Names a deployment, and takes its name away."""

    token = "mlops-iac:azure:BatchDefault"  # noqa: S105
    replace_on = frozenset({"endpoint"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Name the deployment; nothing happens where it is named already."""
        where = place_of(call.config)
        path = where.in_workspace("batchEndpoints", inputs["endpoint"])
        return path, _named(where, path, inputs, call)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return which deployment is named; gone with its endpoint, or when none is."""
        there = found(rest.call, place_of(call.config), "GET", resource_id, pause=call.wait)
        name = None if there is None else _default_of(there)
        if name is None:
            return None
        inputs = {"endpoint": resource_id.rpartition("/")[2], "deployment": name}
        return Existing(id=resource_id, state=dict(inputs), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Name another deployment."""
        return _named(place_of(call.config), resource_id, inputs, call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Let the endpoint name none."""
        where = place_of(call.config)
        there = found(rest.call, where, "GET", resource_id, pause=call.wait)
        if there is not None and _default_of(there) == state["deployment"]:
            _put(where, resource_id, there, {}, call)


def _named(where: Place, path: str, inputs: Properties, call: Call) -> dict[str, Any]:
    there = rest.call(where, "GET", path, pause=call.wait)
    if _default_of(there) != inputs["deployment"]:
        _put(where, path, there, {_NAME: inputs["deployment"]}, call)
    return dict(inputs)


def _default_of(there: Mapping[str, Any]) -> str | None:
    return (there["properties"].get(_DEFAULTS) or {}).get(_NAME)


def _put(
    where: Place, path: str, there: Mapping[str, Any], defaults: Mapping[str, Any], call: Call
) -> None:
    """Send the endpoint as it is, but for its default: PATCH changes tags and identity alone."""
    told = {key: value for key, value in there["properties"].items() if key not in _WRITTEN}
    body = {key: there[key] for key in _KEPT if there.get(key) is not None}
    whole = {**body, "properties": {**told, _DEFAULTS: dict(defaults)}}
    lro.run(where, "PUT", path, whole, pause=call.wait, log=call.log, doing=f"set {path}")
