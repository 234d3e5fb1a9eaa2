"""One check of a monitor: `python -m mlops_iac.runtime.monitor`.

The task: `signals`, `quality`, `drift`, `performance`, `min_rows`, `max_rows` as they are declared;
`captured` (folder), `ledger` (file), `rows` (first number and end of the new files), `labels`
(fields of `performance.Labels`, or null), `model` (`version`, `path`, `digest`, `trust_pickle`, or
null) and `baseline` (paths; an input of that name comes first).

An alarm is a finished run. A failed one says nothing about the traffic, and its rows are looked
at again.
"""

import sys
from collections.abc import Mapping
from typing import Any

from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.monitor.checking import Check, alarms
from mlops_iac.runtime.monitor.signals import Finding
from mlops_iac.runtime.task import Task, TaskResult, run_task

REPORT, PAGE = "report.json", "report.html"
_VERSION = 1


def main() -> int:
    """Do the check of this process's task, return the exit code."""
    return run_task(check)


def check(layout: Layout, task: Task) -> TaskResult:
    """Judge the rows that a task names, write the report."""
    made = Check(layout, task, layout.output_dir / PAGE)
    findings = made.judge()
    report = _document(made, findings)
    write_json(layout.output_dir / REPORT, report)
    sys.stdout.write(f"{report['reason']}\n")
    pages = (PAGE,) if made.page.exists() else ()
    return TaskResult(metrics=_metrics(report, findings), reports=(REPORT, *pages))


def _document(made: Check, findings: Mapping[str, Finding]) -> dict[str, Any]:
    judged = [finding.alarm for finding in findings.values() if finding.alarm is not None]
    times = [] if made.rows.empty else [made.rows["timestamp"].iloc[at] for at in (0, -1)]
    return {
        "version": _VERSION,
        "alarm": any(judged) if judged else None,
        "reason": _reason(findings),
        "alarms": list(alarms(findings)),
        "rows": len(made.rows),
        "new_rows": made.new_rows,
        "window": dict(zip(("from", "to"), (time.isoformat() for time in times), strict=False)),
        "model_version": (made.task["model"] or {}).get("version"),
        "signals": {name: finding.document() for name, finding in findings.items()},
    }


def _reason(findings: Mapping[str, Finding]) -> str:
    raised = alarms(findings)
    told = raised or list(findings)
    text = "; ".join(f"{_words(name)}: {findings[name].reason}" for name in told)
    return f"{'alarm' if raised else 'quiet'}: {text}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _metrics(report: Mapping[str, Any], findings: Mapping[str, Finding]) -> dict[str, float]:
    values = {name: finding.value for name, finding in findings.items()}
    found = {name: value for name, value in values.items() if value is not None}
    return {"alarm": float(bool(report["alarm"])), "rows": float(report["rows"]), **found}


if __name__ == "__main__":
    sys.exit(main())
