"""Judging a candidate on Azure ML: a step whose verdict the steps after it read."""

from dataclasses import replace

from mlops_iac.jobs.gating import gate_work, judged_data
from mlops_iac.pipeline_steps import judge_name
from mlops_iac.provider import BuildContext
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac.specs import Pipeline, TrainingJob
from mlops_iac.wishes import CHAMPION
from mlops_iac_azure.features.steps import join_data
from mlops_iac_azure.jobs.clusters import judging
from mlops_iac_azure.jobs.documents import registered
from mlops_iac_azure.jobs.processing import processing_step
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring


def gate_steps(
    spec: Pipeline, trainer: TrainingJob, context: BuildContext, wiring: Wiring, trained: str
) -> tuple[Step, ...]:
    """Return the steps that judge, the verdict's last; a join of features comes first.

    `trained` is the candidate's step.
    """
    joins, wiring = join_data(spec.name, judged_data(spec), trainer, context, wiring)
    champion = registered(context, str(trainer.model), CHAMPION, None)
    compute = judging(trainer.compute)
    work = gate_work(spec, trainer, trained, champion, compute, context, wiring)
    judged = processing_step(judge_name(spec), work, context, wiring)
    document = {**judged.document, "verdict": REPORT}
    judge = replace(judged, document=document, judges=True, after=(trained,))
    return (*joins, judge.following(step.name for step in joins))
