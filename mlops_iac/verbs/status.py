"""How each component is now, asked of its cloud, not of the engine's state."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mlops_iac.keyed_runs import FAILED
from mlops_iac.operations import ComponentStatus, Run
from mlops_iac.registry import APPROVED, PENDING, policy_path
from mlops_iac.runtime.policy import Phase
from mlops_iac.specs import Dataset, Spec
from mlops_iac.verbs import monitors
from mlops_iac.verbs.endpoints import ABSENT, endpoint_state
from mlops_iac.verbs.ported import PortedSite
from mlops_iac.verbs.runs import runs
from mlops_iac.verbs.site import Site

Seen = tuple[str, dict[str, Any]]
"""A component's state, and what else is told of it."""
SiteT = TypeVar("SiteT", bound=Site)
Looks = Mapping[str, Callable[[SiteT, str], Seen]]
"""What looks at a component, by its kind."""
JOBS = (
    "BatchInference",
    "DataValidation",
    "ProcessingJob",
    "TrainingJob",
    "HyperparameterSearch",
    "Pipeline",
)


def component_status(site: SiteT, spec: Spec, looks: Looks[SiteT]) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    with site.told(f"looking at `{spec.name}`"):
        state, details = looks[spec.kind](site, spec.name)
    return ComponentStatus(component=spec.name, kind=spec.kind, state=state, details=details)


def of_versions(known: Sequence[Any]) -> Seen:
    """Return how a model is whose versions these are."""
    statuses = {item.status for item in known}
    state = "approved" if APPROVED in statuses else ("pending" if PENDING in statuses else "empty")
    return state, {
        "versions": len(known),
        "aliases": {alias: item.number for item in known for alias in item.aliases},
        "pending": [item.number for item in known if item.status == PENDING],
    }


def of_runs(known: Sequence[Run]) -> Seen:
    """Return how a job is whose runs these are, newest first."""
    if not known:
        return "defined", {"runs": 0}
    last = known[0]
    return last.status, {
        "runs": len(known),
        "key": last.key,
        "run": last.id,
        "metrics": dict(last.metrics),
        "model_version": last.model_version,
        "reason": last.reason,
    }


def of_memory(memory: Any | None) -> Seen:
    """Return how a retraining policy is that remembers this."""
    if memory is None:
        return Phase.IDLE.value, {"retrainings": 0}
    state = memory["state"]
    return state["phase"], {"reason": state["reason"], "retrainings": state["cycle"]}


def _dataset(site: PortedSite, name: str) -> Seen:
    spec = site.scope.specs[name]
    is_remote = isinstance(spec, Dataset) and spec.is_remote
    # Of data that lies elsewhere the store has only the manifests.
    prefix = f"manifests/{name}/" if is_remote else site.layout.dataset_prefix(name, "")
    kept = {path.removeprefix(prefix).partition("/")[0] for path in site.paths(prefix)}
    return ("stored" if kept else ABSENT), {"versions": len(kept)}


def _model(site: PortedSite, name: str) -> Seen:
    model = site.model(name)
    if site.read(policy_path(model)) is None:
        return ABSENT, {}
    return of_versions(site.registry.listed(site.place, model))


def _job(site: PortedSite, name: str) -> Seen:
    return (ABSENT, {}) if site.definition(name) is None else of_runs(runs(site, name))


def _monitor(site: PortedSite, name: str) -> Seen:
    if site.definition(name) is None:
        return ABSENT, {}
    known = monitors.checks(site, name)
    if known and known[0].status == FAILED:
        return "dead", {"checks": len(known), "last": FAILED, "error": known[0].reason}
    verdicts = [run.metrics["alarm"] for run in known if "alarm" in run.metrics]
    state = ("alarm" if verdicts[0] else "quiet") if verdicts else "waiting"
    return state, {"checks": len(known), "last": known[0].status if known else None}


def _policy(site: PortedSite, name: str) -> Seen:
    return (ABSENT, {}) if site.definition(name) is None else of_memory(site.memory(name))


LOOKS: Looks[PortedSite] = {
    "Dataset": _dataset,
    **dict.fromkeys(JOBS, _job),
    "RegisteredModel": _model,
    "ModelEndpoint": endpoint_state,
    "ModelMonitor": _monitor,
    "RetrainingPolicy": _policy,
}
"""What is looked at alike on each cloud that brings ports."""
