"""Nodes of a pipeline job and components, read and written again by `azure-ai-ml` itself.

The REST models leave both open (`Any`). What Azure's own client does not know of a node it loses
when it reads it; what it knows otherwise it writes otherwise; what is no value it refuses.
"""

import copy
import json
import logging
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.contract.walkers.finding import Finding, Rule, join

_SOURCE = "azure-ai-ml 1.35, pipeline nodes"
_COMPONENT_SOURCE = "azure-ai-ml 1.35, command and pipeline components"
_ID = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    "/components/x/versions/1"
)
_UNKNOWN = {"$unknown": True}
_WRITTEN_OTHERWISE = frozenset({"computeId", "timeout"})
"""Its basename; a duration in other units."""
_BOUND = re.compile(r"\$\{\{parent\.(inputs|jobs)\.([^.}]+)(?:\.outputs\.([^}]+))?\}\}")
_EXPRESSION = re.compile(r"\$\{\{(inputs|outputs)\.([A-Za-z_][A-Za-z0-9_]*)\}\}")
_ANY_EXPRESSION = re.compile(r"\$\{\{[^}]*\}\}")


def of_job(properties: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """Yield what is wrong in the nodes of a pipeline job; nothing of another job."""
    nodes = properties.get("jobs")
    if properties.get("jobType") != "Pipeline" or not isinstance(nodes, Mapping):
        return
    yield from _names(nodes, path)
    for name, node in nodes.items():
        place = join(path, f"jobs.{name}")
        yield from _read(node, place)
        yield from _bindings(name, node, properties, place)


def of_component(spec: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """Yield what is wrong in a command component; others are judged by their nodes."""
    if spec.get("type") == "pipeline":
        yield from of_job({"jobType": "Pipeline", **spec}, path)
        return
    known = {name: spec.get(name) or {} for name in ("inputs", "outputs")}
    for text in _ANY_EXPRESSION.findall(str(spec.get("command", ""))):
        found = _EXPRESSION.fullmatch(text)
        if found is None or found[2] not in known[found[1]]:
            yield _finding(
                join(path, "command"),
                Rule.UNKNOWN,
                text,
                f"{text} names no input or output",
                _COMPONENT_SOURCE,
            )
    yield from _schema(spec, path)


def _read(node: Mapping[str, Any], path: str) -> Iterator[Finding]:
    plain = _known(node)
    try:
        back = _again(plain)
    except Exception as error:  # noqa: BLE001  its own readers raise whatever happens to them
        message = f"azure-ai-ml does not read the node: {error}".partition("\n")[0]
        yield _finding(path, Rule.TYPE, None, message)
        return
    yield from _compared(plain, back, path)
    for name in sorted(plain.keys() - _members(str(plain.get("type")))):
        message = f"azure-ai-ml knows no `{name}` in a node"
        yield _finding(join(path, name), Rule.UNKNOWN, plain[name], message)


@cache
def _members(kind: str) -> frozenset[str]:
    """Return what a node of a kind may say; `azure-ai-ml` hands on what it does not know."""
    from azure.ai.ml._schema.pipeline import component_job

    schema: Any = {"command": component_job.CommandSchema, "sweep": component_job.SweepSchema}
    return frozenset(schema[kind]._declared_fields) | {
        "computeId",
        "componentId",
        "name",
        "_source",
    }


def _again(node: Mapping[str, Any]) -> Any:
    from azure.ai.ml.entities._job.pipeline._load_component import pipeline_node_factory

    with _quiet():
        made: Any = pipeline_node_factory.load_from_rest_object(obj=copy.deepcopy(dict(node)))
        result = made._validate()
        if not result.passed:
            raise ValueError("; ".join(result.error_messages.values()))
        return json.loads(json.dumps(made._to_rest_object(), default=str))


def _compared(sent: Any, back: Any, path: str) -> Iterator[Finding]:
    if not isinstance(sent, Mapping):
        if str(sent) != str(back):
            message = f"azure-ai-ml reads {sent!r} as {back!r}"
            yield _finding(path, Rule.ENUM, sent, message)
        return
    for name, value in sent.items():
        if name in _WRITTEN_OTHERWISE or value is None:
            continue
        if not isinstance(back, Mapping) or name not in back:
            message = f"azure-ai-ml knows no `{name}` here"
            yield _finding(join(path, name), Rule.UNKNOWN, value, message)
        else:
            yield from _compared(value, back[name], join(path, name))


def _names(nodes: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for name in nodes:
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            message = f"`{name}` is no name of a node: lower letters, digits and `_`"
            yield _finding(join(path, f"jobs.{name}"), Rule.PATTERN, name, message)


def _bindings(
    name: str, node: Mapping[str, Any], job: Mapping[str, Any], path: str
) -> Iterator[Finding]:
    nodes, given = job["jobs"], job.get("inputs") or {}
    for key, told in (node.get("inputs") or {}).items():
        value = told.get("value") if isinstance(told, Mapping) else told
        if not isinstance(value, str) or "${{" not in value:
            continue
        found = _BOUND.fullmatch(value)
        if found is None or not (
            found[2] in given
            if found[1] == "inputs"
            else found[2] != name and found[3] in (nodes.get(found[2], {}).get("outputs") or {})
        ):
            place = join(path, f"inputs.{key}")
            yield _finding(place, Rule.UNKNOWN, value, f"`{value}` is bound to what is not there")


def _schema(spec: Mapping[str, Any], path: str) -> Iterator[Finding]:
    from azure.ai.ml import load_component  # the client's own reading of a component's file

    plain = {key: value for key, value in _known(spec).items() if key != "$schema"}
    if spec.get("environment") == _UNKNOWN:
        plain["environment"] = f"azureml:{_ID.replace('components', 'environments')}"
    with _quiet():
        try:
            made: Any = load_component(source=_file(plain))
            result = made._validate()
        except Exception as error:  # noqa: BLE001  as above
            message = f"azure-ai-ml refuses the component: {error}".replace("\n", " ")[:300]
            yield _finding(path, Rule.TYPE, None, message, _COMPONENT_SOURCE)
            return
    for key, message in result.error_messages.items():
        yield _finding(join(path, key), Rule.TYPE, None, message, _COMPONENT_SOURCE)


def _file(plain: Mapping[str, Any]) -> Any:
    import io

    text = io.StringIO(json.dumps(plain))
    text.name = "component.yaml"
    return text


def _known(value: Any) -> Any:
    """Return a document in which what only deploying tells is some id."""
    if value == _UNKNOWN:
        return _ID
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items()}
    return [_known(item) for item in value] if isinstance(value, list) else value


@contextmanager
def _quiet() -> Generator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _finding(path: str, rule: Rule, value: object, message: str, source: str = _SOURCE) -> Finding:
    return Finding(path=path, rule=rule, value=value, message=message, source=source)
