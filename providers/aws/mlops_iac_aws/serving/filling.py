"""The requests of one version: what the declaration left open is filled in."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.registry import Version
from mlops_iac_aws.serving.documents import DOCUMENT_TAG, Deployment, location


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one version on one endpoint is made of; each is the body of its request."""

    model: Mapping[str, Any]
    configuration: Mapping[str, Any]
    creation: Mapping[str, Any]
    update: Mapping[str, Any]

    @property
    def model_name(self) -> str:
        """Name of the model."""
        return self.model["ModelName"]

    @property
    def configuration_name(self) -> str:
        """Name of the endpoint configuration."""
        return self.configuration["EndpointConfigName"]


def filled(deployment: Deployment, version: Version) -> Parts:
    """Return the requests that deploy a version.

    Model and configuration are immutable: their names hold the hash of their content, so that a
    change is a new one beside the old one, and a repeated request finds what it made.

    Raises:
        DeploymentError: the version has no digest.
    """
    model = _model(deployment, version)
    configuration = _configuration(deployment, model["ModelName"])
    name = {"EndpointConfigName": configuration["EndpointConfigName"]}
    creation = {**deepcopy(deployment.body("CreateEndpoint")), **name}
    creation["Tags"].append({"Key": DOCUMENT_TAG, "Value": location(deployment)})
    return Parts(
        model=model,
        configuration=configuration,
        creation=creation,
        update={**deployment.body("UpdateEndpoint"), **name},
    )


def _model(deployment: Deployment, version: Version) -> dict[str, Any]:
    if version.digest is None:
        raise DeploymentError(
            f"version `{version.number}` of `{deployment.model}` has no digest: no run of this "
            "stack registered it",
            remedy="register it by a run",
        )
    body = deepcopy(dict(deployment.body("CreateModel")))
    container = body["PrimaryContainer"]
    container["ModelPackageName"] = version.arn
    container["Environment"] |= {
        contract.MODEL_VERSION: str(version.number),
        contract.MODEL_DIGEST: version.digest,
    }
    return {**body, "ModelName": part_name(deployment.endpoint, body)}


def _configuration(deployment: Deployment, model_name: str) -> dict[str, Any]:
    body = deepcopy(dict(deployment.body("CreateEndpointConfig")))
    for variant in body["ProductionVariants"]:
        variant["ModelName"] = model_name
    return {**body, "EndpointConfigName": part_name(deployment.endpoint, body)}


def part_name(endpoint: str, body: Mapping[str, Any]) -> str:
    """Return the name of a model or configuration; tags can change, they are no content."""
    named = {"ModelName", "EndpointConfigName", "Tags"}
    return f"{endpoint}-{content_hash({k: v for k, v in body.items() if k not in named})}"
