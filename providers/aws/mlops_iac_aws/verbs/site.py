"""Where the verbs work on AWS."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.verbs.site import Site as CoreSite
from mlops_iac.verbs.site import tell
from mlops_iac_aws import layout, names, place
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs import runs
from mlops_iac_aws.jobs.runs import Execution, Outcome
from mlops_iac_aws.jobs.wiring import RUN_KEY
from mlops_iac_aws.serving import Deployment, Work, load
from mlops_iac_aws.serving.documents import read
from mlops_iac_aws.session import Clients, Place, clients


@dataclass(frozen=True)
class Site(CoreSite):
    """One stack on AWS."""

    title = "AWS"
    told = staticmethod(told)

    @cached_property
    def clients(self) -> Clients:
        """Clients of the stack's region, under the declared role."""
        target = self.scope.target
        return clients(
            Place(
                region=target.region or "",
                account=target.account,
                role=target.role,
                endpoints=tuple(sorted((target.endpoints or {}).items())),
            )
        )

    @cached_property
    def bucket(self) -> str:
        """The stack's bucket."""
        return names.bucket(self.scope)

    @property
    def work(self) -> Work:
        """What deploying may use; its progress goes to standard error."""
        return Work(clients=self.clients, log=tell, pause=time.sleep)

    def is_there(self) -> bool:
        """Whether the stack's bucket is there."""
        return found(self.clients("s3").head_bucket, Bucket=self.bucket) is not None

    def deployment(self, endpoint: str) -> Deployment:
        """Return the document of an endpoint.

        Raises:
            OperationError: there is no such endpoint.
        """
        return load(self.clients, self.bucket, endpoint)

    def read(self, path: str) -> Any | None:
        """Return a JSON document of the bucket, or `None` when there is none."""
        return read(self.clients, f"s3://{self.bucket}/{path}")

    def paths(self, prefix: str) -> list[str]:
        """Return the keys under a prefix of the bucket, in their order."""
        pages = self.clients("s3").get_paginator("list_objects_v2")
        answers = pages.paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in answers for item in page.get("Contents", ())]

    def definition(self, component: str) -> Mapping[str, Any] | None:
        """Return what the runs of a component are started with; `None` before the first `up`."""
        return self.read(place.definition_key(component))

    def policy_folder(self, policy: str) -> str:
        """Return the folder with memory and events of a retraining policy."""
        return layout.policy_prefix(policy).rstrip("/")

    def executions(self, component: str) -> Sequence[Execution]:
        """Return the runs of a component, newest first, as SageMaker tells them."""
        pipeline = names.pipeline(self.scope, component)
        return found(lambda: list(runs.executions(self.clients, pipeline))) or []

    def execution(self, run: Run) -> Execution:
        """Return a run as SageMaker tells it now."""
        arn = f"{place.pipeline_arn(self.scope, run.component)}/execution/{run.id}"
        return runs.execution(self.clients, arn)

    def begun(self, definition: Mapping[str, Any], key: str, *, again: bool) -> Execution:
        """Start a run of a definition, or return the one that its key has unless `again`."""
        pipeline = definition["pipeline"]
        known = runs.run_of_key(self.clients, pipeline, key)
        if known is not None and not again:
            return known
        token = uuid.uuid4().hex if again else None
        own = {RUN_KEY: key} if definition["key"] else {}
        values = {**definition["parameters"], **own}
        return runs.start(self.clients, pipeline, key, values, token=token)

    def finished(self, execution: Execution, seconds: float) -> Execution:
        """Return a run when it has ended; after `seconds` it is stopped."""
        return runs.finish(self.clients, execution, wait=time.sleep, tell=tell, seconds=seconds)

    def halt(self, execution: Execution) -> None:
        """Have a run stopped, without waiting for that."""
        runs.stop(self.clients, execution)

    def outcome(self, execution: Execution) -> Outcome:
        """Return what a run made."""
        return runs.outcome(self.clients, execution)

    def failure(self, execution: Execution) -> str:
        """Return why a run failed."""
        return runs.failure(self.clients, execution)
