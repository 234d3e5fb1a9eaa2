"""Inference components: made, replaced in parts and rolled back, scaled by copies, called.

A component's containers come up like those of an endpoint, and only while it has copies. Scaling
them with the load is left to a test (UpdateInferenceComponentRuntimeConfig).
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.aws import alarms
from tests.clouds.aws.calls import Call, CloudError
from tests.clouds.aws.crud import asked, deleting, glance, invalid, listing, operations
from tests.clouds.aws.hooks import Run, RunKind, RunState
from tests.clouds.aws.kinds import ENDPOINT, ENDPOINT_CONFIG, INFERENCE_COMPONENT, MODEL
from tests.clouds.aws.store import Members, Record
from tests.clouds.aws.work.numbers import datum, put_metrics
from tests.clouds.aws.world import Handler, World

_NONE_NAMED = (
    "Inference Component Name header is required for endpoints to which you plan to deploy "
    "inference components."
)
_NO_COPY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be "
    "in-progress (if configured) or try to increase the capacity by invoking "
    "UpdateInferenceComponentRuntimeConfig API."
)


def handlers() -> dict[str, Handler]:
    """Return the operations of inference components."""
    base = operations(
        INFERENCE_COMPONENT,
        create=_create,
        delete=_delete,
        describe=_describe,
    )
    return {
        **base,
        "ListInferenceComponents": listing(INFERENCE_COMPONENT),
        "UpdateInferenceComponent": _update,
        "UpdateInferenceComponentRuntimeConfig": _scale,
    }


def _create(world: World, call: Call) -> Members:
    endpoint = world.store.get(ENDPOINT, call.region, call.params["EndpointName"])
    _judge_host(world, call, endpoint)
    _judge_model(world, call)
    record = world.store.add(
        INFERENCE_COMPONENT,
        call.region,
        call.params["InferenceComponentName"],
        {**call.params, "EndpointArn": endpoint.arn},
    )
    record.hidden.update(live=None, incoming=None, alarms=[])
    record.become("Creating")
    copies = call.params.get("RuntimeConfig", {}).get("CopyCount", 1)
    wish = {"Specification": call.params["Specification"], "RuntimeConfig": _copies(copies)}
    _deploy(world, record, wish, lambda reason: record.become("Failed", FailureReason=reason))
    return {"InferenceComponentArn": record.arn}


def _judge_host(world: World, call: Call, endpoint: Record) -> None:
    variants = [one["VariantName"] for one in endpoint.members["ProductionVariants"]]
    if call.params.get("VariantName", variants[0]) not in variants:
        raise invalid(f"Could not find variant {call.params['VariantName']}.")
    if endpoint.status != "InService":
        raise invalid(f'Endpoint "{endpoint.arn}" is {endpoint.status}.')
    if not is_host(world, endpoint):
        raise invalid("Inference Components are not supported in this Endpoint.")


def is_host(world: World, endpoint: Record) -> bool:
    """Whether an endpoint's machines have no model of their own."""
    name = endpoint.members["EndpointConfigName"]
    config = world.store.get(ENDPOINT_CONFIG, endpoint.region, name)
    return not any("ModelName" in one for one in config.members["ProductionVariants"])


def _judge_model(world: World, call: Call) -> None:
    model = call.params.get("Specification", {}).get("ModelName")
    if model is not None:
        world.store.get(MODEL, call.region, model)


def _copies(count: int) -> Members:
    return {"DesiredCopyCount": count, "CurrentCopyCount": count}


def _update(world: World, call: Call) -> Members:
    record = asked(world, call, INFERENCE_COMPONENT)
    _in_service(record)
    _judge_model(world, call)
    guardrails = call.params.get("DeploymentConfig", {})
    listed = guardrails.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    record.hidden["alarms"] = [one["AlarmName"] for one in listed]
    asked_for = call.params.get("RuntimeConfig")
    runtime = _copies(asked_for["CopyCount"]) if asked_for else record.members["RuntimeConfig"]
    wish = {
        "Specification": call.params.get("Specification", record.members["Specification"]),
        "RuntimeConfig": runtime,
        "LastDeploymentConfig": guardrails or None,
    }
    record.become("Updating", FailureReason=None)
    _deploy(world, record, wish, lambda reason: _roll_back(world, record, reason))
    return {"InferenceComponentArn": record.arn}


def _in_service(record: Record) -> None:
    if record.status != "InService":
        state = f"{record.status}".upper()
        raise invalid(f'"{record.arn}" cannot be changed while it is in state {state}_IN_PROGRESS.')


def _scale(world: World, call: Call) -> Members:
    record = asked(world, call, INFERENCE_COMPONENT)
    _in_service(record)
    runtime = _copies(call.params["DesiredRuntimeConfig"]["CopyCount"])
    wish = {"Specification": record.members["Specification"], "RuntimeConfig": runtime}
    record.become("Updating")
    _deploy(world, record, wish, lambda reason: _roll_back(world, record, reason))
    return {"InferenceComponentArn": record.arn}


def _deploy(world: World, record: Record, wish: Members, failed: Callable[[str], None]) -> None:
    """Start the containers of a wish, if it has copies; settle or fail when they are up or not."""
    record.shown, record.settle = world.pace.get(INFERENCE_COMPONENT.name, 0), None
    if not wish["RuntimeConfig"]["DesiredCopyCount"]:
        _settle_when_shown(record, lambda: _settle(world, record, wish, None))
        return

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        if record.hidden["incoming"] is not run:
            return
        if state is RunState.SUCCEEDED:
            _settle_when_shown(record, lambda: _settle(world, record, wish, run))
        elif state in {RunState.FAILED, RunState.STOPPED}:
            record.hidden["incoming"] = None
            world.later(lambda: world.work.retire(run))
            failed(str(told.get("FailureReason", "The containers did not come up.")))

    request = _request(world, record, wish["Specification"]["ModelName"])
    run = world.begin(RunKind.ENDPOINT, record, request, heard)
    record.hidden["incoming"] = run


def _settle_when_shown(record: Record, settle: Callable[[], None]) -> None:
    record.settle = settle
    if record.shown == 0:
        glance(record)


def _request(world: World, record: Record, model: str) -> Members:
    variant = {"VariantName": record.members["VariantName"], "ModelName": model}
    return {
        "EndpointName": record.members["EndpointName"],
        "InferenceComponentName": record.key,
        "EndpointConfig": {"ProductionVariants": [variant]},
        "Models": {model: world.store.get(MODEL, record.region, model).described()},
    }


def _settle(world: World, record: Record, wish: Members, run: Run | None) -> None:
    old, record.hidden["live"], record.hidden["incoming"] = record.hidden["live"], run, None
    if old is not None:
        world.later(lambda: world.work.retire(old))
    record.become("InService", **wish)


def _roll_back(world: World, record: Record, reason: str) -> None:
    """Keep what was in service; the reason stays to be read."""
    incoming, record.hidden["incoming"] = record.hidden["incoming"], None
    if incoming is not None:
        world.later(lambda: world.work.retire(incoming))
    record.settle = None
    record.become("InService", FailureReason=reason)


def _describe(world: World, call: Call) -> Members:
    record = asked(world, call, INFERENCE_COMPONENT)
    loud = alarms.in_alarm(world, record.region, record.hidden.get("alarms", []))
    if record.status == "Updating" and loud:
        reason = f"One or more configured alarms are in ALARM state: {', '.join(loud)}"
        _roll_back(world, record, reason)
    glance(record)
    return record.described()


def _delete(world: World, call: Call) -> Members:
    record = asked(world, call, INFERENCE_COMPONENT)
    if record.status not in {"InService", "Failed"}:
        _in_service(record)
    for run in (record.hidden["live"], record.hidden["incoming"]):
        if run is not None:
            run.stopping.set()
            _retire(world, run)
    return deleting(INFERENCE_COMPONENT)(world, call)


def _retire(world: World, run: Run) -> None:
    world.later(lambda: world.work.retire(run))


def live(world: World, endpoint: Record, name: str | None) -> Run:
    """Return the containers of the component that a call names.

    Raises:
        CloudError: it names none, none of this endpoint, or one without a copy.
    """
    if name is None:
        raise CloudError("ValidationError", _NONE_NAMED)
    record = world.store.find(INFERENCE_COMPONENT, endpoint.region, name)
    if record is None or record.members["EndpointName"] != endpoint.key:
        raise CloudError("ValidationError", f"Inference Component {name} not found.")
    run: Run | None = record.hidden["live"]
    if run is None:
        # What wakes it: auto scaling looks at this metric.
        missed = datum("NoCapacityInvocationFailures", 1.0, {"InferenceComponentName": name})
        cloudwatch = world.client("cloudwatch", endpoint.region)
        world.later(lambda: put_metrics(cloudwatch, "AWS/SageMaker", [missed]))
        raise CloudError("ValidationError", _NO_COPY)
    return run
