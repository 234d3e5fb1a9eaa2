"""Azure as a policy sees it: the ports of `mlops_iac.loop.world`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.loop.renewed import Renewed
from mlops_iac.loop.retraining import Retraining
from mlops_iac.loop.world import CloudWorld
from mlops_iac_azure import serving
from mlops_iac_azure.jobs.runs import Execution
from mlops_iac_azure.kept import kept, reports_of, store_of
from mlops_iac_azure.monitors import telling
from mlops_iac_azure.policies.retraining import PipelineRuns
from mlops_iac_azure.serving.rolling import RULES
from mlops_iac_azure.session import Place


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
        retraining=Retraining(kept=kept(where, bucket), policy=name, runs=pipeline),
        endpoint=lambda: Renewed(
            work=work,
            deployment=serving.load(where, bucket, document["endpoint"]),
            rules=RULES,
        ),
        telling=news,
    )
