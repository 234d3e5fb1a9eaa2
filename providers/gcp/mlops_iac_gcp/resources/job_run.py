"""`mlops-iac:gcp:JobRun`: a run as a resource, keyed by all that decides its outcome."""

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.handlers.job_run import KeyedRunHandler
from mlops_iac.registry import Listed, Model
from mlops_iac_gcp import registry, session
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.session import Place


class RunFailedError(GcpError):
    """A run failed, or was stopped; it stays so under its key."""

    code = "gcp.run-failed"


class JobRunHandler(KeyedRunHandler):
    """One run per key: `up` runs a job exactly when something that matters changed."""

    token = "mlops-iac:gcp:JobRun"  # noqa: S105
    runs = runs
    places = session
    failed = RunFailedError
    id_parameter = "pipelineJobId"

    def versions(self, where: Place, bucket: str, reads: Mapping[str, Any]) -> Sequence[Listed]:
        """Return the versions of the model that a run reads, newest first."""
        model = Model(name=reads["model"], component=reads["component"], bucket=bucket)
        return registry.listed(where, model)
