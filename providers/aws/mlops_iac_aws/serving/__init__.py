"""What an endpoint serves: deployed beside the old version, verified, or refused.

The one way to deploy on SageMaker, used by `up`, by the verbs, by the loop and by the work that an
approval starts. It stands on boto3 and the standard library, so that it runs inside containers.

    work = Work(clients=clients, log=print, pause=time.sleep)
    deployment = load(clients, bucket, "score")
    promote(work, deployment, 3)
"""

from mlops_iac_aws.serving.aliases import Alias, move_alias, wanted
from mlops_iac_aws.serving.differences import document_of, drift
from mlops_iac_aws.serving.documents import Deployment, Work, is_saved, load, location
from mlops_iac_aws.serving.rolling import (
    converge,
    deploy,
    deploy_first,
    promote,
    rollback,
    save,
    undeploy,
)
from mlops_iac_aws.serving.states import Deployed, deployed

__all__ = [
    "Alias",
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
    "location",
    "move_alias",
    "promote",
    "rollback",
    "save",
    "undeploy",
    "wanted",
]
