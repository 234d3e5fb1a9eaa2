"""The step of every job that is not training."""

from mlops_iac.jobs.processing import Processing
from mlops_iac.provider import Scope
from mlops_iac_azure import place
from mlops_iac_azure.job_request import Program, node_of, program_document
from mlops_iac_azure.jobs.documents import job_document
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring


def processing_step(name: str, work: Processing, scope: Scope, wiring: Wiring) -> Step:
    """Return the step that does some work; outputs of data lie under the run's key."""
    made = program(name, work, wiring)
    told = {"task": work.task, "models": dict(work.models) or None}
    document = job_document(name, program_document(made), scope, wiring, **told)
    step = Step(name=name, document=document, node=node_of(made))
    # A node's own bound counts while it runs; the step bounds the whole.
    return step.within(int(work.spot.max_wait.total_seconds())) if work.spot else step


def program(step: str, work: Processing, wiring: Wiring) -> Program:
    """Return what the container of some work runs."""
    return Program(
        step=step,
        command=work.command,
        image=work.image or wiring.runtime_image,
        inputs=work.inputs,
        environment=work.environment,
        files=work.files,
        data=f"{place.DATA}{work.job}/{wiring.run_key}",
        compute=work.compute,
        instances=work.instances,
        spot=work.spot,
        timeout=work.timeout,
        purpose=work.purpose,
    )
