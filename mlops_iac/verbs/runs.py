"""Verbs on runs: start, wait, stop, list."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.keyed_runs import FAILED, FINISHED
from mlops_iac.operations import Run
from mlops_iac.verbs.site import Site

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
    _refuse_values(site, component, parameters)
    definition = _definition(site, component)
    with site.told(f"starting `{component}`"):
        # A pipeline's run has no key: what it does depends on the data as they are then.
        key = definition["key"] or uuid.uuid4().hex
        return _seen(site, component, site.begun(definition, key, again=again))


def wait(site: Site, run: Run) -> Run:
    """Wait until a run has ended; progress goes to standard error."""
    seconds = _definition(site, run.component)["timeout_seconds"]
    with site.told(f"waiting for `{run.component}`"):
        return _seen(site, run.component, site.finished(site.execution(run), seconds))


def stop(site: Site, run: Run) -> Run:
    """Stop a run; return when it has ended."""
    with site.told(f"stopping `{run.component}`"):
        site.halt(site.execution(run))
    return wait(site, run)


def runs(site: Site, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    site.spec(component, *KINDS)
    with site.told(f"listing the runs of `{component}`"):
        return [_seen(site, component, found) for found in site.executions(component)]


def _refuse_values(site: Site, component: str, parameters: Mapping[str, Any]) -> None:
    if parameters:
        named = ", ".join(f"`{name}`" for name in parameters)
        raise OperationError(
            f"a run on {site.title} takes the parameters of its definition, not {named}",
            remedy=f"set them in the declaration of `{component}`; an environment may differ",
        )


def _definition(site: Site, component: str) -> Mapping[str, Any]:
    site.spec(component, *KINDS)
    with site.told(f"reading the definition of `{component}`"):
        document = site.definition(component)
    if document is None:
        raise OperationError(f"`{component}` is not defined yet", remedy="run `mlops-iac up` first")
    return document


def _seen(site: Site, component: str, found: Any) -> Run:
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
        made = site.outcome(found)
        return replace(seen, metrics=made.metrics, model_version=made.model_version)
    if found.status == FAILED:
        return replace(seen, reason=site.failure(found))
    return seen
