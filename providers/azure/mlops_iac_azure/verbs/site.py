"""Where the verbs work on Azure."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.loop.preparing import Window
from mlops_iac.loop.truth import Labels
from mlops_iac.registry import Model
from mlops_iac.rolling import InService
from mlops_iac.verbs.ported import PortedSite
from mlops_iac.verbs.site import tell
from mlops_iac_azure import documents, facts, place, registry, serving
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.jobs.defining import pipeline_name
from mlops_iac_azure.kept import labels_of
from mlops_iac_azure.monitors import traffic
from mlops_iac_azure.serving import Deployment, Work, backends, waking
from mlops_iac_azure.session import Place


@dataclass(frozen=True)
class Site(PortedSite):
    """One stack on Azure."""

    title = "Azure"
    told = staticmethod(told)
    failed = AzureError
    documents = documents
    facts = facts
    layout = place
    registry = registry
    runs = runs
    serving = serving

    @property
    def place(self) -> Place:
        """The stack's subscription, region and workspace, under the declared role."""
        return facts.place(self.scope)

    @property
    def work(self) -> Work:
        """What deploying may use; its progress goes to standard error."""
        return Work(place=self.place, log=tell, pause=time.sleep)

    def is_there(self) -> bool:
        """Whether the stack's storage account is there: it is among the first and the last."""
        return documents.bucket_exists(self.place, self.bucket)

    def pipeline(self, component: str) -> str:
        """Return the name of the pipeline of a component's runs."""
        return pipeline_name(self.scope, component)

    def wake(self, model: Model) -> None:
        """Start the first deployment of each endpoint that waits for a version of a model."""
        waking.wake(self.work, model)

    def history(self, deployment: Deployment) -> Sequence[InService]:
        """Return the versions that an endpoint has served, the last one first."""
        return backends.history(self.work, deployment)

    def traffic(self, endpoint: str, window: Window) -> list[dict[str, Any]]:
        """Return logged requests, newest first."""
        return traffic.fetch(self.place, facts.captures(self.scope), endpoint, window)

    def labels(self, endpoint: str) -> Labels:
        """Return the truth of an endpoint's predictions."""
        return labels_of(self.place, self.bucket, endpoint)
