"""Requests judged by the discovery documents before anything sees them, and answers after.

Google ignores members that only the service sets; in a creation they are refused here, for nothing
of ours may be lost. In a change they are passed over, as clients send back what they read.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid
from tests.clouds.gcp.routes import Route
from tests.contract.walkers import discovery, request_rules
from tests.contract.walkers.finding import Finding, Rule
from tests.contract.walkers.rules import Check
from tests.contract.walkers.translate import further
from tests.contract.walkers.walk import walk

_COMMON = frozenset(
    {"$.xgafv", "$alt", "access_token", "alt", "callback", "fields", "key", "oauth_token"}
    | {"prettyPrint", "quotaUser", "uploadType", "upload_id", "upload_protocol", "userIp"}
)
"""Query parameters of every method."""
_SENT_ALL_THE_SAME = frozenset({("bigquery", "jobs.get", "projection")})
"""Query parameters that Google's own clients send and no document has."""


def parameters(route: Route, pairs: list[tuple[str, str]]) -> Body:
    """Return query parameters as the document types them.

    Raises:
        CloudError: for those that the method does not have.
    """
    values: Body = {}
    for name, text in pairs:
        if name in _COMMON or (route.service, route.id, name) in _SENT_ALL_THE_SAME:
            continue
        node = route.parameters.get(name)
        if node is None:
            message = f'Unknown name "{name}": Cannot bind query parameter.'
            raise invalid(f"Invalid JSON payload received. {message}")
        value = _typed(node.get("type", "string"), text)
        if node.get("repeated"):
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return values


def _typed(kind: str, text: str) -> object:
    if kind == "boolean":
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    return text


_RAW = frozenset({"rawPredict", "streamRawPredict"})
"""Methods whose body is the container's own: a `google.api.HttpBody` is sent as it is."""


def judge(call: Call) -> None:
    """Refuse a request that breaks its method's description.

    Raises:
        CloudError: INVALID_ARGUMENT, with every rule that is broken.
    """
    found = [one for one in _findings(call) if one.rule is not Rule.DEPRECATED]
    if found:
        violations = [{"field": one.path, "description": one.message} for one in found]
        told = "; ".join(f"Invalid value at '{one.path}': {one.message}" for one in found)
        raise CloudError(
            Status.INVALID_ARGUMENT,
            told,
            **{"@type": "type.googleapis.com/google.rpc.BadRequest"},
            fieldViolations=violations,
        )


def _findings(call: Call) -> Iterator[Finding]:
    method = discovery.method(call.route.api, call.route.declared["id"])
    yield from _parameter_findings(call)
    if call.verb in _RAW:
        return
    if method.body is not None:
        changes = call.route.http in {"PATCH", "PUT"} or call.verb in {"update", "patch"}
        for finding in walk(method.body, call.body):
            if call.route.http == "PATCH" and finding.rule is Rule.TYPE and finding.value is None:
                continue  # a merge patch (RFC 7396) takes an entry of a map out
            if not (finding.rule is Rule.READ_ONLY and changes) and not _is_named(call, finding):
                yield finding
    elif call.body:
        yield Finding(
            path="", rule=Rule.UNKNOWN, value=None, message="takes no body", source=call.route.id
        )
    rules: Mapping[str, Check] = request_rules.of_method(call.route.id)
    yield from further(rules, {**call.params, **call.body})


def _is_named(call: Call, finding: Finding) -> bool:
    """Tell whether a name is missing in a body although the address says it."""
    says = {"name", *call.route.names} if _has_id(call) else set(call.route.names)
    last = finding.path.rpartition(".")[2]
    if finding.path.startswith("entries[") and last in call.body:
        # What stands once for all entries of a log need not stand in each.
        return True
    shallow = finding.path.count(".") <= 1
    return finding.rule is Rule.REQUIRED and shallow and last == "name" and "name" in says


def _has_id(call: Call) -> bool:
    return any(name.endswith("Id") for name in call.params if name not in call.route.names)


def _parameter_findings(call: Call) -> Iterator[Finding]:
    shape = discovery.method(call.route.api, call.route.declared["id"]).parameters
    single: Body = {}
    for name, value in call.params.items():
        if not isinstance(value, list):
            single[name] = value
            continue
        for item in value:
            yield from walk(shape.members[name].shape, item, name)
    # A repeated parameter is declared by its items, and has been judged.
    yield from (
        one for one in walk(shape, single) if one.rule is not Rule.REQUIRED or not _given(call, one)
    )


def _given(call: Call, finding: Finding) -> bool:
    return bool(call.params.get(finding.path))


def check_answer(route: Route, body: Any) -> None:
    """Find a fault of the cloud itself: an answer that the document does not describe.

    Raises:
        CloudError: INTERNAL, with what is wrong.
    """
    if not route.response:
        return
    shape = discovery.schema_shape(route.api, route.response)
    passed = {Rule.READ_ONLY, Rule.REQUIRED, Rule.DEPRECATED, Rule.OPAQUE}
    found = [one for one in walk(shape, body) if one.rule not in passed]
    if found:
        told = "; ".join(str(one) for one in found)
        raise CloudError(Status.INTERNAL, f"the test cloud answers `{route.id}` wrongly: {told}")


def pruned(api: str, schema: str, body: Body) -> Body:
    """Return what of a resource one version of an API knows."""
    return _pruned(api, {"$ref": schema}, body)


def _pruned(api: str, node: Mapping[str, Any], value: Any) -> Any:
    if "$ref" in node:
        return _pruned(api, _schema(api, node["$ref"]), value)
    if isinstance(value, dict) and "properties" in node:
        known = node["properties"]
        return {key: _pruned(api, known[key], item) for key, item in value.items() if key in known}
    if isinstance(value, dict) and isinstance(node.get("additionalProperties"), dict):
        inner = node["additionalProperties"]
        return {key: _pruned(api, inner, item) for key, item in value.items()}
    if isinstance(value, list) and "items" in node:
        return [_pruned(api, node["items"], item) for item in value]
    return value


@cache
def _schema(api: str, name: str) -> Mapping[str, Any]:
    return discovery.document(api)["schemas"].get(name, {})
