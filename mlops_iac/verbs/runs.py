"""Verbs on runs: start, wait, stop, list."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.verbs.site import PortedSite, Site, tell

RUNNING, FINISHED, FAILED = "running", "finished", "failed"
"""Of the states of a run, as `mlops_iac.operations.Run` names them."""
KINDS = (
    "BatchInference",
    "DataValidation",
    "FeatureGroup",
    "HyperparameterSearch",
    "Pipeline",
    "ProcessingJob",
    "TrainingJob",
)
"""Kinds that have runs."""


def run(site: PortedSite, component: str, *, again: bool, parameters: Mapping[str, Any]) -> Run:
    """Start a run of a job's present definition, or return the one that its key has."""
    refuse_values(site, component, parameters)
    known_as = definition(site, component)
    with site.told(f"starting `{component}`"):
        # A pipeline's run has no key: what it does depends on the data as they are then.
        key = known_as["key"] or uuid.uuid4().hex
        known = [*site.runs.runs_of_key(site.place, known_as["pipeline"], key)]
        living = site.runs.of_this_life(site.place, site.bucket, known)
        if living and not again:
            return _seen(site, component, living[0])
        number = site.runs.next_repetition(known)
        started = site.runs.start(site.place, known_as, key, again=number)
        return _seen(site, component, started)


def wait(site: PortedSite, run: Run) -> Run:
    """Wait until a run has ended; progress goes to standard error."""
    seconds = definition(site, run.component)["timeout_seconds"]
    with site.told(f"waiting for `{run.component}`"):
        return _seen(site, run.component, finished(site, run, seconds))


def stop(site: PortedSite, run: Run) -> Run:
    """Stop a run; return when it has ended."""
    end(site, run)
    return wait(site, run)


def runs(site: PortedSite, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    site.spec(component, *KINDS)
    with site.told(f"listing the runs of `{component}`"):
        known = site.runs.executions(site.place, site.pipeline(component))
        return [_seen(site, component, item) for item in known]


def execution(site: PortedSite, run: Run) -> Any:
    """Return a run as the cloud tells it now."""
    return site.runs.execution(site.place, site.runs.job_id(site.place, run.id))


def finished(site: PortedSite, run: Run, seconds: float) -> Any:
    """Wait until a run has ended, and return it as the cloud tells it then."""
    return site.runs.finish(
        site.place, execution(site, run), wait=time.sleep, tell=tell, seconds=seconds
    )


def end(site: PortedSite, run: Run) -> None:
    """Have a run stopped, without waiting for that."""
    with site.told(f"stopping `{run.component}`"):
        site.runs.stop(site.place, execution(site, run))


def refuse_values(site: Site, component: str, parameters: Mapping[str, Any]) -> None:
    """Refuse other values than the declared ones.

    Raises:
        OperationError: there are some.
    """
    if parameters:
        named = ", ".join(f"`{name}`" for name in parameters)
        raise OperationError(
            f"a run on {site.title} takes the parameters of its definition, not {named}",
            remedy=f"set them in the declaration of `{component}`; an environment may differ",
        )


def definition(site: Site, component: str) -> Mapping[str, Any]:
    """Return what the runs of a job are started with.

    Raises:
        OperationError: there is no such job, or `up` has not defined it yet.
    """
    site.spec(component, *KINDS)
    with site.told(f"reading the definition of `{component}`"):
        document = site.definition(component)
    if document is None:
        raise OperationError(f"`{component}` is not defined yet", remedy="run `mlops-iac up` first")
    return document


def _seen(site: PortedSite, component: str, found: Any) -> Run:
    seen = Run(
        component=component,
        kind=site.scope.specs[component].kind,
        id=found.id,
        key=found.key,
        status=found.status,
        started=found.started,
        ended=found.ended,
        metrics={},
        model_version=None,
    )
    if found.status == FINISHED:
        made = site.runs.outcome(site.place, site.bucket, found)
        return replace(seen, metrics=made.metrics, model_version=made.model_version)
    if found.status == FAILED:
        return replace(seen, reason=site.runs.failure(site.place, site.bucket, found))
    return seen
