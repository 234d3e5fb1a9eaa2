"""What an endpoint has served: a roll-back knows from it where to go.

A deployment that is served no more is removed, since its machines cost; so the history lies in
the store, in `deployments/<endpoint>/served.json`, the last version first.
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac.rolling import FOLDER, InService, Work
from mlops_iac_azure import documents
from mlops_iac_azure.serving.documents import Deployment

_KEPT = 20
"""Versions that a history names."""


def served(work: Work, deployment: Deployment) -> list[InService]:
    """Return the versions that an endpoint has served, the last one first."""
    told = documents.read(work.place, deployment.bucket, _path(deployment))
    return _entries(deployment, told)


def note(work: Work, deployment: Deployment, number: int) -> None:
    """Note that a version came into service now, unless it is the last one noted."""
    is_kept = False
    while not is_kept:
        told, generation = documents.read_generation(
            work.place, deployment.bucket, _path(deployment)
        )
        known = _entries(deployment, told)
        if known and known[0].version == number:
            return
        newest = InService(version=number, since=work.now().isoformat())
        entries = [newest, *(item for item in known if item.version != number)][:_KEPT]
        is_kept = documents.write(
            work.place,
            deployment.bucket,
            _path(deployment),
            {"endpoint": deployment.endpoint, "served": [dict(vars(item)) for item in entries]},
            generation=generation,
        )


def forget(work: Work, deployment: Deployment) -> None:
    """Remove the history, unless it is that of the endpoint's successor."""
    path = _path(deployment)
    told = documents.read(work.place, deployment.bucket, path)
    if told is not None and told["endpoint"] == deployment.endpoint:
        documents.remove(work.place, deployment.bucket, path)


def _entries(deployment: Deployment, told: Mapping[str, Any] | None) -> list[InService]:
    # What an endpoint of another life of the component served is not its history.
    if told is None or told["endpoint"] != deployment.endpoint:
        return []
    return [InService(version=item["version"], since=item["since"]) for item in told["served"]]


def _path(deployment: Deployment) -> str:
    return f"{FOLDER}{deployment.component}/served.json"
