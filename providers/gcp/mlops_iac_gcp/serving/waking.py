"""The first deployment of an endpoint that waits: started by whoever approves a version.

Vertex AI tells nobody of a label that changed, nor of an upload. So who approves, or registers an
approved version, starts the endpoint's deploy pipeline: see `docs/decisions`.
"""

from collections.abc import Iterator
from hashlib import sha256

from mlops_iac_gcp import documents, place
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.jobs.runs import Execution
from mlops_iac_gcp.registry import Model
from mlops_iac_gcp.serving.backends import deployed
from mlops_iac_gcp.serving.documents import FOLDER, Deployment, Work
from mlops_iac_gcp.serving.rolling import RULES


def wake(work: Work, model: Model) -> list[Execution]:
    """Start the first deployment of each endpoint that waits for a version of a model.

    The run's id is made of endpoint and version, and of when that was made: an approval that is
    told twice starts one run, a stack that was destroyed and made anew has versions of its own. The
    run looks at the endpoint itself, so that a late one changes nothing.
    """
    return [run for run in (_start(work, each) for each in _followers(work, model)) if run]


def _followers(work: Work, model: Model) -> Iterator[Deployment]:
    for path in documents.paths(work.place, model.bucket, FOLDER):
        document = documents.read(work.place, model.bucket, path)
        if document is not None and document["policy"]["model_name"] == model.name:
            yield Deployment.of(document)


def _start(work: Work, deployment: Deployment) -> Execution | None:
    if deployment.alias is None or deployed(work, deployment) is not None:
        return None
    version = RULES.wanted(work, deployment)
    path = place.definition_key(deployment.component)
    definition = documents.read(work.place, deployment.bucket, path)
    if version is None or definition is None:
        return None
    said = f"{deployment.endpoint} {version.number} {version.created}"
    key = sha256(said.encode()).hexdigest()
    work.log(f"endpoint {deployment.component}: version {version.number} is deployed by a pipeline")
    return runs.start(work.place, definition, key)
