"""The revision of one version: what the declaration left open is filled in."""

from copy import deepcopy
from functools import partial

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac.registry import Version
from mlops_iac.rolling.revisions import RevisionPart
from mlops_iac.rolling.wishes import Parts, parts, require_digest
from mlops_iac_gcp.errors import DeploymentError
from mlops_iac_gcp.serving.documents import Deployment

ARTIFACT = "AIP_STORAGE_URI"
"""Where the server finds its model; Vertex AI sets it itself."""


def filled(
    deployment: Deployment, version: Version, challenger: Version | None = None
) -> Parts[RevisionPart]:
    """Return what serves a version, and a challenger beside it.

    Raises:
        DeploymentError: a version has no digest.
    """
    return parts(deployment, version, challenger, partial(_part, deployment))


def _part(deployment: Deployment, role: str, version: Version) -> RevisionPart:
    template = deepcopy(dict(deployment.body("services.create")["template"]))
    del template["revision"]
    (container,) = template["containers"]
    container["image"] = version.image
    told = {
        ARTIFACT: version.artifact,
        contract.MODEL_VERSION: str(version.number),
        contract.MODEL_DIGEST: require_digest(deployment, version, DeploymentError),
    }
    container["env"] = [
        {**each, "value": told.get(each["name"], each["value"])} for each in container["env"]
    ]
    # Labels can change, they are no content.
    content = {key: value for key, value in template.items() if key != "labels"}
    stem = f"{role[0]}{version.number}-{content_hash(content)}"
    return RevisionPart(version=version, id=stem, template=template)
