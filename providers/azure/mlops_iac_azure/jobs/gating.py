"""Judging a candidate on Azure ML: a step whose verdict the steps after it read."""

from dataclasses import replace
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.pipeline_steps import judge_name
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac.specs import DataFormat, Gate, Pipeline, TrainingJob
from mlops_iac.specs.model_endpoint import CHAMPION
from mlops_iac.wiring import model_of
from mlops_iac_azure.features.steps import join_data
from mlops_iac_azure.jobs.clusters import judging
from mlops_iac_azure.jobs.data import inputs_of
from mlops_iac_azure.jobs.documents import left_by, registered
from mlops_iac_azure.jobs.processing import Processing, processing_step, runtime_command
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring

CANDIDATE = "candidate"


def gate_steps(
    spec: Pipeline, trainer: TrainingJob, context: BuildContext, wiring: Wiring, trained: str
) -> tuple[Step, ...]:
    """Return the steps that judge, the verdict's last; a join of features comes first.

    `trained` is the candidate's step.
    """
    model = model_of(trainer, context.specs)
    sources = {input_of(gate): gate.data for gate in spec.gates}
    joins, wiring = join_data(spec.name, sources, trainer, context, wiring)
    task = {
        "trust_pickle": bool(model and model.trust_pickle),
        "gates": [_gate(gate, context) for gate in spec.gates],
        CHAMPION: None,
    }
    champion = registered(context, str(trainer.model), CHAMPION, None)
    work = Processing(
        job=spec.name,
        command=runtime_command("evaluate"),
        image=wiring.image_of(trainer.name),
        inputs=inputs_of(sources, context, wiring),
        task=task,
        models={
            CANDIDATE: left_by(trained),
            **({CHAMPION: {**champion, "may_lack": True}} if compares(spec) else {}),
        },
        # Rows are scored, nothing is learned.
        compute=judging(trainer.compute),
        timeout=trainer.timeout,
    )
    judged = processing_step(judge_name(spec), work, context, wiring)
    document = {**judged.document, "verdict": REPORT}
    judge = replace(judged, document=document, judges=True, after=(trained,))
    return (*joins, judge.following(step.name for step in joins))


def compares(spec: Pipeline) -> bool:
    """Whether some gate compares the candidate with the champion."""
    return any(gate.margin is not None for gate in spec.gates)


def input_of(gate: Gate) -> str:
    """Return the input with the labelled rows of a gate."""
    return str(gate.data).replace("/", "_")


def _gate(gate: Gate, scope: Scope) -> dict[str, Any]:
    form = data_format(gate.data, scope.specs) or DataFormat.PARQUET
    return {
        "input": input_of(gate),
        "format": form.value,
        "metric": gate.metric.value,
        "label": gate.label,
        "threshold": gate.threshold,
        "margin": gate.margin,
    }
