"""The face of the walkers: one function per cloud's resources, one for requests."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from tests.contract.walkers import (
    arm,
    aws_tables,
    azure_nodes,
    azure_tables,
    botocore_api,
    cloudformation,
    discovery,
    gcp_tables,
    request_rules,
    sdk,
)
from tests.contract.walkers.finding import Finding, Rule, distinct
from tests.contract.walkers.rules import Check, one_of
from tests.contract.walkers.translate import Translation, check_inputs, further
from tests.contract.walkers.walk import walk

_Inputs = Mapping[str, Any]
_DISCOVERY = re.compile(r"[a-z]+\.v\d+\w*")
# What a CloudFormation property's own schema leaves open, the API's model may rule.
_VALUE_RULES = frozenset({Rule.ENUM, Rule.MAX, Rule.MIN, Rule.PATTERN, Rule.TYPE})


def aws(token: str, inputs: _Inputs, *, region: str | None = None) -> list[Finding]:
    """Return what AWS would refuse in the inputs of a `pulumi-aws` or `-aws-native` resource.

    Args:
        token: the Pulumi type.
        inputs: as the engine gets them, in camelCase.
        region: when given, types and instance types must be offered there.
    """
    if token.startswith("aws-native:"):
        return _checked(token, inputs, partial(_native, token, inputs, region))
    return _checked(token, inputs, partial(_classic, token, inputs, region))


def gcp(token: str, inputs: _Inputs) -> list[Finding]:
    """Return what Google Cloud would refuse in the inputs of a `pulumi-gcp` resource."""
    return _checked(token, inputs, partial(_translated, token, inputs, gcp_tables.TRANSLATIONS))


def azure(token: str, inputs: _Inputs) -> list[Finding]:
    """Return what Azure would refuse in the inputs of a `pulumi-azure-native` resource."""
    return _checked(token, inputs, partial(_azure, token, inputs))


def request(
    api: str, operation: str, body: _Inputs | None = None, params: _Inputs | None = None
) -> list[Finding]:
    """Return what a service would refuse in a request that a custom resource sends.

    Args:
        api: a botocore service (`sagemaker`), a discovery document (`aiplatform.v1`) or `azure.ml`.
        operation: `CreateModel`, `projects.locations.models.upload`, or an ARM type as
            `Microsoft.MachineLearningServices/workspaces/onlineEndpoints`.
        body: what is sent; for botocore the parameters.
        params: path and query parameters; when None, they are not judged.
    """
    if api == "azure.ml":
        findings = _arm_request(operation, body or {}, params or {})
    elif api in {"azure.app", "azure.monitor"}:
        findings = _companion_request(operation, body or {}, params or {})
    elif api == "azure.registry":
        findings = _build_request(operation, body or {}, params or {})
    elif _DISCOVERY.fullmatch(api):
        findings = _rest_request(api, operation, body, params)
    else:
        findings = _aws_request(api, operation, body or {}, params or {})
    return distinct(list(findings))


def _checked(token: str, inputs: _Inputs, cloud: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        shape = sdk.inputs_shape(token)
    except sdk.UnknownTokenError as error:
        return [_unknown(token, str(error))]
    return distinct([*walk(shape, inputs), *cloud()])


def _unknown(name: str, message: str) -> Finding:
    source = "tests/contract/walkers"
    return Finding(path="", rule=Rule.TOKEN, value=name, message=message, source=source)


def _no_table(token: str) -> Finding:
    return _unknown(token, f"`{token}` has no table; add it with its sources")


def _translated(
    token: str, inputs: _Inputs, tables: Mapping[str, Translation]
) -> Iterator[Finding]:
    translation = tables.get(token)
    if translation is None:
        yield _no_table(token)
        return
    yield from check_inputs(translation, inputs)


def _classic(token: str, inputs: _Inputs, region: str | None) -> Iterator[Finding]:
    yield from _translated(token, inputs, aws_tables.TRANSLATIONS)
    own = inputs.get("region")
    yield from _instance_types(inputs, own if isinstance(own, str) else region)


def _native(token: str, inputs: _Inputs, region: str | None) -> Iterator[Finding]:
    type_name = _cloudformation_type(token)
    if type_name is None:
        yield _no_table(token)
        return
    try:
        shape = cloudformation.resource_shape(type_name, region or cloudformation.DEFAULT_REGION)
    except cloudformation.UnknownTypeError as error:
        yield _unknown(token, str(error))
        return
    yield from check_inputs(Translation(shape=lambda: shape), inputs)
    yield from _native_api(token, inputs)
    yield from _instance_types(inputs, region)


def _native_api(token: str, inputs: _Inputs) -> Iterator[Finding]:
    """Yield what the API's own model rules about values; names are CloudFormation's to judge."""
    _, service, name = token.split(":")
    try:
        shape = botocore_api.operation_shape(service, f"Create{name}")
    except botocore_api.UnknownOperationError:
        return  # most services spell their operations otherwise; CloudFormation has judged
    for finding in check_inputs(Translation(shape=lambda: shape), inputs):
        if finding.rule in _VALUE_RULES:
            yield finding


@cache
def _cloudformation_type(token: str) -> str | None:
    wanted = token.replace("aws-native", "aws", 1).replace(":", "::")
    return cloudformation.folded_types().get(wanted.lower())


def _instance_types(inputs: _Inputs, region: str | None) -> Iterator[Finding]:
    allowed = cloudformation.instance_types("hosting", region) if region else frozenset[str]()
    if not allowed:
        return
    check = one_of(tuple(allowed), f"cfn-lint: SageMaker hosting in {region}")
    for group in ("productionVariants", "shadowProductionVariants"):
        yield from further({f"{group}[].instanceType": check}, inputs)


def _azure(token: str, inputs: _Inputs) -> Iterator[Finding]:
    checks = azure_tables.CHECKS.get(token)
    model = azure_tables.MODELS.get(token.removeprefix(azure_tables.ML))
    if checks is None and model is None:
        yield _no_table(token)
        return
    rules: Mapping[str, Check] = {**azure_tables.EVERYWHERE, **(checks or {})}
    if model is None:
        yield from further(rules, inputs)
        return
    yield from check_inputs(replace(_arm_translation(model), checks=rules), inputs)


@cache
def _arm_translation(model: str) -> Translation:
    """Return the translation to a body: the SDK lifts members of some models' `properties`."""
    shape = arm.model_shape(model)
    properties = shape.members["properties"].shape
    lifted = {
        name: f"properties.{name}" for name in properties.members if name not in shape.members
    }
    return Translation(
        shape=lambda: shape,
        names=lifted,
        local=azure_tables.PATH | azure_tables.OWN_SHAPE,
        filled=frozenset({"properties"}) if lifted and model == "Workspace" else frozenset(),
    )


def _aws_request(service: str, operation: str, body: _Inputs, params: _Inputs) -> Iterator[Finding]:
    try:
        shape = botocore_api.operation_shape(service, operation)
    except botocore_api.UnknownOperationError as error:
        yield _unknown(f"{service}.{operation}", str(error))
        return
    sent = {**params, **body}
    yield from walk(shape, sent)
    yield from further(request_rules.AWS.get(f"{service}.{operation}", {}), sent)


def _rest_request(
    api: str, name: str, body: _Inputs | None, params: _Inputs | None
) -> Iterator[Finding]:
    try:
        method = discovery.method(api, name)
    except discovery.UnknownMethodError as error:
        yield _unknown(f"{api}.{name}", str(error))
        return
    if params is not None:
        yield from walk(method.parameters, params)
    if method.body is not None:
        yield from walk(method.body, body or {})
    elif body:
        yield Finding(
            path="", rule=Rule.UNKNOWN, value=body, message="takes no body", source=method.id
        )
    yield from further(request_rules.of_method(name), {**(params or {}), **(body or {})})


def _companion_request(operation: str, body: _Inputs, params: _Inputs) -> Iterator[Finding]:
    """Yield what the SDK's arguments refuse: the same members, lifted out of `properties`."""
    token = azure_tables.REQUESTS.get(operation.removeprefix("PUT "))
    if token is None:
        yield _no_table(operation)
        return
    outer = {key: value for key, value in body.items() if key != "properties"}
    yield from azure(token, _as_sdk({**params, **outer, **(body.get("properties") or {})}))


def _as_sdk(value: Any) -> Any:
    """Return a body as the SDK spells it; identities, a map on the wire, are a list there."""
    if isinstance(value, list):
        return [_as_sdk(item) for item in value]
    if not isinstance(value, dict):
        return value
    told = {azure_tables.WIRE.get(key, key): _as_sdk(item) for key, item in value.items()}
    ids = told.get("userAssignedIdentities")
    return {**told, "userAssignedIdentities": [*ids]} if isinstance(ids, dict) else told


def _build_request(operation: str, body: _Inputs, params: _Inputs) -> Iterator[Finding]:
    """Yield what the SDK refuses of a registry's run: what a `TaskRun` of it would be told."""
    if operation != azure_tables.SCHEDULE_RUN:
        yield _no_table(operation)
        return
    yield from azure(azure_tables.TASK_RUN, {**params, "taskRunName": "x", "runRequest": body})


def _arm_request(operation: str, body: _Inputs, params: _Inputs) -> Iterator[Finding]:
    kind = operation.removeprefix("PUT ").removeprefix("PATCH ")
    below = kind.removeprefix("Microsoft.MachineLearningServices/").removeprefix("workspaces/")
    model = "Workspace" if below == "workspaces" else azure_tables.TYPES.get(below)
    if model is None:
        yield _no_table(operation)
        return
    yield from walk(arm.model_shape(model), body)
    token = f"{azure_tables.ML}{model}"
    rules = {**azure_tables.EVERYWHERE, **azure_tables.CHECKS.get(token, {})}
    yield from further(rules, {**params, **body})
    yield from _nodes(body.get("properties") or {})


def _nodes(properties: _Inputs) -> Iterator[Finding]:
    """Yield what is wrong in what Azure ML's models leave open: nodes, and components."""
    yield from azure_nodes.of_job(properties, "properties")
    action = properties.get("action") or {}
    yield from azure_nodes.of_job(
        action.get("jobDefinition") or {}, "properties.action.jobDefinition"
    )
    if "componentSpec" in properties:
        spec = properties["componentSpec"]
        yield from azure_nodes.of_component(spec, "properties.componentSpec")
