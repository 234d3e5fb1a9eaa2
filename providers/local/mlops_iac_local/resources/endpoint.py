"""`mlops-iac:local:Endpoint`: an endpoint's frame; a token, a port, a folder."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac_local import endpoints
from mlops_iac_local.endpoints import Frame
from mlops_iac_local.files import read_json, remove
from mlops_iac_local.layout import Layout
from mlops_iac_local.ownership import adopt_or_make, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset({"url", "tokenFile", "tokenMark", "port"})


class EndpointHandler(LocalHandler):
    """What callers know: it stays while versions come and go."""

    token = "mlops-iac:local:Endpoint"  # noqa: S105
    replace_on = frozenset({"component", "program"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make or adopt the folder, the token and the port."""
        layout = self.layout(call)
        call.journal("make-endpoint", endpoint=inputs["component"])
        adopt_or_make(layout.endpoint(inputs["component"]), call.urn)
        return inputs["program"], self._converge(layout, inputs)

    def _converge(self, layout: Layout, inputs: Properties) -> Properties:
        component = inputs["component"]
        known = read_json(layout.endpoint(component) / endpoints.FRAME)
        frame = Frame(
            component=component,
            program=inputs["program"],
            model=inputs["model"],
            # A port once given stays: callers have written it down.
            port=int(known["port"]) if known else endpoints.free_port(),
        )
        endpoints.write_frame(layout, frame)
        mark = endpoints.token_mark(layout, component) or endpoints.make_token(layout, component)
        return {
            **inputs,
            "url": frame.url,
            "port": frame.port,
            "tokenFile": str(endpoints.token_file(layout, component)),
            "tokenMark": mark,
        }

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the frame; gone when its folder is, drifted when its token is not as left."""
        layout = self.layout(call)
        component = state["component"]
        if read_json(layout.endpoint(component) / endpoints.FRAME) is None:
            return None
        is_same = endpoints.token_mark(layout, component) == state["tokenMark"]
        drift = None if is_same else "the token was changed, removed or opened to other users"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Heal the frame; a token that somebody changed is replaced by a new one."""
        layout = self.layout(call)
        component = inputs["component"]
        adopt_or_make(layout.endpoint(component), call.urn)
        if endpoints.token_mark(layout, component) != state.get("tokenMark"):
            endpoints.make_token(layout, component)
        return self._converge(layout, inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the folder; the deployment, which goes first, has stopped the server."""
        folder = self.layout(call).endpoint(state["component"])
        require_ours(folder, call.urn)
        remove(folder)
