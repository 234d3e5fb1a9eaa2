"""What an endpoint serves: deployed beside the old version, looked at, or refused.

The one way to deploy on Vertex AI and Cloud Run, used by `up`, by the verbs, by the loop and by
the work that an approval starts. It stands on REST and the standard library, so that it runs
inside containers.

    work = Work(place=place, log=print, pause=time.sleep)
    deployment = load(place, bucket, "score")
    promote(work, deployment, 3)
"""

from mlops_iac.rolling import Deployed, Work, path_of
from mlops_iac_gcp.serving.documents import SAVED, Deployment, is_saved, load
from mlops_iac_gcp.serving.rolling import (
    converge,
    deploy,
    deploy_first,
    deployed,
    drift,
    promote,
    rollback,
    save,
    undeploy,
)

document_of = SAVED.document_of

__all__ = [
    "Deployed",
    "Deployment",
    "Work",
    "converge",
    "deploy",
    "deploy_first",
    "deployed",
    "document_of",
    "drift",
    "is_saved",
    "load",
    "path_of",
    "promote",
    "rollback",
    "save",
    "undeploy",
]
