"""Where an endpoint runs: machines of Vertex AI, or a service of Cloud Run.

The rules (what is deployed when, aliases, going back) are the same for both; a back end knows how
one version takes over from another.
"""

from collections.abc import Sequence
from typing import Protocol

from mlops_iac import rolling
from mlops_iac.rolling import InService, Work
from mlops_iac_gcp.serving import machines
from mlops_iac_gcp.serving.cloud_run import service
from mlops_iac_gcp.serving.documents import Deployment


class Backend(rolling.Backend[Deployment], Protocol):
    """What deploying asks of the place in which an endpoint runs."""

    def history(self, work: Work, deployment: Deployment, /) -> Sequence[InService]:
        """Return the versions that were served, the last one first."""
        ...


def backend(deployment: Deployment) -> Backend:
    """Return where an endpoint runs."""
    return service if deployment.is_serverless else machines


def history(work: Work, deployment: Deployment) -> Sequence[InService]:
    """Return the versions that an endpoint has served, the last one first."""
    return backend(deployment).history(work, deployment)
