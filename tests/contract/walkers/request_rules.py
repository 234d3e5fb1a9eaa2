"""Rules of requests that the API models spell in prose, or not at all."""

from collections.abc import Iterator, Mapping

from tests.contract.walkers.finding import Finding, Rule
from tests.contract.walkers.rules import Check, exclusive, pattern

_MODEL_SOURCE = "API_ContainerDefinition: one source of the model"
_CONTAINER = exclusive("ModelDataUrl", "ModelDataSource", "ModelPackageName", source=_MODEL_SOURCE)

AWS: Mapping[str, Mapping[str, Check]] = {
    "sagemaker.CreateModel": {
        "": exclusive("PrimaryContainer", "Containers", needed=True, source="API_CreateModel"),
        "PrimaryContainer": _CONTAINER,
        "Containers[]": _CONTAINER,
    },
    "sagemaker.CreateTrainingJob": {
        "AlgorithmSpecification": exclusive(
            "TrainingImage", "AlgorithmName", needed=True, source="API_AlgorithmSpecification"
        ),
    },
    "sagemaker.CreateModelPackage": {
        "": exclusive(
            "ModelPackageName",
            "ModelPackageGroupName",
            needed=True,
            source="API_CreateModelPackage: versioned or not",
        ),
    },
}
"""By service and operation."""


def _split(value: object, path: str) -> Iterator[Finding]:
    """Yield a finding unless the shares of traffic sum up to 100, or there are none."""
    shares = list(value.values()) if isinstance(value, dict) else []
    if shares and all(isinstance(s, int | float) for s in shares) and sum(shares) != 100:
        message = f"shares must sum up to 100, got {sum(shares)}"
        source = "Endpoint.trafficSplit: must add up to 100"
        yield Finding(path=path, rule=Rule.FORMAT, value=value, message=message, source=source)


_RESOURCES = exclusive(
    "dedicatedResources",
    "automaticResources",
    "sharedResources",
    source="DeployedModel.prediction_resources: one of",
)
_DEPLOYED_ID = pattern(r"\d{1,10}", "DeployedModel.id: 1 to 10 digits")
_ALIAS = pattern(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]", "Model.versionAliases")
_MODEL = pattern(
    r"projects/[^/]+/locations/[^/]+/models/[^/@]+(@[^/]+)?"
    r"|publishers/[^/]+/models/[^/]+",
    "DeployedModel.model",
)

_REST: Mapping[str, Mapping[str, Check]] = {
    "projects.locations.models.upload": {
        "modelId": pattern(r"[a-z0-9_-]{1,63}", "UploadModelRequest.modelId"),
        "parentModel": pattern(
            r"projects/[^/]+/locations/[^/]+/models/[^/@]+", "UploadModelRequest.parentModel"
        ),
        "model.displayName": pattern(r"[\s\S]{1,128}", "Model.displayName: up to 128 characters"),
        "model.versionAliases[]": _ALIAS,
        "model.artifactUri": pattern(r"gs://[^/]+(/.*)?", "Model.artifactUri: Cloud Storage"),
        "model.containerSpec.predictRoute": pattern(r"/\S*", "ModelContainerSpec.predictRoute"),
        "model.containerSpec.healthRoute": pattern(r"/\S*", "ModelContainerSpec.healthRoute"),
    },
    "projects.locations.models.mergeVersionAliases": {
        "versionAliases[]": pattern(r"-?[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]", "mergeVersionAliases"),
    },
    "projects.locations.endpoints.create": {
        "endpointId": pattern(
            r"[1-9]\d{0,9}|[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "CreateEndpointRequest.endpointId"
        ),
        "trafficSplit": _split,
    },
    "projects.locations.endpoints.patch": {"trafficSplit": _split},
    "projects.locations.endpoints.deployModel": {
        "deployedModel": _RESOURCES,
        "deployedModel.id": _DEPLOYED_ID,
        "deployedModel.model": _MODEL,
        "trafficSplit": _split,
    },
    "projects.locations.endpoints.undeployModel": {
        "deployedModelId": _DEPLOYED_ID,
        "trafficSplit": _split,
    },
    "projects.locations.endpoints.mutateDeployedModel": {"deployedModel.id": _DEPLOYED_ID},
}


def of_method(name: str) -> Mapping[str, Check]:
    """Return the rules of a method, named with or without its API's name in front."""
    return _REST.get(name.removeprefix("aiplatform."), {})
