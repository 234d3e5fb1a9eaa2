"""Verbs on runs: start, wait, stop, list."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac_aws import names, place
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs import runs as executions
from mlops_iac_aws.jobs.wiring import RUN_KEY
from mlops_iac_aws.verbs.site import Site

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
    pipeline = definition["pipeline"]
    with told(f"starting `{component}`"):
        # A pipeline's run has no key: what it does depends on the data as they are then.
        key = definition["key"] or uuid.uuid4().hex
        known = executions.run_of_key(site.clients, pipeline, key)
        if known is None or again:
            token = uuid.uuid4().hex if again else None
            values = {**definition["parameters"], **_key(definition, key)}
            known = executions.start(site.clients, pipeline, key, values, token=token)
        return _seen(site, component, known)


def wait(site: Site, run: Run) -> Run:
    """Wait until a run has ended; progress goes to standard error."""
    definition = _definition(site, run.component)
    with told(f"waiting for `{run.component}`"):
        ended = executions.finish(
            site.clients,
            _execution(site, run),
            wait=time.sleep,
            tell=site.work.log,
            seconds=definition["timeout_seconds"],
        )
        return _seen(site, run.component, ended)


def stop(site: Site, run: Run) -> Run:
    """Stop a run; return when it has ended."""
    with told(f"stopping `{run.component}`"):
        executions.stop(site.clients, _execution(site, run))
    return wait(site, run)


def runs(site: Site, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    site.spec(component, *KINDS)
    pipeline = names.pipeline(site.scope, component)
    with told(f"listing the runs of `{component}`"):
        known = found(lambda: list(executions.executions(site.clients, pipeline))) or []
        return [_seen(site, component, item) for item in known]


def _refuse_values(component: str, parameters: Mapping[str, Any]) -> None:
    if parameters:
        named = ", ".join(f"`{name}`" for name in parameters)
        raise OperationError(
            f"a run on AWS takes the parameters of its definition, not {named}",
            remedy=f"set them in the declaration of `{component}`; an environment may differ",
        )


def _definition(site: Site, component: str) -> Mapping[str, Any]:
    site.spec(component, *KINDS)
    with told(f"reading the definition of `{component}`"):
        document = site.read(place.definition_key(component))
    if document is None:
        raise OperationError(f"`{component}` is not defined yet", remedy="run `mlops-iac up` first")
    return document


def _key(definition: Mapping[str, Any], key: str) -> dict[str, str]:
    return {RUN_KEY: key} if definition["key"] else {}


def _execution(site: Site, run: Run) -> executions.Execution:
    arn = f"{place.pipeline_arn(site.scope, run.component)}/execution/{run.id}"
    return executions.execution(site.clients, arn)


def _seen(site: Site, component: str, execution: executions.Execution) -> Run:
    status = executions.STATUSES[execution.status]
    seen = Run(
        component=component,
        kind=site.scope.specs[component].kind,
        id=execution.id,
        key=execution.key,
        status=status,
        started=execution.started,
        ended=execution.ended,
        metrics={},
        model_version=None,
    )
    if status == executions.FINISHED:
        made = executions.outcome(site.clients, execution)
        return replace(seen, metrics=made.metrics, model_version=made.model_version)
    if status == executions.FAILED:
        return replace(seen, reason=executions.failure(site.clients, execution))
    return seen
