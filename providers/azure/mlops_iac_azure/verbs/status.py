"""How each component is now, asked of Azure, not of the engine's state."""

from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.runtime.policy import Phase
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import Dataset, Spec
from mlops_iac_azure import documents, place, registry, tracking
from mlops_iac_azure.experiment_tracker import experiment_id
from mlops_iac_azure.faults import told
from mlops_iac_azure.features.document import current
from mlops_iac_azure.jobs.runs import FAILED
from mlops_iac_azure.registry import APPROVED, PENDING
from mlops_iac_azure.verbs import monitors
from mlops_iac_azure.verbs.endpoints import ABSENT, endpoint_state
from mlops_iac_azure.verbs.runs import runs
from mlops_iac_azure.verbs.site import Site


def component_status(site: Site, spec: Spec) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    with told(f"looking at `{spec.name}`"):
        state, details = _STATES[spec.kind](site, spec.name)
    return ComponentStatus(component=spec.name, kind=spec.kind, state=state, details=details)


_Seen = tuple[str, dict[str, Any]]


def is_there(site: Site) -> bool:
    """Whether the stack's store is there: it is among the first of a stack and its last."""
    return documents.bucket_exists(site.place, site.bucket)


def _platform(site: Site, _name: str) -> _Seen:
    details = {
        "bucket": site.bucket,
        "region": site.place.region,
        "workspace": site.place.workspace,
    }
    return ("ready" if is_there(site) else ABSENT), details


def _dataset(site: Site, name: str) -> _Seen:
    spec = site.scope.specs[name]
    is_remote = isinstance(spec, Dataset) and spec.is_remote
    # Of data that lies elsewhere the store has only the manifests.
    prefix = f"manifests/{name}/" if is_remote else place.dataset_prefix(name, "")
    kept = {path.removeprefix(prefix).partition("/")[0] for path in site.paths(prefix)}
    return ("stored" if kept else ABSENT), {"versions": len(kept)}


def _model(site: Site, name: str) -> _Seen:
    model = site.model(name)
    if site.read(registry.policy_path(model)) is None:
        return ABSENT, {}
    known = registry.listed(site.place, model)
    statuses = {item.status for item in known}
    state = "approved" if APPROVED in statuses else ("pending" if PENDING in statuses else "empty")
    return state, {
        "versions": len(known),
        "aliases": {alias: item.number for item in known for alias in item.aliases},
        "pending": [item.number for item in known if item.status == PENDING],
    }


def _job(site: Site, name: str) -> _Seen:
    if site.read(place.definition_key(name)) is None:
        return ABSENT, {}
    history = runs(site, name)
    if not history:
        return "defined", {"runs": 0}
    last = history[0]
    return last.status, {
        "runs": len(history),
        "key": last.key,
        "run": last.id,
        "metrics": dict(last.metrics),
        "model_version": last.model_version,
        "reason": last.reason,
    }


def _feature_group(site: Site, name: str) -> _Seen:
    if site.read(place.definition_key(name)) is None:
        return ABSENT, {}
    filled = current(site.place, site.bucket, name)
    details: dict[str, Any] = {"rows": None if filled is None else filled.rows}
    if filled is not None:
        details["version"] = filled.version
    return "registered", details


def _tracker(site: Site, name: str) -> _Seen:
    if not is_there(site):
        return ABSENT, {}
    identity = experiment_id(site.scope, name)
    found = tracking.experiment(site.place, identity)
    if found is None or found.get("lifecycle_stage") == "deleted":
        return ABSENT, {}
    return "ready", {"experiment": identity, "tracking_uri": tracking.address(site.place)}


def _monitor(site: Site, name: str) -> _Seen:
    if site.read(place.definition_key(name)) is None:
        return ABSENT, {}
    known = monitors.checks(site, name)
    if known and known[0].status == FAILED:
        return "dead", {"checks": len(known), "last": FAILED, "error": known[0].reason}
    verdicts = [run.metrics["alarm"] for run in known if "alarm" in run.metrics]
    state = ("alarm" if verdicts[0] else "quiet") if verdicts else "waiting"
    return state, {"checks": len(known), "last": known[0].status if known else None}


def _policy(site: Site, name: str) -> _Seen:
    if site.read(place.definition_key(name)) is None:
        return ABSENT, {}
    memory = site.read(f"{place.policy_prefix(name)}/{STATE}")
    if memory is None:
        return Phase.IDLE.value, {"retrainings": 0}
    state = memory["state"]
    return state["phase"], {"reason": state["reason"], "retrainings": state["cycle"]}


_JOBS = (
    "BatchInference",
    "DataValidation",
    "ProcessingJob",
    "TrainingJob",
    "HyperparameterSearch",
    "Pipeline",
)
_STATES: Mapping[str, Callable[[Site, str], _Seen]] = {
    "Platform": _platform,
    "Dataset": _dataset,
    "FeatureGroup": _feature_group,
    **dict.fromkeys(_JOBS, _job),
    "ExperimentTracker": _tracker,
    "RegisteredModel": _model,
    "ModelEndpoint": endpoint_state,
    "ModelMonitor": _monitor,
    "RetrainingPolicy": _policy,
}
