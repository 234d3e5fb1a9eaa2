"""The loop's process under the stack's supervisor: there while it has something to do."""

import sys
from pathlib import Path

from mlops_iac_local import supervisor
from mlops_iac_local.files import locked
from mlops_iac_local.layout import Layout

PROGRAM = "loop"
"""Name under the supervisor; an endpoint's has a hash behind it, so none is called so."""

NOTHING = 3
"""Exit code of `work.py` when a start found nothing to do."""


def schedules_folder(layout: Layout) -> Path:
    """Return the folder of all schedules."""
    return layout.root / "schedules"


def policies_folder(layout: Layout) -> Path:
    """Return the folder of all retraining policies."""
    return layout.root / "policies"


def schedule_files(layout: Layout) -> list[Path]:
    """Return the file of each schedule."""
    return sorted(schedules_folder(layout).glob("[!.]*.json"))


def policy_names(layout: Layout) -> list[str]:
    """Return the name of each retraining policy."""
    return sorted(path.parent.name for path in policies_folder(layout).glob("*/rules.json"))


def is_kept(layout: Layout) -> bool:
    """Whether the supervisor sees to the loop: after a restart of the machine nothing runs."""
    return supervisor.keeps(layout, PROGRAM)


def ensure(layout: Layout) -> None:
    """Start the loop unless it runs."""
    with locked(layout.lock("loop")):
        if not is_kept(layout):
            supervisor.run_program(
                layout, PROGRAM, [sys.executable, "-m", "mlops_iac_local.loop", str(layout.root)]
            )


def end_when_idle(layout: Layout) -> None:
    """End the loop when there is neither a schedule nor a policy."""
    with locked(layout.lock("loop")):
        if not schedule_files(layout) and not policy_names(layout):
            supervisor.remove_program(layout, PROGRAM)
