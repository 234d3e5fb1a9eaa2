"""A retraining policy looks, decides and acts, one executor at a time.

Any event starts it: an alarm, a run's end, a verdict, a schedule. It ends when nothing more can be
done now, and stays only to watch a version that was just promoted.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac.loop.store import Store
from mlops_iac.runtime.policy import Rules
from mlops_iac.runtime.policy.executor import Executor, World, attend
from mlops_iac.runtime.policy.lease import Lease

Pause = Callable[[float], None]


def attended(
    document: Mapping[str, Any],
    store: Store,
    world: Callable[[Pause], World],
    *,
    pause: Pause,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Look and act until nothing more can be done now; return the phase, and why.

    Args:
        document: what `up` wrote of the policy: `name`, `rules`.
        store: the policy's memory.
        world: makes the policy's world, which waits by what it is given.
        pause: sleeps for seconds.
        say: writes a line to the log.
    """
    policy = document["name"]
    lease = Lease(store=store, owner=uuid.uuid4().hex, clock=time.time)
    if not lease.take():
        say(f"policy {policy}: another one is at it")
        return {"phase": None, "reason": "another one is at it"}
    try:
        renewing = _renewing(lease, pause)
        seen = world(renewing)
        rules = Rules.from_document(document["rules"])
        state = attend(Executor(rules, seen, store), seen.now, renewing)
    finally:
        lease.give_back()
    say(f"{state.phase.value}: {state.reason}")
    return {"phase": state.phase.value, "reason": state.reason}


def _renewing(lease: Lease, wait: Pause) -> Pause:
    def pause(seconds: float) -> None:
        lease.renew()
        wait(seconds)

    return pause
