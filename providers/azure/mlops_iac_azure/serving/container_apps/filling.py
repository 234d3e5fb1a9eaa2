"""The revision of one version: what the declaration left open is filled in."""

from copy import deepcopy
from functools import partial

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac.registry import Version
from mlops_iac.rolling.revisions import RevisionPart
from mlops_iac.rolling.wishes import Parts, parts, require_digest
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.serving.documents import APPS, Deployment


def filled(
    deployment: Deployment, version: Version, challenger: Version | None = None
) -> Parts[RevisionPart]:
    """Return what serves a version, and a challenger beside it.

    Raises:
        DeploymentError: a version has no digest.
    """
    return parts(deployment, version, challenger, partial(_part, deployment))


def _part(deployment: Deployment, role: str, version: Version) -> RevisionPart:
    template = deepcopy(dict(deployment.body(APPS)["properties"]["template"]))
    del template["revisionSuffix"]
    (container,) = template["containers"]
    container["image"] = version.image
    # The server is told where its model lies: a container app mounts none.
    container["args"] = [version.artifact]
    told = {
        contract.MODEL_VERSION: str(version.number),
        contract.MODEL_DIGEST: require_digest(deployment, version, DeploymentError),
    }
    container["env"] = [
        {**each, "value": told.get(each["name"], each["value"])} for each in container["env"]
    ]
    stem = f"{role[0]}{version.number}-{content_hash(template)}"
    return RevisionPart(version=version, id=stem, template=template)
