"""Judging a candidate on Vertex AI: a job whose launcher tells its verdict to the pipeline."""

from dataclasses import replace

from mlops_iac.jobs.gating import gate_work, judged_data
from mlops_iac.pipeline_steps import judge_name
from mlops_iac.provider import BuildContext
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac.specs import Compute, Pipeline, TrainingJob
from mlops_iac.wishes import CHAMPION
from mlops_iac_gcp.features.steps import join_data
from mlops_iac_gcp.jobs.documents import registered
from mlops_iac_gcp.jobs.processing import processing_step
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring


def gate_steps(
    spec: Pipeline, trainer: TrainingJob, context: BuildContext, wiring: Wiring, trained: str
) -> tuple[Step, ...]:
    """Return the steps that judge, the verdict's last; a join of features comes first.

    `trained` is the candidate's step.
    """
    joins, wiring = join_data(spec.name, judged_data(spec), trainer, context, wiring)
    champion = registered(context, str(trainer.model), CHAMPION, None)
    compute = _judging(trainer.compute)
    work = gate_work(spec, trainer, trained, champion, compute, context, wiring)
    judged = processing_step(judge_name(spec), work, context, wiring)
    document = {**judged.document, "verdict": REPORT}
    judge = replace(judged, document=document, judges=True, after=(trained,))
    return (*joins, judge.following(step.name for step in joins))


def _judging(compute: Compute) -> Compute:
    """Return as much as training had, but no accelerator: rows are scored, nothing is learned."""
    return Compute(cpu=compute.cpu, memory_gb=compute.memory_gb, disk_gb=compute.disk_gb)
