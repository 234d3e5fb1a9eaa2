"""Contracts on data: the job that checks one."""

from typing import Any

from mlops_iac.data_flow import data_format, data_needs
from mlops_iac.jobs.data import inputs_of
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.keys import run_key
from mlops_iac.jobs.processing import Processing, runtime_command
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.run_key import data_versions
from mlops_iac.specs import DataFormat, DataValidation
from mlops_iac.specs.jobs import data_inputs


def validation_job(spec: DataValidation, context: BuildContext, **own: Any) -> Job:
    """Return the check of a contract; `own` is its `build`."""
    decides = {
        "job": spec.name,
        "task": validation_task(spec, context),
        "data": data_versions(data_inputs(spec.data), context.project_dir, context.specs),
    }
    return Job(
        spec=spec,
        description=f"{len(spec.columns)} columns of {spec.data}",
        field="columns",
        key=run_key(decides, context),
        timeout_seconds=int(spec.timeout.total_seconds()),
        needs=data_needs([spec.data], context.specs, but=spec.name),
        **own,
    )


def validation_work(spec: DataValidation, scope: Scope, wiring: Wiring) -> Processing:
    """Return what checks; it fails when the contract does not hold."""
    return Processing(
        job=spec.name,
        command=runtime_command("validate"),
        inputs=inputs_of(data_inputs(spec.data), scope, wiring),
        task=validation_task(spec, scope),
        compute=spec.compute,
        timeout=spec.timeout,
    )


def validation_task(spec: DataValidation, scope: Scope) -> dict[str, Any]:
    """Return what the runtime is told of a contract."""
    (name,) = data_inputs(spec.data)
    return {
        "input": name,
        "format": (data_format(spec.data, scope.specs) or DataFormat.PARQUET).value,
        "columns": {
            column: expected.model_dump(mode="json") for column, expected in spec.columns.items()
        },
        "min_rows": spec.min_rows,
        "max_rows": spec.max_rows,
    }
