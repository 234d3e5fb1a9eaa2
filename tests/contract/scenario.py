"""Judge a whole plan: every resource, and every request that a custom resource stands for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.contract.walkers import checks
from tests.contract.walkers.finding import Finding, Rule

_CLOUDS: Mapping[str, Callable[[str, Mapping[str, Any]], list[Finding]]] = {
    "aws": checks.aws,
    "aws-native": checks.aws,
    "azure-native": checks.azure,
    "gcp": checks.gcp,
}
# The targets' own packages: another cloud's resource in a plan is a mistake.
_PACKAGES: Mapping[str, frozenset[str]] = {
    "aws": frozenset({"aws", "aws-native"}),
    "azure": frozenset({"azure-native"}),
    "gcp": frozenset({"gcp"}),
}
# Ours, and the engine's own records: providers, stacks.
_OURS = frozenset({"mlops-iac", "pulumi"})
_ASSET = "mlops-iac:azure:Asset"


def check_document(target: str, resources: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return every finding over a plan's resources, each at `name: place`.

    Args:
        target: `aws`, `gcp` or `azure`.
        resources: entries of the plan's `resources`: `type`, `name`, `inputs`.
    """
    return [
        replace(finding, path=f"{resource['name']}: {finding.path}")
        for resource in resources
        for finding in _check(target, resource)
    ]


def _check(target: str, resource: Mapping[str, Any]) -> Iterator[Finding]:
    token = resource["type"]
    inputs: Mapping[str, Any] = resource.get("inputs") or {}
    package = token.partition(":")[0]
    if package in _OURS:
        yield from _requests(inputs.get("requests"))
        if token == _ASSET:
            yield from _asset(inputs)
    elif package in _PACKAGES[target]:
        yield from _CLOUDS[package](token, inputs)
    else:
        message = f"`{token}` has no place on `{target}`"
        source = "tests/contract/scenario.py"
        yield Finding(path="", rule=Rule.TOKEN, value=token, message=message, source=source)


def _asset(inputs: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the version that an asset of Azure ML's workspace stands for."""
    told = {name: inputs[name] for name in ("description", "tags") if name in inputs}
    operation = f"PUT Microsoft.MachineLearningServices/workspaces/{inputs['asset']}/versions"
    named = {name: inputs[name] for name in ("name", "version")}
    body = {"properties": {**inputs["properties"], **told}}
    yield from checks.request("azure.ml", operation, body, named)


def _requests(requests: object) -> Iterator[Finding]:
    if not isinstance(requests, list):
        return
    for index, entry in enumerate(requests):
        found = checks.request(
            entry["api"], entry["operation"], entry.get("body"), entry.get("params")
        )
        for finding in found:
            yield replace(finding, path=f"requests[{index}].{finding.path}")
