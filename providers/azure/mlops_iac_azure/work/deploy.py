"""`python -m mlops_iac_azure.work deploy`: the first deployment, upon an approval.

It looks at the endpoint itself: a version is deployed only while nothing is served, so a run that
comes twice or late changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from mlops_iac_azure import serving
from mlops_iac_azure.serving import Work
from mlops_iac_azure.work.launch import Launch, read, reporting, say


def main(arguments: Sequence[str]) -> int:
    """Deploy what the alias names, when the endpoint waits for it."""
    launch = read(arguments)
    with reporting(launch) as told:
        told.update(deployed(launch))
    return 0


def deployed(launch: Launch) -> dict[str, Any]:
    """Deploy, and return which version is served; `None` when there was nothing to do."""
    component = launch.document["component"]
    work = Work(place=launch.where, log=say, pause=launch.pause)
    served = serving.deploy_first(work, serving.load(launch.where, launch.bucket, component))
    done = "nothing to do" if served is None else f"serves version {served.version}"
    say(f"endpoint {component}: {done}")
    return {"served": None if served is None else served.version}
