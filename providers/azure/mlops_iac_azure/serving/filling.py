"""The deployment of one version: what the declaration left open is filled in."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.registry import Version
from mlops_iac_azure.serving.documents import CHALLENGER, ENVIRONMENTS, MAIN, Deployment

VERSION, ROLE = "mlops-iac-version", "mlops-iac-role"
"""Tags of a deployment: number of its version, what it is on its endpoint."""
_NAME = re.compile(r"(?P<role>[cm])(?P<version>\d+)-[0-9a-f]{8}")
_ROLES = {role[0]: role for role in (MAIN, CHALLENGER)}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version on an endpoint: what Azure ML calls a deployment."""

    role: str
    version: Version
    name: str
    """Made of role, version and content."""
    environment: Mapping[str, Any]
    """Body of the environment that serves it: image and routes."""
    deployed: Mapping[str, Any]
    """Body of the deployment."""

    @property
    def image_hash(self) -> str:
        """Version of the environment: hash of its content."""
        return environment_hash(self.environment)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an endpoint is to be made of."""

    main: Part
    challenger: Part | None
    split: Mapping[str, int]
    """Share of the traffic by deployment: known before anything is deployed."""
    mirror: Mapping[str, int] = field(default_factory=dict[str, int])
    """Share of the requests of which a deployment gets copies."""

    @property
    def all(self) -> Sequence[Part]:
        """The version that is served, then the challenger if there is one."""
        return [self.main] if self.challenger is None else [self.main, self.challenger]


def filled(deployment: Deployment, version: Version, challenger: Version | None = None) -> Parts:
    """Return what deploys a version, and a challenger beside it.

    Most of a deployment cannot change, so its name holds the hash of its content: a change is a
    new one beside the old one, and a repeated request finds what it made.

    Raises:
        DeploymentError: a version has no digest.
    """
    main, rival = _part(deployment, MAIN, version), deployment.challenger
    if challenger is None or rival is None:
        return Parts(main=main, challenger=None, split={main.name: 100})
    beside = _part(deployment, CHALLENGER, challenger)
    if rival.is_shadow:
        mirror = {beside.name: rival.percent}
        return Parts(main=main, challenger=beside, split={main.name: 100}, mirror=mirror)
    split = {main.name: 100 - rival.percent, beside.name: rival.percent}
    return Parts(main=main, challenger=beside, split=split)


def read_name(name: str) -> tuple[str, int]:
    """Return role and version of a deployment; empty and 0 for what is not ours."""
    match = _NAME.fullmatch(name)
    return ("", 0) if match is None else (_ROLES[match["role"]], int(match["version"]))


def require_digest(deployment: Deployment, version: Version) -> str:
    """Return the digest of a version.

    Raises:
        DeploymentError: it has none.
    """
    if version.digest is None:
        raise DeploymentError(
            f"version `{version.number}` of `{deployment.model.component}` has no digest: no run "
            "of this stack registered it",
            remedy="register it by a run",
        )
    return version.digest


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
        contract.MODEL_DIGEST: require_digest(deployment, version),
    }
    properties["environmentVariables"] = {**properties["environmentVariables"], **told}
    name = f"{role[0]}{version.number}-{content_hash(_content(body))}"
    body["tags"] = {**body["tags"], VERSION: str(version.number), ROLE: role}
    return Part(role=role, version=version, name=name, environment=environment, deployed=body)


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
