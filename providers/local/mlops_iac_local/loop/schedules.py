"""Schedules: one file each, which the loop notices without a restart.

`schedules/<component>.json` holds `component`, `kind`, `action` (`run` or `check`), `trigger`
(`{"cron": "0 3 * * 1", "timezone": "UTC"}` or `{"every_s": 3600}`) and `since`, the moment that
periods are counted from.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_iac_local.files import locked, make_folder, read_json, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control

if TYPE_CHECKING:
    from mlops_iac.specs import Cron, Every

_DECLARED = ("action", "kind", "trigger")


def put(layout: Layout, component: str, document: Mapping[str, Any]) -> None:
    """Register or change the schedule of a component; the first one starts the loop.

    Args:
        layout: the stack's folders.
        component: whose runs are started.
        document: `kind`, `action` and `trigger`.
    """
    with locked(layout.lock("schedules")):
        known = schedule(layout, component) or {}
        is_same = all(known.get(key) == document[key] for key in _DECLARED)
        make_folder(control.schedules_folder(layout))
        write_json(
            _file(layout, component),
            {
                "component": component,
                **{key: document[key] for key in _DECLARED},
                # A schedule that stays keeps its rhythm.
                "since": known["since"] if is_same else utc_now(),
            },
        )
    control.ensure(layout)


def remove(layout: Layout, component: str) -> None:
    """Forget the schedule of a component; the loop ends when it has nothing left to do."""
    with locked(layout.lock("schedules")):
        _file(layout, component).unlink(missing_ok=True)
        fired_file(layout, component).unlink(missing_ok=True)
    control.end_when_idle(layout)


def schedule(layout: Layout, component: str) -> dict[str, Any] | None:
    """Return the schedule of a component, or `None`."""
    return read_json(_file(layout, component))


def scheduled(layout: Layout) -> dict[str, int]:
    """Return the components that have a schedule, each with the mark of its file's content."""
    return {path.stem: path.stat().st_mtime_ns for path in control.schedule_files(layout)}


def trigger_document(schedule: "Cron | Every") -> dict[str, Any]:
    """Return a declared schedule as the `trigger` of a document."""
    if schedule.mode == "cron":
        return {"cron": schedule.cron, "timezone": schedule.timezone}
    return {"every_s": schedule.every.total_seconds()}


def fired_file(layout: Layout, component: str) -> Path:
    """Return the file with the moment for which a component was started last."""
    return control.schedules_folder(layout) / "fired" / f"{component}.json"


def keep_moment(layout: Layout, component: str, moment: str) -> None:
    """Keep the moment for which a component was started, unless its schedule has gone meanwhile."""
    with locked(layout.lock("schedules")):
        if schedule(layout, component) is not None:
            path = fired_file(layout, component)
            make_folder(path.parent)
            write_json(path, {"moment": moment})


def _file(layout: Layout, component: str) -> Path:
    return control.schedules_folder(layout) / f"{component}.json"
