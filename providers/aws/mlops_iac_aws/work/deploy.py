"""`python -m mlops_iac_aws.work deploy BUCKET ENDPOINT`: the first deployment, upon an approval.

The event of an approval starts it. It looks at the endpoint itself: a version is deployed only
while nothing is served, so an event that comes twice or late changes nothing.
"""

import os
import sys
import time
from collections.abc import Sequence

from mlops_iac_aws import serving
from mlops_iac_aws.session import Place, clients

REGION = "AWS_REGION"


def main(arguments: Sequence[str]) -> int:
    """Deploy what the alias names, when the endpoint waits for it."""
    bucket, component = arguments
    place = Place(region=os.environ[REGION])
    work = serving.Work(clients=clients(place), log=_log, pause=time.sleep)
    deployment = serving.load(work.clients, bucket, component)
    served = serving.deploy_first(work, deployment)
    if served is None:
        _log(f"endpoint {deployment.endpoint}: nothing to do")
    else:
        _log(f"endpoint {deployment.endpoint}: serves version {served.version}")
    return 0


def _log(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
