"""How a monitor is: what its last check said, and what waits for the next."""

from typing import Any

from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.definition import definition
from mlops_iac_local.jobs.runs import FINISHED, OUTPUT, read_record, run_folder, runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors.windows import window

REPORT = "report.json"


def monitor_facts(layout: Layout, monitor: str) -> tuple[str, dict[str, Any]]:
    """Return a monitor's state and its details.

    The state is `waiting` before the first check, `alarm` or `quiet` after one with a verdict,
    `unsure` after one without, else what became of the last check.
    """
    waiting = window(layout, definition(layout, monitor))
    history = runs_of(layout, monitor)
    details: dict[str, Any] = {"rows_waiting": waiting.rows, "checks": len(history)}
    if not history:
        return "waiting", details
    last = history[0]
    details |= {"last_check": last.started, "run": last.id}
    if last.status != FINISHED:
        return last.status, {**details, "reason": last.reason}
    folder = run_folder(layout, last)
    report = read_json(folder / OUTPUT / REPORT) or {"alarm": None, "alarms": [], "reason": None}
    version = (read_record(folder)["overrides"].get("model") or {}).get("version")
    told = {"alarms": report["alarms"], "reason": report["reason"], "version": version}
    return _WORDS[report["alarm"]], {**details, **told}


_WORDS = {True: "alarm", False: "quiet", None: "unsure"}
