"""`mlops-iac:gcp:DeployedModel`: a version of a model on an endpoint, under an id known before.

The id is the program's, or made from the resource's URN and what never changes in place; so the
traffic of an endpoint can be declared while its deployments are only planned. No traffic comes by
deploying: `EndpointTraffic` gives it; what has some is not undeployed.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, InputFailure, Properties
from mlops_iac.names import NameRule, content_hash, physical_name
from mlops_iac_gcp import lro
from mlops_iac_gcp.errors import ApiError, DeploymentError, NotOursError
from mlops_iac_gcp.faults import found, is_busy, is_taken
from mlops_iac_gcp.resources import shapes
from mlops_iac_gcp.resources.collection import IMPORTED, differing
from mlops_iac_gcp.resources.comparing import seen
from mlops_iac_gcp.resources.working import Work, work_of

ENDPOINTS = "projects.locations.endpoints"
ID_RULE = NameRule(
    max_length=10,
    digits_only=True,
    pattern=r"[1-9][0-9]{0,9}",
    source="discovery aiplatform.v1, DeployedModel.id",
)
_ENDPOINT, _ID, _FORCE = "endpoint", "deployedModelId", "force"
_OWN = frozenset({_ENDPOINT, _ID, _FORCE})
_V1, _V1BETA1 = "aiplatform.v1", "aiplatform.v1beta1"
# What only the older and what only the newer version of the API knows.
_BETA_SIZES = frozenset({"scaleToZeroSpec", "initialReplicaCount"})
# discovery aiplatform.v1 and v1beta1, MutateDeployedModelRequest.deployedModel
_MUTABLE_SIZES = frozenset(
    {
        "autoscalingMetricSpecs",
        "initialReplicaCount",
        "maxReplicaCount",
        "minReplicaCount",
        "requiredReplicaCount",
        "scaleToZeroSpec",
    }
)
_SIZES = ("automaticResources", "dedicatedResources")
_MUTABLE = frozenset({"disableContainerLogging", "enableContainerLogging"})


class DeployedModelHandler(Handler):
    """Deploys, resizes in place, replaces by deploying first, and strands no traffic."""

    token = "mlops-iac:gcp:DeployedModel"  # noqa: S105
    stable_outputs = frozenset({"deployedId", "modelVersionId"})

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse what the API's own document refuses."""
        api = _api(inputs)
        fields = shapes.writable(api, "DeployedModel") - {"id"}
        strange = [
            InputFailure(property=key, reason=f"a deployed model has no `{key}`")
            for key in sorted(inputs.keys() - fields - _OWN)
        ]
        wrong = [*_wrong_id(inputs), *_wrong_minimum(inputs)]
        return [*strange, *wrong, *shapes.failures(api, "DeployedModel", inputs)]

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Sizes and logging change in place; all else is another deployment."""
        changed = differing(state, old, new)
        replaces = tuple(key for key in changed if _replaces(key, old.get(key), new.get(key)))
        is_same_id = bool(new.get(_ID)) and not {_ID, _ENDPOINT} & set(replaces)
        return Change(
            changed=changed, replaces=replaces, delete_before_replace=bool(replaces) and is_same_id
        )

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Deploy, or adopt what an interrupted call has deployed."""
        work = work_of(call, _fixed(inputs))
        wanted = inputs.get(_ID) or physical_name(ID_RULE, [call.name], content=work.mark)
        endpoint = str(inputs[_ENDPOINT])
        work.resumed(_api(inputs))
        call.journal("create", id=f"{endpoint}/{wanted}")
        try:
            _deployed(work, inputs, wanted)
        except ApiError as error:
            if not is_taken(error):
                raise
            _refuse_strange(call, inputs, f"{endpoint}/{wanted}")
        name, world = f"{endpoint}/deployedModels/{wanted}", _of(work, endpoint, wanted) or {}
        call.exists(name, _state(inputs, wanted, world))
        return name, _resized(work, wanted, world, inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the deployment as it is on its endpoint."""
        endpoint, _, wanted = resource_id.partition("/deployedModels/")
        world = _of(work_of(call, {}), endpoint, wanted)
        if world is None:
            return None
        fields = shapes.writable(_api(world), "DeployedModel") - {"id"}
        known = {key: state[key] for key in state if key in fields | _OWN}
        fresh = {key: seen(world.get(key), known[key]) for key in fields & known.keys()}
        imported = {key: world[key] for key in sorted(fields & world.keys())}
        imported |= {_ENDPOINT: endpoint, _ID: wanted}
        inputs = {**known, **fresh} if known else imported
        mark = {} if known else {IMPORTED: content_hash(inputs)}
        return Existing(
            id=resource_id, state={**_state(inputs, wanted, world), **mark}, inputs=inputs
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Change sizes and logging in place."""
        work, (endpoint, _, wanted) = work_of(call, {}), resource_id.partition("/deployedModels/")
        world = _of(work, endpoint, wanted)
        if world is None:
            raise DeploymentError(f"`{resource_id}` is gone", remedy="run `refresh`, then `up`")
        return _resized(work, wanted, world, inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Undeploy; refuse while the endpoint sends it traffic, unless `force` is declared.

        Raises:
            DeploymentError: it has traffic.
        """
        work, (endpoint, _, wanted) = work_of(call, {}), resource_id.partition("/deployedModels/")
        world = found(work.ask, _V1, f"{ENDPOINTS}.get", {"name": endpoint})
        if world is None or _of(work, endpoint, wanted) is None:
            return
        split: dict[str, int] = dict(world.get("trafficSplit", {}))
        if split.get(wanted) and not state.get(_FORCE):
            raise DeploymentError(
                f"`{resource_id}` has {split[wanted]} % of the endpoint's traffic",
                remedy="give the traffic to others first (`EndpointTraffic`), or declare `force`",
            )
        body: dict[str, Any] = {"deployedModelId": wanted}
        if split.get(wanted):
            body["trafficSplit"] = {}
        changed(work, _V1, "undeployModel", endpoint, body)


def changed(
    work: Work, api: str, method: str, endpoint: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Call a method of an endpoint and wait; one that is busy with something else is awaited."""

    def call() -> dict[str, Any]:
        parameters = {"endpoint": endpoint}
        answer = work.ask(api, f"{ENDPOINTS}.{method}", parameters, body, repeatable=True)
        return work.end_of(api, answer, f"{method} on {endpoint}")

    return when_free(work, endpoint, call)


def when_free(work: Work, endpoint: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a call returns, made again after what others do with the same endpoint."""
    while True:
        try:
            return call()
        except ApiError as error:
            if not is_busy(error):
                raise
        work.call.log(f"{endpoint} is being changed: waiting")
        work.call.wait(lro.FIRST_POLL_SECONDS)
        work.others(_V1, endpoint)


def _api(inputs: Mapping[str, Any]) -> str:
    sizes = inputs.get("dedicatedResources") or {}
    is_beta = "enableContainerLogging" in inputs or bool(_BETA_SIZES & sizes.keys())
    return _V1BETA1 if is_beta else _V1


def _wrong_id(inputs: Properties) -> list[InputFailure]:
    wanted = inputs.get(_ID)
    if wanted is None or (str(wanted).isdigit() and len(str(wanted)) <= ID_RULE.max_length):
        return []
    return [InputFailure(property=_ID, reason=f"`{wanted}` is no id: 1 to 10 digits")]


def _wrong_minimum(inputs: Properties) -> list[InputFailure]:
    sizes: Any = inputs.get("dedicatedResources")
    if not isinstance(sizes, Mapping) or sizes.get("minReplicaCount") != 0:
        return []
    if "scaleToZeroSpec" in sizes:
        return []
    # Only v1beta1 has it: discovery aiplatform.v1beta1, DedicatedResources.scaleToZeroSpec
    reason = "`minReplicaCount` 0 needs `scaleToZeroSpec` beside it; without, the least is 1"
    return [InputFailure(property="dedicatedResources.minReplicaCount", reason=reason)]


def _replaces(key: str, old: Any, new: Any) -> bool:
    if key in _SIZES and isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = (old.keys() | new.keys()) - _MUTABLE_SIZES
        return any(old.get(each) != new.get(each) for each in keys)
    return key not in _MUTABLE | {_FORCE}


def _fixed(inputs: Properties) -> dict[str, Any]:
    kept = {key: value for key, value in inputs.items() if key not in _MUTABLE | {_FORCE}}
    for key in _SIZES:
        if isinstance(kept.get(key), Mapping):
            sizes: Mapping[str, Any] = kept[key]
            kept[key] = {name: sizes[name] for name in sizes if name not in _MUTABLE_SIZES}
    return kept


def _deployed(work: Work, inputs: Properties, wanted: str) -> None:
    api, endpoint = _api(inputs), str(inputs[_ENDPOINT])
    work.call.log(f"deploying {inputs.get('model')} on {endpoint}")
    # No split is sent: an endpoint's traffic stays as it is.
    changed(work, api, "deployModel", endpoint, {"deployedModel": _body(api, inputs, wanted)})


def _body(api: str, inputs: Properties, wanted: str) -> dict[str, Any]:
    fields = {key: value for key, value in inputs.items() if key not in _OWN}
    return {**shapes.spelled(api, "DeployedModel", fields), "id": wanted}


def _refuse_strange(call: Call, inputs: Properties, identity: str) -> None:
    told = (intent["facts"].get("id") for intent in call.intents())
    if inputs.get(_ID) and identity not in told:
        raise NotOursError(
            f"deployed model `{identity}` exists and is not of this resource",
            remedy=f"choose another `{_ID}`, or import it by its name",
        )


def _of(work: Work, endpoint: str, wanted: str) -> dict[str, Any] | None:
    world = found(work.ask, _V1BETA1, f"{ENDPOINTS}.get", {"name": endpoint}) or {}
    deployed = (each for each in world.get("deployedModels", ()) if each["id"] == wanted)
    return next(map(_with_version, deployed), None)


def _with_version(world: dict[str, Any]) -> dict[str, Any]:
    """Return a deployment whose model is named with its version, as programs name it."""
    if "modelVersionId" not in world or "@" in world.get("model", "@"):
        return world
    return {**world, "model": f"{world['model']}@{world['modelVersionId']}"}


def _resized(
    work: Work, wanted: str, world: Mapping[str, Any], inputs: Properties
) -> dict[str, Any]:
    mask = sorted(_differences(world, inputs))
    if mask:
        api = _api(inputs)
        body = {"deployedModel": _body(api, inputs, wanted), "updateMask": ",".join(mask)}
        changed(work, api, "mutateDeployedModel", str(inputs[_ENDPOINT]), body)
    return _state(inputs, wanted, world)


def _differences(world: Mapping[str, Any], inputs: Properties) -> list[str]:
    flags = [key for key in _MUTABLE & inputs.keys() if not _is_as(world, inputs, key)]
    sizes = [
        f"{part}.{key}"
        for part in _SIZES
        for key in sorted(_MUTABLE_SIZES & (inputs.get(part) or {}).keys())
        if not _is_as(world.get(part, {}), inputs[part], key)
    ]
    return [*flags, *sizes]


def _is_as(world: Mapping[str, Any], wish: Mapping[str, Any], key: str) -> bool:
    return seen(world.get(key), wish[key]) == wish[key]


def _state(inputs: Properties, wanted: str, world: Mapping[str, Any]) -> dict[str, Any]:
    return {**inputs, "deployedId": wanted, "modelVersionId": world.get("modelVersionId")}
