"""`python -m mlops_iac_gcp.work register`: makes what a step has trained a version of a model."""

from collections.abc import Sequence
from typing import Any

from mlops_iac.keyed_runs import label
from mlops_iac.late import DIGEST, filled
from mlops_iac.registry import Model, Record
from mlops_iac.rolling import Work
from mlops_iac_gcp import registry
from mlops_iac_gcp.serving.waking import wake
from mlops_iac_gcp.work.launch import Launch, read, reporting, say
from mlops_iac_gcp.work.models import left_by


def main(arguments: Sequence[str]) -> int:
    """Register a version; return the exit code."""
    launch = read(arguments)
    with reporting(launch) as told:
        told.update(registered(launch))
    return 0


def registered(launch: Launch) -> dict[str, Any]:
    """Register what a step has left, once; return which version it is."""
    candidate = launch.document["candidate"]
    trained = launch.report_of(candidate)
    left = left_by(launch, candidate)
    wish = launch.document["model"]
    body = filled(launch.document["body"], {DIGEST: left["digest"]})
    model = Model(name=wish["name"], component=wish["component"], bucket=launch.bucket)
    number = registry.upload(
        launch.where,
        model,
        {**body, "model": {**body["model"], "artifactUri": left["path"]}},
        run=label(f"{launch.run}_{launch.step}"),
        record=Record(
            digest=left["digest"],
            metrics=trained["metrics"],
            job=launch.document["job"],
            run_key=launch.key,
        ),
        pause=launch.pause,
    )
    say(f"{wish['component']}: version {number}")
    # Approved as it is, it may be the one that an endpoint waits for.
    wake(Work(place=launch.where, log=say, pause=launch.pause), model)
    return {"model": wish["component"], "model_version": number, "digest": left["digest"]}
