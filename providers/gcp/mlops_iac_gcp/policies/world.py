"""Google Cloud as a policy sees it: the ports of `mlops_iac.loop.world`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.loop.renewed import Renewed
from mlops_iac.loop.retraining import Retraining
from mlops_iac.loop.world import CloudWorld
from mlops_iac_gcp import serving
from mlops_iac_gcp.jobs.runs import Execution
from mlops_iac_gcp.kept import kept, reports_of, store_of
from mlops_iac_gcp.monitors import telling
from mlops_iac_gcp.policies.retraining import PipelineRuns
from mlops_iac_gcp.serving.rolling import RULES
from mlops_iac_gcp.session import Place


@dataclass(frozen=True, kw_only=True)
class Topic:
    """How a policy is heard and woken; implements `mlops_iac.loop.world.Telling`."""

    where: Place
    document: Mapping[str, Any]

    def follow(self, run: Execution) -> None:
        """Have the policy's workflow wait for the end of a run."""
        telling.follow(self.where, self.document["workflow"], run.name)

    def tell(self, level: str, text: str) -> None:
        """Tell the policy's topic."""
        said = {"policy": self.document["name"], "level": level, "text": text}
        telling.publish(self.where, self.document["topic"], said)

    def log(self, text: str) -> None:
        """Write a line to the log."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def world_of(
    where: Place, bucket: str, document: Mapping[str, Any], pause: Callable[[float], None]
) -> CloudWorld:
    """Return one policy's world; `document` is what `up` wrote of it."""
    name, topic = document["name"], Topic(where=where, document=document)
    pipeline = PipelineRuns(where=where, bucket=bucket, pipeline=document["pipeline"])
    work = serving.Work(place=where, log=topic.log, pause=pause)
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
        telling=topic,
    )
