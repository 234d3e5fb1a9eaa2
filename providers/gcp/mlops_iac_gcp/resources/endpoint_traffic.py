"""`mlops-iac:gcp:EndpointTraffic`: which deployed model gets how much of an endpoint's traffic.

A resource of its own, after the deployments it names: so a rollout is `deploy`, `shift`, `undeploy`
in the engine's own order. Without it an endpoint's traffic is nobody's, and left alone.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, InputFailure, Properties
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.resources.deployed_model import ENDPOINTS, when_free
from mlops_iac_gcp.resources.working import Work, work_of

API = "aiplatform.v1"
_ENDPOINT, _SPLIT = "endpoint", "trafficSplit"
_SUFFIX = "/trafficSplit"
_WHOLE = 100


class EndpointTrafficHandler(Handler):
    """Sets an endpoint's split; the last word is the program's."""

    token = "mlops-iac:gcp:EndpointTraffic"  # noqa: S105
    replace_on = frozenset({_ENDPOINT})

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse a split that does not add up to 100."""
        split: Any = inputs.get(_SPLIT)
        if split is None or _is_split(split):
            return ()
        reason = f"`{split}` is no split: whole percentages by deployed model's id, 100 in all"
        return [InputFailure(property=_SPLIT, reason=reason)]

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Set the split."""
        call.journal("create", id=inputs[_ENDPOINT])
        _set(work_of(call, {}), inputs[_ENDPOINT], inputs[_SPLIT])
        return f"{inputs[_ENDPOINT]}{_SUFFIX}", dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the split as it is; none is as good as no resource."""
        endpoint = resource_id.removesuffix(_SUFFIX)
        world = found(work_of(call, {}).ask, API, f"{ENDPOINTS}.get", {"name": endpoint}) or {}
        if not world.get(_SPLIT):
            return None
        now = {_ENDPOINT: endpoint, _SPLIT: world[_SPLIT]}
        return Existing(id=f"{endpoint}{_SUFFIX}", state=now, inputs=now)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Set the split anew."""
        _set(work_of(call, {}), inputs[_ENDPOINT], inputs[_SPLIT])
        return dict(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Take the traffic away: the endpoint answers nobody."""
        found(_set, work_of(call, {}), resource_id.removesuffix(_SUFFIX), {})


def _is_split(split: Any) -> bool:
    parts: list[Any] = list(split.values()) if isinstance(split, Mapping) else [None]
    return all(map(_is_percentage, parts)) and sum(parts) == _WHOLE


def _is_percentage(part: Any) -> bool:
    return isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= _WHOLE


def _set(work: Work, endpoint: str, split: Mapping[str, Any]) -> None:
    wish = {key: int(value) for key, value in split.items()}
    parameters = {"name": endpoint, "updateMask": _SPLIT}
    when_free(
        work, endpoint, lambda: work.ask(API, f"{ENDPOINTS}.patch", parameters, {_SPLIT: wish})
    )
