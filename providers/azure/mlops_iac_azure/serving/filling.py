"""The deployment of one version: what the declaration left open is filled in."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac.registry import Version
from mlops_iac.rolling import CHALLENGER, MAIN
from mlops_iac.rolling.wishes import Parts, parts, require_digest
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.serving.documents import ENVIRONMENTS, Deployment

VERSION, ROLE = "mlops-iac-version", "mlops-iac-role"
"""Tags of a deployment: number of its version, what it is on its endpoint."""
_NAME = re.compile(r"(?P<role>[cm])(?P<version>\d+)-[0-9a-f]{8}")
_ROLES = {role[0]: role for role in (MAIN, CHALLENGER)}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version on an endpoint: what Azure ML calls a deployment."""

    role: str
    version: Version
    id: str
    """Name of the deployment: made of role, version and content."""
    environment: Mapping[str, Any]
    """Body of the environment that serves it: image and routes."""
    deployed: Mapping[str, Any]
    """Body of the deployment."""

    @property
    def image_hash(self) -> str:
        """Version of the environment: hash of its content."""
        return environment_hash(self.environment)


def filled(
    deployment: Deployment, version: Version, challenger: Version | None = None
) -> Parts[Part]:
    """Return what deploys a version, and a challenger beside it.

    Most of a deployment cannot change, so its name holds the hash of its content: a change is a
    new one beside the old one, and a repeated request finds what it made.

    Raises:
        DeploymentError: a version has no digest.
    """
    return parts(deployment, version, challenger, partial(_part, deployment))


def read_name(name: str) -> tuple[str, int]:
    """Return role and version of a deployment; empty and 0 for what is not ours."""
    match = _NAME.fullmatch(name)
    return ("", 0) if match is None else (_ROLES[match["role"]], int(match["version"]))


def environment_hash(body: Mapping[str, Any]) -> str:
    """Return the version of an environment; tags can change, they are no content."""
    content = {key: value for key, value in body["properties"].items() if key != "tags"}
    return content_hash(content, 16)


def _part(deployment: Deployment, role: str, version: Version) -> Part:
    environment = _environment(deployment, version)
    body = deepcopy(dict(deployment.deployed(role)))
    properties = body["properties"]
    properties["model"] = version.name
    properties["environmentId"] = _environment_id(deployment, environment)
    told = {
        contract.MODEL_VERSION: str(version.number),
        contract.MODEL_DIGEST: require_digest(deployment, version, DeploymentError),
    }
    properties["environmentVariables"] = {**properties["environmentVariables"], **told}
    name = f"{role[0]}{version.number}-{content_hash(_content(body))}"
    body["tags"] = {**body["tags"], VERSION: str(version.number), ROLE: role}
    return Part(role=role, version=version, id=name, environment=environment, deployed=body)


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a deployment another one: all but tags, size, and where captures go."""
    properties = {k: v for k, v in body["properties"].items() if k != "dataCollector"}
    collector = deepcopy(body["properties"].get("dataCollector") or {})
    for collection in collector.get("collections", {}).values():
        collection.pop("dataId", None)
    return {"properties": {**properties, "dataCollector": collector}, "kind": body["kind"]}


def _environment(deployment: Deployment, version: Version) -> dict[str, Any]:
    body = deepcopy(dict(deployment.body(ENVIRONMENTS)))
    body["properties"]["image"] = version.image
    return body


def _environment_id(deployment: Deployment, body: Mapping[str, Any]) -> str:
    workspace = deployment.endpoint.partition("/onlineEndpoints/")[0]
    name = deployment.parameters(ENVIRONMENTS)["name"]
    return f"{workspace}/environments/{name}/versions/{environment_hash(body)}"
