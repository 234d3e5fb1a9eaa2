"""Endpoints: created, updated blue/green, rolled back by alarms, called, deleted; in this order.

Inference components survive the endpoint that hosted them, as they do on AWS.

A state that passes is shown for as many descriptions as the cloud's pace says, and not left before
the containers answer. An alarm of the deployment that is in ALARM meanwhile rolls the update back.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.clouds.aws import alarms, components, monitoring
from tests.clouds.aws.calls import Answer, Call, CloudError
from tests.clouds.aws.crud import asked, glance, invalid, listing
from tests.clouds.aws.events import emit
from tests.clouds.aws.hooks import Invocation, Run, RunKind, RunState
from tests.clouds.aws.kinds import ENDPOINT, ENDPOINT_CONFIG, MODEL
from tests.clouds.aws.store import Members, Record, now
from tests.clouds.aws.world import Handler, World

_PASSING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
    "DesiredWeight": ("CurrentWeight", "DesiredWeight"),
}
"""What UpdateEndpoint retains of a variant, by RetainAllVariantProperties' names."""


def operations() -> dict[str, Handler]:
    """Return the operations of endpoints."""
    return {
        "CreateEndpoint": _create,
        "DescribeEndpoint": _describe,
        "ListEndpoints": listing(ENDPOINT),
        "UpdateEndpoint": _update,
        "UpdateEndpointWeightsAndCapacities": _scale,
        "DeleteEndpoint": _delete,
    }


def _create(world: World, call: Call) -> Members:
    config = world.store.get(ENDPOINT_CONFIG, call.region, call.params["EndpointConfigName"])
    _judge_guardrails(config, call.params.get("DeploymentConfig"))
    record = world.store.add(ENDPOINT, call.region, call.params["EndpointName"], call.params)
    record.members.pop("DeploymentConfig", None)
    record.hidden.update(live=None, incoming=None)
    _become(world, record, "Creating", EndpointConfigName=config.key, **_live(config, {}))
    _deploy(world, record, config, lambda reason: _create_failed(world, record, reason))
    return {"EndpointArn": record.arn}


def _create_failed(world: World, record: Record, reason: str) -> None:
    _become(world, record, "Failed", FailureReason=reason)


def _update(world: World, call: Call) -> Members:
    record = asked(world, call, ENDPOINT)
    _in_service(record)
    config = world.store.get(ENDPOINT_CONFIG, call.region, call.params["EndpointConfigName"])
    has_model = any("ModelName" in one for one in config.members["ProductionVariants"])
    if components.is_host(world, record) == has_model:
        raise invalid("An endpoint cannot begin or cease to host inference components.")
    guardrails = _guardrails(record, call.params)
    _judge_guardrails(config, guardrails)
    if guardrails and _names(config) != _names(record):
        raise invalid("With a deployment configuration the variants must have the same names.")
    new = _live(config, _retained(record, call.params))
    record.hidden["rollback"] = _rollback_alarms(guardrails)
    record.hidden["wished"] = {"config": config, "live": new, "guardrails": guardrails}
    pending = {
        "EndpointConfigName": config.key,
        "ProductionVariants": new["ProductionVariants"],
        "StartTime": now(),
    }
    _become(world, record, "Updating", PendingDeploymentSummary=pending, FailureReason=None)
    _deploy(world, record, config, lambda reason: _roll_back(world, record, reason))
    return {"EndpointArn": record.arn}


def _names(record: Record) -> set[str]:
    return {one["VariantName"] for one in record.members["ProductionVariants"]}


def _in_service(record: Record) -> None:
    if record.status in _PASSING:
        raise invalid(f'Cannot update in-progress endpoint "{record.arn}".')
    if record.status != "InService":
        raise invalid(f'Cannot update endpoint "{record.arn}" in status {record.status}.')


def _guardrails(record: Record, params: Members) -> Members | None:
    given = params.get("DeploymentConfig")
    if given is None and params.get("RetainDeploymentConfig"):
        return record.members.get("LastDeploymentConfig")
    return given


def _judge_guardrails(config: Record, guardrails: Members | None) -> None:
    """Refuse what `deployment guardrails` refuse, by their documentation."""
    if not guardrails:
        return
    routing = guardrails.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    needed = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(routing.get("Type", ""))
    if needed and needed not in routing:
        raise invalid(f"{needed} must be specified for traffic routing type {routing['Type']}.")
    if config.members.get("ShadowProductionVariants"):
        raise invalid("Deployment guardrails are not supported for shadow variants.")
    if needed and any("ServerlessConfig" in one for one in config.members["ProductionVariants"]):
        raise invalid(f"{routing['Type']} is not supported for serverless endpoints.")


def _rollback_alarms(guardrails: Members | None) -> list[str]:
    listed = (guardrails or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
    return [alarm["AlarmName"] for alarm in listed]


def _retained(record: Record, params: Members) -> Mapping[str, Members]:
    """Return what live variants keep, by their names."""
    if not params.get("RetainAllVariantProperties"):
        return {}
    excluded = [
        one["VariantPropertyType"] for one in params.get("ExcludeRetainedVariantProperties", [])
    ]
    kept = [name for kind, names in _PROPERTIES.items() if kind not in excluded for name in names]
    return {
        variant["VariantName"]: {name: variant[name] for name in kept if name in variant}
        for variant in record.members["ProductionVariants"]
    }


def _live(config: Record, retained: Mapping[str, Members]) -> Members:
    """Return what a configuration gives an endpoint that runs it."""
    members: Members = {
        name: config.members.get(name) for name in ("AsyncInferenceConfig", "ExplainerConfig")
    }
    members["ProductionVariants"] = [
        _variant(one, retained.get(one["VariantName"], {}))
        for one in config.members["ProductionVariants"]
    ]
    shadows = config.members.get("ShadowProductionVariants")
    members["ShadowProductionVariants"] = (
        [_variant(one, {}) for one in shadows] if shadows else None
    )
    members["DataCaptureConfig"] = _capture(config.members.get("DataCaptureConfig"))
    return members


def _variant(declared: Members, kept: Members) -> Members:
    weight = float(declared.get("InitialVariantWeight", 1.0))
    live: Members = {
        "VariantName": declared["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    if "ServerlessConfig" in declared:
        live["CurrentServerlessConfig"] = declared["ServerlessConfig"]
    else:
        count = declared.get("InitialInstanceCount", 1)
        live.update(CurrentInstanceCount=count, DesiredInstanceCount=count)
    for name in ("ManagedInstanceScaling", "RoutingConfig"):
        if name in declared:
            live[name] = declared[name]
    return {**live, **kept}


def _capture(declared: Members | None) -> Members | None:
    if not declared:
        return None
    return {
        "EnableCapture": declared.get("EnableCapture", True),
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": declared["InitialSamplingPercentage"],
        "DestinationS3Uri": declared["DestinationS3Uri"],
        "KmsKeyId": declared.get("KmsKeyId", ""),
    }


def _deploy(world: World, record: Record, config: Record, failed: Callable[[str], None]) -> None:
    """Start the containers of a configuration; settle or fail when they are ready or are not."""
    record.shown = world.pace.get(ENDPOINT.name, 0)
    record.settle = None

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        if record.hidden["incoming"] is not run:
            return
        if state is RunState.SUCCEEDED:
            record.settle = lambda: _settle(world, record, run)
            if record.shown == 0:
                glance(record)
        elif state in {RunState.FAILED, RunState.STOPPED}:
            record.hidden["incoming"] = None
            world.later(lambda: world.work.retire(run))
            failed(str(told.get("FailureReason", "The containers did not come up.")))

    run = world.begin(RunKind.ENDPOINT, record, _request(world, record, config), heard)
    record.hidden["incoming"] = run


def _request(world: World, record: Record, config: Record) -> Members:
    variants = [
        *config.members["ProductionVariants"],
        *config.members.get("ShadowProductionVariants", []),
    ]
    names = [one["ModelName"] for one in variants if "ModelName" in one]
    models = {name: world.store.get(MODEL, record.region, name).described() for name in names}
    described = config.described()
    return {"EndpointName": record.key, "EndpointConfig": described, "Models": models}


def _settle(world: World, record: Record, run: Run) -> None:
    old, record.hidden["live"], record.hidden["incoming"] = record.hidden["live"], run, None
    wished = record.hidden.pop("wished", None)
    if wished is not None:
        record.change(EndpointConfigName=wished["config"].key, **wished["live"])
        record.change(LastDeploymentConfig=wished["guardrails"])
    if old is not None:
        world.later(lambda: world.work.retire(old))
    _become(world, record, "InService", PendingDeploymentSummary=None)


def _roll_back(world: World, record: Record, reason: str) -> None:
    """Keep what was in service; the reason stays to be read."""
    incoming, record.hidden["incoming"] = record.hidden["incoming"], None
    record.hidden.pop("wished", None)
    if incoming is not None:
        world.later(lambda: world.work.retire(incoming))
    _become(world, record, "RollingBack", FailureReason=reason)
    record.shown = world.pace.get(ENDPOINT.name, 0)
    record.settle = lambda: _become(world, record, "InService", PendingDeploymentSummary=None)
    if record.shown == 0:
        glance(record)


def _describe(world: World, call: Call) -> Members:
    record = asked(world, call, ENDPOINT)
    if record.status == "Updating":
        _watch(world, record)
    glance(record)
    return record.described()


def _watch(world: World, record: Record) -> None:
    loud = alarms.in_alarm(world, record.region, record.hidden.get("rollback", []))
    if loud:
        reason = f"One or more configured alarms are in ALARM state: {', '.join(loud)}"
        _roll_back(world, record, reason)


def _become(world: World, record: Record, status: str, **members: Any) -> None:
    record.become(status, **members)
    upper = "".join(f"_{one}" if one.isupper() else one.upper() for one in status).lstrip("_")
    detail = {**record.described(), "EndpointStatus": upper, "Tags": dict(record.tags)}
    for words in ("Endpoint", "Endpoint Deployment"):
        emit(world, record.region, f"SageMaker {words} State Change", detail, record.arn)


def _scale(world: World, call: Call) -> Members:
    """Change weights and counts in place; it passes `Updating` as any change does."""
    record = asked(world, call, ENDPOINT)
    _in_service(record)
    wishes = {one["VariantName"]: one for one in call.params["DesiredWeightsAndCapacities"]}
    live = {one["VariantName"]: one for one in record.members["ProductionVariants"]}
    for name in wishes.keys() - live.keys():
        raise invalid(f'Could not find variant "{name}" of endpoint "{record.arn}".')
    for name, wish in wishes.items():
        live[name].update({key: value for key, value in wish.items() if key != "VariantName"})
    _become(world, record, "Updating")
    record.hidden["rollback"] = []
    record.shown = world.pace.get(ENDPOINT.name, 0)
    record.settle = lambda: _scaled(world, record)
    if record.shown == 0:
        glance(record)
    return {"EndpointArn": record.arn}


def _scaled(world: World, record: Record) -> None:
    for variant in record.members["ProductionVariants"]:
        for kind in ("Weight", "InstanceCount"):
            if f"Desired{kind}" in variant:
                variant[f"Current{kind}"] = variant[f"Desired{kind}"]
    _become(world, record, "InService")


def _delete(world: World, call: Call) -> Members:
    record = asked(world, call, ENDPOINT)
    if record.status in _PASSING:
        raise invalid(f'Cannot update in-progress endpoint "{record.arn}".')
    watchers = monitoring.watchers(world, record)
    if watchers:
        raise invalid(f'Endpoint "{record.arn}" still has monitoring schedules: {watchers}.')
    _become(world, record, "Deleting")
    record.shown = world.pace.get(ENDPOINT.name, 0)
    record.settle = lambda: world.store.remove(record)
    if record.shown == 0:
        glance(record)
    for run in (record.hidden["live"], record.hidden["incoming"]):
        if run is not None:
            _retire(world, run)
    return {}


def _retire(world: World, run: Run) -> None:
    run.stopping.set()
    world.later(lambda: world.work.retire(run))


def users(world: World, config: Record) -> Iterator[Record]:
    """Yield the endpoints that run a configuration or are about to."""
    for record in world.store.all(ENDPOINT, config.region):
        wished = record.hidden.get("wished") or {}
        if config.key == record.members["EndpointConfigName"] or wished.get("config") is config:
            yield record


def invoke(world: World, call: Call) -> Answer:
    """Call an endpoint; the work answers, outside of the lock."""
    run, invocation = world.holding(lambda: _invocation(world, call))
    answer = world.work.invoke(run, invocation)
    told = {"x-Amzn-Invoked-Production-Variant": invocation.variant}
    return Answer(answer.status, answer.body, {**answer.headers, **told})


def _invocation(world: World, call: Call) -> tuple[Run, Invocation]:
    name = call.params["EndpointName"]
    record = world.store.find(ENDPOINT, call.region, name)
    if record is None:
        account = world.account
        raise invalid(f"Endpoint {name} of account {account} not found.")
    run = record.hidden["live"]
    if run is None:
        raise invalid(f"Endpoint {name} of account {world.account} is not in service.")
    is_async = call.operation == "InvokeEndpointAsync"
    if is_async != ("AsyncInferenceConfig" in record.members):
        kind = "does not support" if is_async else "supports only"
        raise invalid(f"Endpoint {name} {kind} asynchronous inference.")
    if components.is_host(world, record):
        run = components.live(world, record, call.params.get("InferenceComponentName"))
    return run, _of(record, call, is_async=is_async)


def _of(record: Record, call: Call, *, is_async: bool) -> Invocation:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in call.environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
    variant = _chosen(record, call.params.get("TargetVariant"))
    return Invocation(record.key, record.region, variant, call.body, headers, is_async=is_async)


def _chosen(record: Record, wished: str | None) -> str:
    weights = {
        one["VariantName"]: one["CurrentWeight"] for one in record.members["ProductionVariants"]
    }
    if wished is not None:
        if wished not in weights:
            raise CloudError("ValidationError", f"Could not find variant {wished}.")
        return wished
    return random.choices(list(weights), list(weights.values()))[0]
