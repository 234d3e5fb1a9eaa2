"""Verbs on runs: start, wait, stop, list."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac_azure import place
from mlops_iac_azure.faults import told
from mlops_iac_azure.jobs import runs as executions
from mlops_iac_azure.jobs.defining import pipeline_name
from mlops_iac_azure.verbs.site import Site

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


def run(site: Site, component: str, *, again: bool, parameters: Mapping[str, Any]) -> Run:
    """Start a run of a job's present definition, or return the one that its key has."""
    _refuse_values(component, parameters)
    definition = _definition(site, component)
    with told(f"starting `{component}`"):
        # A pipeline's run has no key: what it does depends on the data as they are then.
        key = definition["key"] or uuid.uuid4().hex
        known = [*executions.runs_of_key(site.place, definition["pipeline"], key)]
        living = executions.of_this_life(site.place, site.bucket, known)
        if living and not again:
            return _seen(site, component, living[0])
        number = executions.next_repetition(known)
        started = executions.start(site.place, definition, key, again=number)
        return _seen(site, component, started)


def wait(site: Site, run: Run) -> Run:
    """Wait until a run has ended; progress goes to standard error."""
    definition = _definition(site, run.component)
    with told(f"waiting for `{run.component}`"):
        ended = executions.finish(
            site.place,
            execution(site, run),
            wait=time.sleep,
            tell=site.work.log,
            seconds=definition["timeout_seconds"],
        )
        return _seen(site, run.component, ended)


def stop(site: Site, run: Run) -> Run:
    """Stop a run; return when it has ended."""
    with told(f"stopping `{run.component}`"):
        executions.stop(site.place, execution(site, run))
    return wait(site, run)


def runs(site: Site, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    site.spec(component, *KINDS)
    with told(f"listing the runs of `{component}`"):
        known = executions.executions(site.place, pipeline_name(site.scope, component))
        return [_seen(site, component, item) for item in known]


def execution(site: Site, run: Run) -> executions.Execution:
    """Return a run as Azure ML tells it now."""
    return executions.execution(site.place, executions.job_id(site.place, run.id))


def _refuse_values(component: str, parameters: Mapping[str, Any]) -> None:
    if parameters:
        named = ", ".join(f"`{name}`" for name in parameters)
        raise OperationError(
            f"a run on Azure takes the parameters of its definition, not {named}",
            remedy=f"set them in the declaration of `{component}`; an environment may differ",
        )


def _definition(site: Site, component: str) -> Mapping[str, Any]:
    site.spec(component, *KINDS)
    with told(f"reading the definition of `{component}`"):
        document = site.read(place.definition_key(component))
    if document is None:
        raise OperationError(f"`{component}` is not defined yet", remedy="run `mlops-iac up` first")
    return document


def _seen(site: Site, component: str, found: executions.Execution) -> Run:
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
    if found.status == executions.FINISHED:
        made = executions.outcome(site.place, site.bucket, found)
        return replace(seen, metrics=made.metrics, model_version=made.model_version)
    if found.status == executions.FAILED:
        return replace(seen, reason=executions.failure(site.place, site.bucket, found))
    return seen
