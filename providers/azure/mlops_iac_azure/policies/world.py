"""Azure as a policy sees it: the ports of `mlops_iac.loop.world`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.loop.retraining import Retraining
from mlops_iac.loop.world import CloudWorld
from mlops_iac_azure import registry, serving
from mlops_iac_azure.jobs.runs import Execution
from mlops_iac_azure.kept import Bucket, reports_of, store_of
from mlops_iac_azure.monitors import telling
from mlops_iac_azure.policies.retraining import PipelineRuns
from mlops_iac_azure.serving import backends
from mlops_iac_azure.session import Place


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """The endpoint that a policy renews; implements `mlops_iac.loop.world.Endpoint`."""

    work: serving.Work
    deployment: serving.Deployment

    def served(self) -> int | None:
        """Return the version that is served; `None` while nothing is."""
        now = serving.deployed(self.work, self.deployment)
        return None if now is None else now.version

    def promote(self, version: int) -> None:
        """Serve a version."""
        serving.promote(self.work, self.deployment, version)

    def trouble(self, since: datetime) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        return backends.trouble(self.work, self.deployment, since)

    def version(self, number: int) -> registry.Version:
        """Return a version of the model."""
        return registry.version(self.work.place, self.deployment.model, number)

    def approve(self, number: int, *, approver: str, comment: str) -> None:
        """Let a version be deployed."""
        model = self.deployment.model
        registry.approve(self.work.place, model, number, approver=approver, comment=comment)


@dataclass(frozen=True, kw_only=True)
class News:
    """How a policy is heard and woken; implements `mlops_iac.loop.world.Telling`."""

    where: Place
    document: Mapping[str, Any]

    def follow(self, run: Execution) -> None:
        """Do nothing: Event Grid tells the policy of the end of every run of its pipeline."""
        del run

    def tell(self, level: str, text: str) -> None:
        """Count the news; whoever has subscribed to the policy's alert hears of it."""
        del text
        telling.announce(self.where, self.document["tag"], level)

    def log(self, text: str) -> None:
        """Write a line to the log."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def world_of(
    where: Place, bucket: str, document: Mapping[str, Any], pause: Callable[[float], None]
) -> CloudWorld:
    """Return one policy's world; `document` is what `up` wrote of it."""
    name, news = document["name"], News(where=where, document=document)
    pipeline = PipelineRuns(where=where, bucket=bucket, pipeline=document["pipeline"])
    work = serving.Work(place=where, log=news.log, pause=pause)
    return CloudWorld(
        store=store_of(where, bucket, name),
        document=document,
        reports=reports_of(where, bucket, document["monitor"]),
        retraining=Retraining(kept=Bucket(where, bucket), policy=name, runs=pipeline),
        endpoint=lambda: Renewed(
            work=work, deployment=serving.load(where, bucket, document["endpoint"])
        ),
        telling=news,
    )
