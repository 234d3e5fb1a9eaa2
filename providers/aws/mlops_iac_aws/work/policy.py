"""`python -m mlops_iac_aws.work policy BUCKET POLICY`: a retraining policy looks, decides and acts.

Any event starts it: an alarm, a run's end, a version's approval, a schedule. It ends when nothing
more can be done now, and stays only to watch a version that was just promoted.
"""

import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence

from mlops_iac.errors import OperationError
from mlops_iac.runtime.policy import Rules
from mlops_iac.runtime.policy.executor import Executor, attend
from mlops_iac.runtime.policy.lease import Lease
from mlops_iac.runtime.policy.memory import DOCUMENT
from mlops_iac_aws.layout import policy_prefix
from mlops_iac_aws.policies.store import Store
from mlops_iac_aws.policies.world import AwsWorld
from mlops_iac_aws.session import Place, clients
from mlops_iac_aws.work.deploy import REGION


def main(arguments: Sequence[str]) -> int:
    """Look and act; return the exit code."""
    bucket, policy = arguments
    place = Place(region=os.environ[REGION])
    store = Store(clients=clients(place), bucket=bucket, prefix=policy_prefix(policy))
    known = store.read(DOCUMENT)
    if known is None:
        raise OperationError(f"there is no policy `{policy}`", remedy="run `mlops-iac up`")
    lease = Lease(store=store, owner=uuid.uuid4().hex, clock=time.time)
    if not lease.take():
        _say(f"policy {policy}: another one is at it")
        return 0
    try:
        pause = _renewing(lease)
        world = AwsWorld(clients=store.clients, store=store, document=known[0], pause=pause)
        rules = Rules.from_document(known[0]["rules"])
        state = attend(Executor(rules, world, store), world.now, pause)
        _say(f"{state.phase.value}: {state.reason}")
    finally:
        lease.give_back()
    return 0


def _renewing(lease: Lease) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        lease.renew()
        time.sleep(seconds)

    return pause


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
