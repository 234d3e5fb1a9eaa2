"""The step of every job that is not training."""

from mlops_iac import container_contract as contract
from mlops_iac.jobs.processing import Processing
from mlops_iac.provider import Scope
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.job_request import Program, custom_job
from mlops_iac_gcp.jobs.documents import job_document
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring


def processing_step(name: str, work: Processing, scope: Scope, wiring: Wiring) -> Step:
    """Return the step that does some work; outputs of data lie under the run's key."""
    data = facts.address(scope, f"{place.DATA}{work.job}/{wiring.run_key}")
    program = Program(
        step=name,
        command=work.command,
        image=work.image or wiring.runtime_image,
        inputs=work.inputs,
        environment={contract.DATA_DIR: place.mounted(data), **work.environment},
        files=wiring.addresses(work.files),
        compute=work.compute,
        instances=work.instances,
        spot=work.spot,
        timeout=work.timeout,
        purpose=work.purpose,
    )
    body = custom_job(program, scope, wiring)
    document = job_document(
        name, body, scope, wiring, task=work.task, models=dict(work.models) or None
    )
    step = Step(name=name, document=document)
    # Vertex AI bounds the running alone; the launcher bounds the whole.
    return step.within(int(work.spot.max_wait.total_seconds())) if work.spot else step
