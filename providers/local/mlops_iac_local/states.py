"""How each component is now, seen in the world, not in the engine's state."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Spec
from mlops_iac_local import endpoints, registry, serving, supervisor, trackers
from mlops_iac_local.features.group import read_group
from mlops_iac_local.features.views import registered
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.definition import DEFINITION, definition
from mlops_iac_local.jobs.models import is_waiting
from mlops_iac_local.jobs.runs import newest, runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors.status import monitor_facts
from mlops_iac_local.ownership import MARK
from mlops_iac_local.registry_reads import APPROVED, PENDING

ABSENT = "absent"


def component_status(layout: Layout, spec: Spec) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    return _STATUS[spec.kind](layout, spec.name)


def endpoint_status(layout: Layout, name: str) -> ComponentStatus:
    """Return what an endpoint serves: `waiting`, `serving`, `starting` or `dead`."""
    if not (layout.endpoint(name) / endpoints.FRAME).exists():
        return _made(name, "ModelEndpoint", ABSENT)
    frame = endpoints.frame(layout, name)
    wish = serving.deployed(layout, name)
    now = None if wish is None else serving.served_now(layout, frame)
    details: dict[str, Any] = {"url": frame.url, "model": frame.model}
    if wish is not None:
        details |= {"version": int(wish["version"]), "digest": wish["digest"]}
    if now is not None and now.get("error"):
        details["error"] = now["error"]
    return _made(name, "ModelEndpoint", _endpoint_state(layout, frame, wish, now), **details)


def _endpoint_state(
    layout: Layout,
    frame: endpoints.Frame,
    wish: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
) -> str:
    if wish is None:
        return "waiting"
    if now is not None and now.get("digest") == wish["digest"]:
        return "serving"
    is_kept = supervisor.keeps(layout, frame.program)
    return "starting" if is_kept else "dead"


def _platform(layout: Layout, name: str) -> ComponentStatus:
    is_there = layout.owner.exists()
    keeper = "running" if is_there and supervisor.is_alive(layout) else "stopped"
    details = {"root": str(layout.root), "supervisor": keeper}
    return _made(name, "Platform", "ready" if is_there else ABSENT, **details)


def _dataset(layout: Layout, name: str) -> ComponentStatus:
    record = read_json(layout.dataset(name) / "dataset.json")
    if record is None:
        return _made(name, "Dataset", ABSENT)
    return _made(
        name, "Dataset", "stored", version=record["version"], versions=len(record["versions"])
    )


def _feature_group(layout: Layout, name: str) -> ComponentStatus:
    group = read_group(layout, name)
    if group is None:
        return _made(name, "FeatureGroup", ABSENT)
    known = registered(layout).get(name)
    is_current = known is not None and known.version == group.version
    state = "registered" if is_current else "stored"
    return _made(name, "FeatureGroup", state, version=group.version, rows=group.rows)


def _job(kind: str, layout: Layout, name: str) -> ComponentStatus:
    if not (layout.job(name) / DEFINITION).exists():
        return _made(name, kind, ABSENT)
    history = runs_of(layout, name)
    if not history:
        waits = is_waiting(layout, definition(layout, name))
        return _made(name, kind, "waiting" if waits else "defined", runs=0)
    # What is declared now counts, whatever was tried since; else what was tried last.
    last = newest(layout, definition(layout, name).key) or history[0]
    details = {"runs": len(history), "key": last.key, "run": last.id,
               "metrics": dict(last.metrics), "model_version": last.model_version,
               "reason": last.reason}  # fmt: skip
    return _made(name, kind, last.status, **details)


def _model(layout: Layout, name: str) -> ComponentStatus:
    if read_json(layout.model(name) / registry.POLICY) is None:
        return _made(name, "RegisteredModel", ABSENT)
    known = registry.versions(layout, name)
    aliases = {alias: item.version for item in known for alias in item.aliases}
    pending = [item.version for item in known if item.status == PENDING]
    is_approved = any(item.status == APPROVED for item in known)
    state = "approved" if is_approved else ("pending" if pending else "empty")
    return _made(
        name, "RegisteredModel", state, versions=len(known), aliases=aliases, pending=pending
    )


def _policy(layout: Layout, name: str) -> ComponentStatus:
    from mlops_iac_local.loop import control, policies

    if name not in control.policy_names(layout):
        return _made(name, "RetrainingPolicy", ABSENT)
    state = policies.state_of(layout, name)
    loop = "running" if control.is_kept(layout) else "stopped"
    details = {"reason": state.reason, "retrainings": state.cycle, "loop": loop,
               "events": str(policies.folder(layout, name) / policies.EVENTS)}  # fmt: skip
    return _made(name, "RetrainingPolicy", state.phase.value, **details)


def _made(component: str, kind: str, state: str, **details: Any) -> ComponentStatus:
    return ComponentStatus(component=component, kind=kind, state=state, details=details)


def _monitor(layout: Layout, name: str) -> ComponentStatus:
    if not (layout.job(name) / DEFINITION).exists():
        return _made(name, "ModelMonitor", ABSENT)
    state, details = monitor_facts(layout, name)
    return _made(name, "ModelMonitor", state, **details)


def _tracker(layout: Layout, name: str) -> ComponentStatus:
    if not (layout.tracker(name) / MARK).exists():
        return _made(name, "ExperimentTracker", ABSENT)
    known = trackers.server(layout, name)
    if known is None:
        return _made(name, "ExperimentTracker", "ready", tracking_uri=layout.tracking_uri)
    state = "ready" if trackers.answers(layout, name, known) else "dead"
    return _made(name, "ExperimentTracker", state, tracking_uri=known.url)


_STATUS: Mapping[str, Callable[[Layout, str], ComponentStatus]] = {
    "Platform": _platform,
    "Dataset": _dataset,
    "FeatureGroup": _feature_group,
    "BatchInference": partial(_job, "BatchInference"),
    "DataValidation": partial(_job, "DataValidation"),
    "ProcessingJob": partial(_job, "ProcessingJob"),
    "ExperimentTracker": _tracker,
    "TrainingJob": partial(_job, "TrainingJob"),
    "HyperparameterSearch": partial(_job, "HyperparameterSearch"),
    "RegisteredModel": _model,
    "Pipeline": partial(_job, "Pipeline"),
    "ModelEndpoint": endpoint_status,
    "ModelMonitor": _monitor,
    "RetrainingPolicy": _policy,
}
