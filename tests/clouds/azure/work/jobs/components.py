"""Components of a workspace, and nodes of a pipeline, as the jobs that they are.

A component's specification and a node are written as azure-ai-ml's YAML has them, in snake case; a
job of Azure Resource Manager is in camel case. What is read here is read in either.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from tests.clouds.azure.work.data import Data
from tests.clouds.azure.work.failures import WorkError, unknown
from tests.clouds.azure.work.jobs.casing import camel, snake

_COMMAND = ("command", "code", "environment", "environment_variables", "resources", "distribution")
_NODE = frozenset(
    {"type", "name", "componentId", "component", "inputs", "outputs", "_source", "computeId"}
    | {"compute", "environment_variables", "resources", "limits", "identity", "queue_settings"}
    | {"distribution", "display_name", "comment", "tags", "properties", "is_deterministic"}
    | {"trial", "search_space", "sampling_algorithm", "objective", "early_termination"}
    | {"description", "experiment_name", "mode"}
)


def normal(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node with its members in snake case.

    Raises:
        WorkError: for members that the test cloud does not know.
    """
    found = {snake(name): value for name, value in node.items()}
    if strange := found.keys() - _NODE:
        raise unknown(f"{sorted(strange)} of a pipeline's node")
    return found


def flat(told: Any) -> Any:
    """Return a small object, as limits or resources, with its members in camel case."""
    return {camel(name): value for name, value in told.items()} if told else told


def specification(data: Data, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the component of a node: one of the workspace's, or one written in its place.

    Raises:
        WorkError: there is no such component.
    """
    own = node.get("componentId") or node.get("component")
    if isinstance(own, Mapping):
        return own
    if not isinstance(own, str):
        raise WorkError(f"The node '{node.get('name', '')}' has no component.")
    if "\n" in own:
        return yaml.safe_load(own)
    return data.asset(own, "components")["properties"]["componentSpec"]


def command(node: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a command node and its component say, as a command job's properties."""
    told = {name: node.get(name) or spec.get(name) for name in _COMMAND}
    variables = {
        **(spec.get("environment_variables") or {}),
        **(node.get("environment_variables") or {}),
    }
    return {
        "command": told["command"],
        "codeId": told["code"],
        "environmentId": told["environment"],
        "environmentVariables": variables,
        "resources": flat(told["resources"]),
        "distribution": flat(told["distribution"]),
        "limits": flat(node.get("limits")),
        "identity": node.get("identity"),
        "queueSettings": flat(node.get("queue_settings")),
        "computeId": node.get("computeId") or node.get("compute"),
    }


def with_defaults(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a component: those that were given, else their defaults.

    Raises:
        WorkError: one that is needed was not given, or one was given that there is not.
    """
    declared: Mapping[str, Any] = spec.get("inputs") or {}
    if strange := given.keys() - declared.keys():
        raise WorkError(f"The component has no inputs {sorted(strange)}.")
    found = dict(given)
    for name, one in declared.items():
        if name in given:
            continue
        if one.get("default") is not None:
            found[name] = {"jobInputType": "literal", "value": one["default"]}
        elif not one.get("optional"):
            raise WorkError(f"The input '{name}' is required and was not given.")
    return found


def sweep(node: Mapping[str, Any], trial: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sweep node says, as a sweep job's properties."""
    algorithm = node.get("sampling_algorithm") or "random"
    if isinstance(algorithm, Mapping):
        algorithm = flat(algorithm).get("samplingAlgorithmType") or algorithm.get("type")
    return {
        "trial": trial,
        "searchSpace": {name: _row(one) for name, one in node["search_space"].items()},
        "samplingAlgorithm": {"samplingAlgorithmType": str(algorithm).capitalize()},
        "objective": flat(node["objective"]),
        "limits": flat(node.get("limits")),
        "identity": node.get("identity"),
        "computeId": node.get("computeId") or node.get("compute"),
        "queueSettings": flat(node.get("queue_settings")),
    }


_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "choice": ("values",),
    "randint": ("upper",),
    "uniform": ("min_value", "max_value"),
    "loguniform": ("min_value", "max_value"),
    "quniform": ("min_value", "max_value", "q"),
    "qloguniform": ("min_value", "max_value", "q"),
    "normal": ("mu", "sigma"),
    "lognormal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "qlognormal": ("mu", "sigma", "q"),
}


def _row(told: Any) -> list[Any]:
    """Return a distribution as a job has it; a pipeline's node has it by names."""
    if isinstance(told, list):
        return told
    kind = told["type"]
    if kind not in _ARGUMENTS:
        raise WorkError(f"There is no distribution '{kind}'.")
    return [kind, [told[name] for name in _ARGUMENTS[kind]]]
