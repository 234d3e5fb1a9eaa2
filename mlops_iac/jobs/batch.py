"""Predictions for a whole dataset: the job that answers as the server does."""

from collections.abc import Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import data_format, data_needs
from mlops_iac.jobs.data import inputs_of
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.keys import run_key
from mlops_iac.jobs.processing import Processing, runtime_command
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.run_key import data_versions, plain_environment
from mlops_iac.specs import BatchInference, DataFormat, RegisteredModel
from mlops_iac.specs.jobs import data_inputs
from mlops_iac.wiring import producers

OUTPUT = "predictions"
MODEL = "model"


def batch_job(
    spec: BatchInference, context: BuildContext, reads: Mapping[str, Any], **own: Any
) -> Job:
    """Return the answering of a dataset.

    Args:
        spec: what is declared.
        context: the component that is built.
        reads: the version that a run answers with, as its step finds it when it starts.
        own: its `build` and `uploads`.
    """
    decides = {
        "job": spec.name,
        "task": batch_task(spec, context),
        "model": str(spec.model),
        "data": data_versions(data_inputs(spec.data), context.project_dir, context.specs),
        "environment": plain_environment(spec.environment),
    }
    return Job(
        spec=spec,
        description=f"{spec.model} for {spec.data}",
        field="model",
        key=run_key(decides, context),
        is_kept_by_execution=True,
        timeout_seconds=int(spec.timeout.total_seconds()),
        needs=[*data_needs([spec.data], context.specs), str(spec.model.name)],
        facts={"reads": reads},
        **own,
    )


def batch_work(
    spec: BatchInference,
    reads: Mapping[str, Any],
    variables: Mapping[str, Any],
    scope: Scope,
    wiring: Wiring,
) -> Processing:
    """Return what answers, with the version that it reads and the user's variables."""
    name = str(spec.model.name)
    model = scope.specs.get(name)
    trusts = isinstance(model, RegisteredModel) and model.trust_pickle
    trainer = next((job.name for job in producers(name, scope.specs.values())), "")
    return Processing(
        job=spec.name,
        command=runtime_command("batch"),
        # In the image of the job that trains it, a model can be loaded.
        image=wiring.image_of(trainer),
        inputs=inputs_of(data_inputs(spec.data), scope, wiring),
        task=batch_task(spec, scope),
        models={MODEL: reads},
        environment={**variables, contract.TRUST_PICKLE: contract.flag(value=trusts)},
        compute=spec.compute,
        timeout=spec.timeout,
    )


def batch_task(spec: BatchInference, scope: Scope) -> dict[str, Any]:
    """Return what the runtime is told of the data, less the model."""
    (name,) = data_inputs(spec.data)
    form = data_format(spec.data, scope.specs) or DataFormat.PARQUET
    return {"input": name, "format": form.value, "keep": list(spec.keep)}
