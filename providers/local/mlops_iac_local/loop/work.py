"""The heavy part of the loop, in processes of its own: starts runs, promotes, rolls back.

`python -m mlops_iac_local.loop.work act ROOT POLICY ACTION` does an action of a policy that is
still open; `… start ROOT COMPONENT MOMENT` starts the run of a schedule. Both may be called any
number of times, also while another one is at it.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError, NothingToDoError
from mlops_iac.operations import Run
from mlops_iac.runtime.policy import (
    Action,
    Promote,
    Promoted,
    PromotionFailed,
    RollBack,
    RollBackFailed,
    RolledBack,
    RunEnded,
    StartRun,
)
from mlops_iac_local import endpoint_verbs, registry, serving
from mlops_iac_local.files import locked
from mlops_iac_local.jobs.runs import RUNNING, is_over, run_folder
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies
from mlops_iac_local.loop.driver import is_too_long, mark_of
from mlops_iac_local.loop.policies import Policy
from mlops_iac_local.loop.starts import start_once, started_by
from mlops_iac_local.registry_reads import APPROVED, PENDING


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line names; return the exit code."""
    mode, root, *rest = arguments or sys.argv[1:]
    return _MODES[mode](Layout(Path(root)), *rest)


def start(layout: Layout, component: str, moment: str) -> int:
    """Start the run of a schedule for a moment, once; none while another is under way."""
    try:
        if start_once(layout, component, f"schedule/{moment}") is None:
            _say(f"info {component}, {moment}: another run is under way")
    except NothingToDoError as error:
        _say(f"info {component}, {moment}: {error}")
        return control.NOTHING
    except MlopsError as error:
        # Said, and done with: the next moment is another try.
        _say(f"warning {component}, {moment}: {error}")
    return 0


def act(layout: Layout, name: str, action_id: str) -> int:
    """Do an action of a policy if it is still open, and tell the policy of it."""
    with locked(layout.lock(f"policy-{name}-work")):
        policy = policies.policy_of(layout, name)
        action = policies.state_of(layout, name).action
        if action is not None and action.id == action_id and type(action) in _ACTIONS:
            _ACTIONS[type(action)](layout, policy, action)
    return 0


def _start_run(layout: Layout, policy: Policy, action: StartRun) -> None:
    try:
        run = start_once(layout, policy.pipeline, mark_of(policy.name, action.id))
        if run is not None:
            _look_after(layout, run, action)
    except MlopsError as error:
        if started_by(layout, policy.pipeline, mark_of(policy.name, action.id)) is not None:
            raise
        failed = RunEnded(
            id=f"{action.id}-ended",
            at=time.time(),
            action_id=action.id,
            outcome="failed",
            reason=str(error),
        )
        policies.tell(layout, policy.name, failed)


def _look_after(layout: Layout, run: Run, action: StartRun) -> None:
    """Stop a run that took too long; draw the consequences of one that is over."""
    from mlops_iac_local.jobs.finishing import finish
    from mlops_iac_local.jobs.starting import stop

    if run.status == RUNNING and is_too_long(action, run):
        stop(layout, run)
    folder = run_folder(layout, run)
    if is_over(folder):
        finish(layout, folder)


def _promote(layout: Layout, policy: Policy, action: Promote) -> None:
    previous = _served_before(layout, policy, action.version)
    try:
        _approve(layout, policy, action.version)
        endpoint_verbs.promote(layout, policy.endpoint, action.version)
    except MlopsError as error:
        failed = PromotionFailed(
            id=f"{action.id}-failed", at=time.time(), action_id=action.id, reason=str(error)
        )
        policies.tell(layout, policy.name, failed)
        return
    done = Promoted(
        id=f"{action.id}-done",
        at=time.time(),
        action_id=action.id,
        version=action.version,
        previous=previous,
    )
    policies.tell(layout, policy.name, done)


def _served_before(layout: Layout, policy: Policy, version: int) -> int | None:
    """Return what was served before a version; the same when it has been deployed already."""
    others = [one for one in serving.history(layout, policy.endpoint) if one != version]
    return others[-1] if others else None


def _approve(layout: Layout, policy: Policy, number: int) -> None:
    """Approve what passed its gates, in the policy's name, where promotion is automatic."""
    is_pending = registry.version(layout, policy.model, number).status == PENDING
    if policy.rules.promotion == "automatic" and is_pending:
        registry.decide(
            layout,
            policy.model,
            number,
            APPROVED,
            approver=f"policy {policy.name}",
            comment="it passed the gates of the pipeline",
        )


def _roll_back(layout: Layout, policy: Policy, action: RollBack) -> None:
    now = serving.deployed(layout, policy.endpoint)
    try:
        # What somebody else had served in the meantime is not ours to take away.
        if now is None or int(now["version"]) in {action.version, action.to}:
            endpoint_verbs.promote(layout, policy.endpoint, action.to)
    except MlopsError as error:
        failed = RollBackFailed(
            id=f"{action.id}-failed", at=time.time(), action_id=action.id, reason=str(error)
        )
        policies.tell(layout, policy.name, failed)
        return
    done = RolledBack(id=f"{action.id}-done", at=time.time(), action_id=action.id, to=action.to)
    policies.tell(layout, policy.name, done)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


_ACTIONS: Mapping[type[Action], Callable[[Layout, Policy, Any], None]] = {
    Promote: _promote,
    RollBack: _roll_back,
    StartRun: _start_run,
}
_MODES: Mapping[str, Callable[..., int]] = {"act": act, "start": start}


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
