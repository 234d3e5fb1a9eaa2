"""Judging a candidate: what the step does whose verdict the steps after it read."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.jobs.data import inputs_of
from mlops_iac.jobs.processing import Processing, left_by, runtime_command
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import Scope
from mlops_iac.specs import Compute, DataFormat, DataRef, Gate, Pipeline, TrainingJob
from mlops_iac.wiring import model_of
from mlops_iac.wishes import CHAMPION

CANDIDATE = "candidate"


def gate_work(  # noqa: PLR0913, PLR0917  who judges whom by what, and where
    spec: Pipeline,
    trainer: TrainingJob,
    trained: str,
    champion: Mapping[str, Any],
    compute: Compute,
    scope: Scope,
    wiring: Wiring,
) -> Processing:
    """Return what judges.

    Args:
        spec: the pipeline.
        trainer: the job that trains the candidate.
        trained: the candidate's step.
        champion: how the step is told of the version that is served.
        compute: what it gets: rows are scored, nothing is learned.
        scope: the stack.
        wiring: what the steps before have made.
    """
    model = model_of(trainer, scope.specs)
    return Processing(
        job=spec.name,
        command=runtime_command("evaluate"),
        image=wiring.image_of(trainer.name),
        inputs=inputs_of(judged_data(spec), scope, wiring),
        task={
            "trust_pickle": bool(model and model.trust_pickle),
            "gates": [gate_task(gate, scope) for gate in spec.gates],
            CHAMPION: None,
        },
        models={
            CANDIDATE: left_by(trained),
            **({CHAMPION: {**champion, "may_lack": True}} if compares(spec) else {}),
        },
        compute=compute,
        timeout=trainer.timeout,
    )


def judged_data(spec: Pipeline) -> dict[str, DataRef]:
    """Return the labelled rows that the gates judge by, by the name of the input."""
    return {input_of(gate): gate.data for gate in spec.gates}


def compares(spec: Pipeline) -> bool:
    """Whether some gate compares the candidate with the champion."""
    return any(gate.margin is not None for gate in spec.gates)


def input_of(gate: Gate) -> str:
    """Return the input with the labelled rows of a gate."""
    return str(gate.data).replace("/", "_")


def gate_task(gate: Gate, scope: Scope) -> dict[str, Any]:
    """Return what the runtime is told of a gate."""
    form = data_format(gate.data, scope.specs) or DataFormat.PARQUET
    return {
        "input": input_of(gate),
        "format": form.value,
        "metric": gate.metric.value,
        "label": gate.label,
        "threshold": gate.threshold,
        "margin": gate.margin,
    }
