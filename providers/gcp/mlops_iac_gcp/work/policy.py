"""`python -m mlops_iac_gcp.work policy`: a retraining policy looks, decides and acts.

Any event starts it: an alarm, a check that alarms, a schedule. It ends when nothing more can be
done now, and stays only to watch a version that was just promoted.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from mlops_iac.runtime.policy import Rules
from mlops_iac.runtime.policy.executor import Executor, attend
from mlops_iac.runtime.policy.lease import Lease
from mlops_iac_gcp.policies.store import Store
from mlops_iac_gcp.policies.world import GcpWorld
from mlops_iac_gcp.work.launch import Launch, read, reporting, say


def main(arguments: Sequence[str]) -> int:
    """Look and act; return the exit code."""
    launch = read(arguments)
    with reporting(launch) as told:
        told.update(attended(launch))
    return 0


def attended(launch: Launch) -> dict[str, Any]:
    """Look and act until nothing more can be done now; return the phase, and why."""
    document = launch.document["policy"]
    policy = document["name"]
    store = Store(where=launch.where, bucket=launch.bucket, policy=policy)
    lease = Lease(store=store, owner=uuid.uuid4().hex, clock=time.time)
    if not lease.take():
        say(f"policy {policy}: another one is at it")
        return {"phase": None, "reason": "another one is at it"}
    try:
        pause = _renewing(lease, launch.pause)
        world = GcpWorld(store=store, document=document, pause=pause)
        rules = Rules.from_document(document["rules"])
        state = attend(Executor(rules, world, store), world.now, pause)
    finally:
        lease.give_back()
    say(f"{state.phase.value}: {state.reason}")
    return {"phase": state.phase.value, "reason": state.reason}


def _renewing(lease: Lease, wait: Callable[[float], None]) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        lease.renew()
        wait(seconds)

    return pause
