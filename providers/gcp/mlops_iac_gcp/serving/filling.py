"""The requests of one version: what the declaration left open is filled in."""

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac.registry import Version
from mlops_iac.rolling.wishes import Parts, parts, require_digest
from mlops_iac_gcp.errors import DeploymentError
from mlops_iac_gcp.serving.documents import Deployment

ENDPOINT, VERSION = "mlops-iac-endpoint", "mlops-iac-version"
"""Labels of a served copy: id of its endpoint, number of its version."""
SCALING = ("minReplicaCount", "maxReplicaCount", "autoscalingMetricSpecs")
"""What `mutateDeployedModel` changes in place; all else is another deployed model."""
_DIGITS = 10
"""discovery aiplatform.v1, DeployedModel.id: 1 to 10 digits."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version on an endpoint: the copy that it serves, and the deployed model."""

    role: str
    version: Version
    copy_id: str
    upload: Mapping[str, Any]
    """Body of `models.upload`."""
    deployed: Mapping[str, Any]
    """`DeployedModel`, with its id."""

    @property
    def id(self) -> str:
        """Id of the deployed model."""
        return self.deployed["id"]


def filled(
    deployment: Deployment, version: Version, challenger: Version | None = None
) -> Parts[Part]:
    """Return what deploys a version, and a challenger beside it.

    A served copy and a deployed model are immutable: their ids hold the hash of their content, so
    that a change is a new one beside the old one, and a repeated request finds what it made.

    Raises:
        DeploymentError: a version has no digest.
    """
    return parts(deployment, version, challenger, partial(_part, deployment))


def _part(deployment: Deployment, role: str, version: Version) -> Part:
    upload = _upload(deployment, version)
    model = f"{deployment.parent}/models/{upload['modelId']}"
    deployed = {**deepcopy(dict(deployment.deployed(role))), "model": model}
    deployed["displayName"] = f"{role}-{version.number}"
    return Part(
        role=role,
        version=version,
        copy_id=upload["modelId"],
        upload=upload,
        deployed={**deployed, "id": deployed_id(deployed)},
    )


def _upload(deployment: Deployment, version: Version) -> dict[str, Any]:
    digest = require_digest(deployment, version, DeploymentError)
    body = deepcopy(dict(deployment.body("models.upload")))
    model = body["model"]
    model["artifactUri"] = version.artifact
    container = model["containerSpec"]
    container["imageUri"] = version.image
    told = {contract.MODEL_VERSION: str(version.number), contract.MODEL_DIGEST: digest}
    container["env"] = [
        {**each, "value": told.get(each["name"], each["value"])} for each in container["env"]
    ]
    model["labels"] = {**model["labels"], VERSION: str(version.number)}
    return {**body, "modelId": copy_name(deployment.document["copyPrefix"], body)}


def copy_name(prefix: str, body: Mapping[str, Any]) -> str:
    """Return the id of a served copy; labels can change, they are no content."""
    model = {key: value for key, value in body["model"].items() if key != "labels"}
    return f"{prefix}-{content_hash({**body, 'modelId': None, 'model': model})}"


def deployed_id(deployed: Mapping[str, Any]) -> str:
    """Return the id of a deployed model: digits from the hash of what cannot change in place."""
    resources = deployed["dedicatedResources"]
    fixed = {key: value for key, value in resources.items() if key not in SCALING}
    content = {**deployed, "id": None, "dedicatedResources": fixed}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    # No leading zero, and never `0`, which names the model that is being deployed.
    lowest = 10 ** (_DIGITS - 1)
    return str(lowest + number % (9 * lowest))
