"""The requests of one version: what the declaration left open is filled in."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac_aws.errors import DeploymentError
from mlops_iac_aws.registry import Version
from mlops_iac_aws.serving.documents import DOCUMENT_TAG, Deployment, location
from mlops_iac_aws.variants import GROUPS, VARIANTS


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one version on one endpoint is made of; each is the body of its request."""

    models: Sequence[Mapping[str, Any]]
    """That of the version, then that of the challenger if there is one."""
    configuration: Mapping[str, Any]
    creation: Mapping[str, Any]
    update: Mapping[str, Any]
    component: Mapping[str, Any]
    """What makes the inference component; empty where the variants have the models."""
    component_update: Mapping[str, Any]

    @property
    def variants(self) -> frozenset[str]:
        """Names of all variants."""
        return frozenset(name for group in arrangement(self.configuration) for name in group)

    @property
    def model_name(self) -> str:
        """Name of the model of the version that answers."""
        return self.models[0]["ModelName"]

    @property
    def configuration_name(self) -> str:
        """Name of the endpoint configuration."""
        return self.configuration["EndpointConfigName"]


def filled(deployment: Deployment, version: Version, challenger: Version | None = None) -> Parts:
    """Return the requests that deploy a version, and a challenger beside it.

    Model and configuration are immutable: their names hold the hash of their content, so that a
    change is a new one beside the old one, and a repeated request finds what it made.

    Raises:
        DeploymentError: a version has no digest.
    """
    served = [version] if challenger is None else [version, challenger]
    models = [_model(deployment, each) for each in served]
    configuration = _configuration(deployment, [model["ModelName"] for model in models])
    name = {"EndpointConfigName": configuration["EndpointConfigName"]}
    creation = {**deepcopy(deployment.body("CreateEndpoint")), **name}
    creation["Tags"].append({"Key": DOCUMENT_TAG, "Value": location(deployment)})
    return Parts(
        models=models,
        configuration=configuration,
        creation=creation,
        update={**deployment.body("UpdateEndpoint"), **name},
        component=_component(deployment, "CreateInferenceComponent", models[0]),
        component_update=_component(deployment, "UpdateInferenceComponent", models[0]),
    )


def _component(
    deployment: Deployment, operation: str, model: Mapping[str, Any]
) -> Mapping[str, Any]:
    if not deployment.has_component:
        return {}
    body = deepcopy(dict(deployment.body(operation)))
    body["Specification"]["ModelName"] = model["ModelName"]
    return body


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


def _configuration(deployment: Deployment, models: Sequence[str]) -> dict[str, Any]:
    """Return the configuration of the variants that have a model; a challenger may have none."""
    body = deepcopy(dict(deployment.body("CreateEndpointConfig")))
    names: dict[str, str] = dict(zip(VARIANTS, models, strict=False))
    for group in GROUPS:
        declared = body.pop(group, [])
        live = [each for each in declared if each["VariantName"] in names]
        if live:
            body[group] = [_variant(each, names) for each in live]
    return {**body, "EndpointConfigName": part_name(deployment.endpoint, body)}


def _variant(declared: Mapping[str, Any], models: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a variant with its model; one that hosts inference components has none."""
    if "ModelName" not in declared:
        return declared
    return {**declared, "ModelName": models[declared["VariantName"]]}


def arrangement(configuration: Mapping[str, Any]) -> list[list[str]]:
    """Return the names of the variants of a configuration that answer, and of its shadows."""
    return [[each["VariantName"] for each in configuration.get(group, ())] for group in GROUPS]


def part_name(endpoint: str, body: Mapping[str, Any]) -> str:
    """Return the name of a model or configuration; tags can change, they are no content."""
    named = {"ModelName", "EndpointConfigName", "Tags"}
    return f"{endpoint}-{content_hash({k: v for k, v in body.items() if k not in named})}"
