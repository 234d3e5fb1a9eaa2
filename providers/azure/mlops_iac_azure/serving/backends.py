"""Where an endpoint runs: machines of Azure ML, or a container app.

The rules (what is deployed when, aliases, going back) are the same for both; a back end knows how
one version takes over from another.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mlops_iac_azure.registry import Version
from mlops_iac_azure.serving import history as served
from mlops_iac_azure.serving import machines
from mlops_iac_azure.serving.container_apps import app
from mlops_iac_azure.serving.documents import Deployment, Work
from mlops_iac_azure.serving.history import InService
from mlops_iac_azure.serving.states import Deployed


class Backend(Protocol):
    """What deploying asks of the place in which an endpoint runs."""

    def labels(self, work: Work, deployment: Deployment) -> Mapping[str, str] | None:
        """Return the tags of what is there under the endpoint's name, or `None`."""
        ...

    def prepare(self, work: Work, deployment: Deployment) -> None:
        """Make what there is of it before its first version, beside the frame."""
        ...

    def settle(self, work: Work, deployment: Deployment) -> None:
        """Wait until nothing is under way on it."""
        ...

    def deployed(self, work: Work, deployment: Deployment) -> Deployed | None:
        """Return what is served, or `None`."""
        ...

    def deploy(
        self, work: Work, deployment: Deployment, version: Version, challenger: Version | None
    ) -> Mapping[str, int]:
        """Serve a version, and a challenger beside it; return the split that is to be."""
        ...

    def trouble(self, work: Work, deployment: Deployment, since: datetime) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        ...

    def undeploy(self, work: Work, deployment: Deployment) -> None:
        """Remove all that deploying has made."""
        ...

    def drift(
        self, work: Work, deployment: Deployment, version: Version, challenger: Version | None
    ) -> str | None:
        """Return in one line how the settings differ from the declared ones, or `None`."""
        ...


def backend(deployment: Deployment) -> Backend:
    """Return where an endpoint runs."""
    return app if deployment.is_serverless else machines


def history(work: Work, deployment: Deployment) -> Sequence[InService]:
    """Return the versions that an endpoint has served, the last one first."""
    return served.served(work, deployment)


def trouble(work: Work, deployment: Deployment, since: datetime) -> str | None:
    """Return in one line what is wrong with what is served, or `None`."""
    return backend(deployment).trouble(work, deployment, since)


def deployed(work: Work, deployment: Deployment) -> Deployed | None:
    """Return what an endpoint serves, or `None` when it serves nothing.

    It is read from the endpoint itself, so it is true whoever deployed it.
    """
    return backend(deployment).deployed(work, deployment)
