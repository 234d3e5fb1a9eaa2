"""Judging a candidate on SageMaker: a processing step, whose verdict is a condition."""

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.jobs.gating import CANDIDATE, compares, gate_task, judged_data
from mlops_iac.pipeline_steps import judge_name
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import Pipeline, TrainingJob
from mlops_iac.specs.compute import Compute
from mlops_iac.wiring import model_of
from mlops_iac.wishes import CHAMPION
from mlops_iac_aws import place
from mlops_iac_aws.features.steps import join_data
from mlops_iac_aws.jobs.checks import TASK
from mlops_iac_aws.jobs.data import data_uri, within
from mlops_iac_aws.jobs.processing import (
    INPUTS,
    LONGEST_PROCESSING,
    REPORT,
    Processing,
    processing_step,
    runtime_command,
)
from mlops_iac_aws.jobs.program import Document, document_of
from mlops_iac_aws.jobs.steps import PropertyFile, Step
from mlops_iac_aws.jobs.wiring import Wiring

VERDICT = PropertyFile(name="verdict", output=REPORT, path="evaluation.json")
PASSED = "passed"


def gate_document(spec: Pipeline, trainer: TrainingJob, scope: Scope) -> Document:
    """Return what the evaluation is told."""
    model = model_of(trainer, scope.specs)
    content = {
        "candidate": {"archive": CANDIDATE},
        "champion": {"archive": CHAMPION} if compares(spec) else None,
        "trust_pickle": bool(model and model.trust_pickle),
        "gates": [gate_task(gate, scope) for gate in spec.gates],
    }
    return document_of(spec.name, content, scope)


def gate_steps(
    spec: Pipeline, trainer: TrainingJob, context: BuildContext, wiring: Wiring, left: Any
) -> tuple[Step, ...]:
    """Return the steps that judge, the verdict's last; a join of features comes first.

    `left` is where the candidate's training left its model.
    """
    task = gate_document(spec, trainer, context)
    sources = judged_data(spec)
    joins, wiring = join_data(spec.name, sources, trainer, context, wiring)
    data = {
        name: wiring.joined.get(name) or data_uri(ref, context, wiring)
        for name, ref in sources.items()
    }
    champion = place.alias_prefix(context, str(trainer.model), CHAMPION)
    compute = trainer.compute
    work = Processing(
        job=spec.name,
        command=runtime_command("evaluate"),
        image=wiring.image_of(trainer.name),
        inputs={
            **data,
            CANDIDATE: within(left),
            **({CHAMPION: within(champion.rstrip("/"))} if compares(spec) else {}),
        },
        mounts={TASK: task.uri},
        environment={contract.TASK: f"{INPUTS}/{TASK}/{task.name}"},
        # As much as training had, but no accelerator: rows are scored, nothing is learned.
        compute=Compute(cpu=compute.cpu, memory_gb=compute.memory_gb, disk_gb=compute.disk_gb),
        timeout=min(trainer.timeout, LONGEST_PROCESSING),
    )
    judged = processing_step(judge_name(spec), work, context, wiring, files=[VERDICT])
    return *joins, judged.following([step.name for step in joins])
