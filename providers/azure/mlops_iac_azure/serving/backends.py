"""Where an endpoint runs: machines of Azure ML, or a container app.

The rules (what is deployed when, aliases, going back) are the same for both; a back end knows how
one version takes over from another.
"""

from collections.abc import Sequence
from typing import Protocol

from mlops_iac import rolling
from mlops_iac.rolling import InService, Work
from mlops_iac_azure.serving import history as served
from mlops_iac_azure.serving import machines
from mlops_iac_azure.serving.container_apps import app
from mlops_iac_azure.serving.documents import Deployment


class Backend(rolling.Backend[Deployment], Protocol):
    """What deploying asks of the place in which an endpoint runs."""

    def prepare(self, work: Work, deployment: Deployment, /) -> None:
        """Make what there is of it before its first version, beside the frame."""
        ...


def backend(deployment: Deployment) -> Backend:
    """Return where an endpoint runs."""
    return app if deployment.is_serverless else machines


def history(work: Work, deployment: Deployment) -> Sequence[InService]:
    """Return the versions that an endpoint has served, the last one first."""
    return served.served(work, deployment)
