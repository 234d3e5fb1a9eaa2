"""Where the verbs work on Google Cloud."""

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
from mlops_iac_gcp import documents, facts, place, registry, serving
from mlops_iac_gcp.capture import CAPTURE_TABLE
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.jobs.defining import pipeline_name
from mlops_iac_gcp.kept import labels_of
from mlops_iac_gcp.monitor_steps import capture_dataset
from mlops_iac_gcp.monitors import traffic
from mlops_iac_gcp.serving import Deployment, Work, backends, waking
from mlops_iac_gcp.session import Place, storage

_FIRST_CALL_SECONDS = 20.0


@dataclass(frozen=True)
class Site(PortedSite):
    """One stack on Google Cloud."""

    title = "Google Cloud"
    told = staticmethod(told)
    failed = GcpError
    documents = documents
    facts = facts
    layout = place
    registry = registry
    runs = runs
    serving = serving

    @property
    def place(self) -> Place:
        """The stack's project and region, under the declared role."""
        target = self.scope.target
        return Place(
            project=target.account or "",
            region=target.region or "",
            role=target.role,
            endpoints=tuple(sorted((target.endpoints or {}).items())),
        )

    @property
    def work(self) -> Work:
        """What deploying may use; its progress goes to standard error."""
        return Work(place=self.place, log=tell, pause=time.sleep)

    def is_there(self) -> bool:
        """Whether the stack's bucket is there: it is the first of a stack and its last."""
        from google.cloud.storage.retry import DEFAULT_RETRY

        # It is the first call of most verbs: without a network they must not be silent for minutes.
        retry = DEFAULT_RETRY.with_timeout(_FIRST_CALL_SECONDS)
        return storage(self.place).lookup_bucket(self.bucket, retry=retry) is not None

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
        dataset = capture_dataset(self.scope, endpoint)
        table = f"{facts.project(self.scope)}.{dataset}.{CAPTURE_TABLE}"
        return traffic.fetch(self.place, table, window)

    def labels(self, endpoint: str) -> Labels:
        """Return the truth of an endpoint's predictions."""
        return labels_of(self.place, self.bucket, endpoint)
