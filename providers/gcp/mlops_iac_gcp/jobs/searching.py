"""The step that searches hyperparameters: Vertex AI's own tuning of a training job."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac.specs.hyperparameter_search import (
    Choice,
    Goal,
    IntegerRange,
    NumberRange,
    Parameter,
    Strategy,
)
from mlops_iac.wiring import training_job
from mlops_iac_gcp.features.steps import join_steps
from mlops_iac_gcp.job_request import Program, encryption, job_labels, job_spec
from mlops_iac_gcp.jobs.documents import job_document
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.training import program
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.workload import pruned

# discovery aiplatform.v1, StudySpec.algorithm: unspecified is Vizier's own, which is Bayesian.
ALGORITHMS: Mapping[Strategy, str] = {
    Strategy.BAYESIAN: "ALGORITHM_UNSPECIFIED",
    Strategy.RANDOM: "RANDOM_SEARCH",
    Strategy.GRID: "GRID_SEARCH",
}
GOALS: Mapping[Goal, str] = {Goal.MAXIMIZE: "MAXIMIZE", Goal.MINIMIZE: "MINIMIZE"}


def search_steps(
    spec: HyperparameterSearch, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the steps of a search; the one that searches is the last and has its name."""
    job = training_job(spec, context.specs)
    before, wiring = join_steps(job, context, wiring)
    trial = _trial(spec, job, context, wiring)
    body = pruned(
        {
            "displayName": f"{wiring.run}.{spec.name}",
            "labels": job_labels(context, wiring, spec.name),
            "encryptionSpec": encryption(wiring),
            "maxTrialCount": spec.trials,
            "parallelTrialCount": min(spec.parallel, spec.trials),
            "studySpec": {
                "algorithm": ALGORITHMS[spec.strategy],
                "metrics": [{"metricId": spec.metric, "goal": GOALS[spec.goal]}],
                "parameters": [_parameter(name, p) for name, p in spec.parameters.items()],
            },
            "trialJobSpec": job_spec(trial, wiring),
        }
    )
    search = {
        "metric": spec.metric,
        "goal": spec.goal.value,
        "hyperparameters": dict(job.hyperparameters),
        "integers": [*integers(spec)],
        "seconds": int(spec.timeout.total_seconds()),
    }
    document = job_document(spec.name, body, context, wiring, search=search)
    step = Step(name=spec.name, document=document)
    return (*before, step.following(joining.name for joining in before))


def _trial(spec: HyperparameterSearch, job: TrainingJob, scope: Scope, wiring: Wiring) -> Program:
    """Return what a trial runs: the job, which tells the metric of the search too."""
    trained = program(job, spec.name, scope, wiring, resumes=False)
    told = ",".join(dict.fromkeys((*job.metrics, spec.metric)))
    return replace(trained, environment={**trained.environment, contract.METRICS: told})


def integers(spec: HyperparameterSearch) -> Iterator[str]:
    """Return the parameters of a search that are whole numbers."""
    # Vertex AI tells whole numbers as any number, with a fraction of zero.
    return (name for name, each in spec.parameters.items() if isinstance(each, IntegerRange))


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    if isinstance(parameter, Choice):
        # Texts as the runtime reads them: JSON, so that a number stays a number.
        values = [json.dumps(value) for value in parameter.choices]
        return {"parameterId": name, "categoricalValueSpec": {"values": values}}
    scale = "UNIT_LOG_SCALE" if parameter.log else "UNIT_LINEAR_SCALE"
    return {"parameterId": name, "scaleType": scale, **_range(parameter)}


def _range(parameter: NumberRange | IntegerRange) -> dict[str, Any]:
    if isinstance(parameter, NumberRange):
        return {"doubleValueSpec": {"minValue": parameter.min, "maxValue": parameter.max}}
    # 64-bit numbers are texts in Google's JSON.
    bounds = {"minValue": str(parameter.min), "maxValue": str(parameter.max)}
    return {"integerValueSpec": bounds}
