"""A feature view brought up to date with its source."""

import time
from collections.abc import Mapping
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.rest import Pause
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
VIEWS = "projects.locations.featureOnlineStores.featureViews"
_SYNCS = f"{VIEWS}.featureViewSyncs"
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 2.0, 20.0


class SyncError(GcpError):
    """An online store could not take the values over; it goes on serving those of before."""

    code = "gcp.sync"


def sync(where: Place, view: str, *, pause: Pause = time.sleep) -> None:
    """Make an online store serve what the source of a feature view answers now.

    Raises:
        SyncError: the values could not be taken over.
    """
    # One that runs already may have read the source before it changed: it is not ours.
    for running in _running(where, view):
        _ended(where, running, pause)
    asked = {"featureView": view}
    answer = rest.call(where, API, f"{VIEWS}.sync", asked, {}, repeatable=True, pause=pause)
    ended = _ended(where, answer["featureViewSync"], pause)
    status = ended.get("finalStatus", {})
    if status.get("code"):
        raise SyncError(
            f"`{view}` could not be synchronised: {status.get('message', status['code'])}",
            remedy="correct what it names, and run the filling again",
        )


def _running(where: Place, view: str) -> list[str]:
    found = rest.listed(where, API, f"{_SYNCS}.list", {"parent": view}, "featureViewSyncs")
    return [item["name"] for item in found if not _is_over(item)]


def _is_over(item: Mapping[str, Any]) -> bool:
    return "finalStatus" in item or "endTime" in item.get("runTime", {})


def _ended(where: Place, name: str, pause: Pause) -> dict[str, Any]:
    seconds = FIRST_POLL_SECONDS
    while True:
        found = rest.call(where, API, f"{_SYNCS}.get", {"name": name}, pause=pause)
        if _is_over(found):
            return found
        pause(seconds)
        seconds = min(seconds * 1.5, LONGEST_POLL_SECONDS)
