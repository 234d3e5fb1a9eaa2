"""`DataValidation` on this machine: a run of pandera that others wait for."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.data_flow import data_format, data_needs, is_made_by_up, unreadable_data
from mlops_iac.outputs import DataValidationOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import data_versions
from mlops_iac.specs import DataValidation
from mlops_iac.specs.dataset import DataFormat
from mlops_iac.specs.jobs import Wait, data_inputs
from mlops_iac_local.job_adapting import data_facts, register_job
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.packages import DATA, package_versions

_DISTRIBUTIONS = ("pandera", *DATA)


class DataValidationAdapter:
    """Maps `DataValidation`."""

    def check(self, spec: DataValidation, scope: Scope) -> Iterable[Problem]:
        """Find data without columns."""
        yield from unreadable_data(spec, spec.data, scope.specs)

    def build(self, spec: DataValidation, context: BuildContext) -> DataValidationOutputs:
        """Register the contract, and its check of data that is there after `up`."""
        # What only a pipeline makes is checked by the pipeline.
        is_there = is_made_by_up(spec.data, context.specs)
        job = register_job(
            spec,
            context,
            _definition(spec, context),
            field="columns",
            needs=data_needs([spec.data], context.specs, but=spec.name),
            wait=Wait.FINISHED if is_there else None,
        )
        return DataValidationOutputs(**job.outputs(), report=job.of_run("report"))


def _definition(spec: DataValidation, context: BuildContext) -> dict[str, Any]:
    inputs = data_inputs(spec.data)
    (name,) = inputs
    task = {
        "input": name,
        "format": (data_format(spec.data, context.specs) or DataFormat.PARQUET).value,
        "columns": {
            column: expected.model_dump(mode="json") for column, expected in spec.columns.items()
        },
        "min_rows": spec.min_rows,
        "max_rows": spec.max_rows,
    }
    outcome = {
        "job": spec.name,
        "task": task,
        "data": data_versions(inputs, context.project_dir, context.specs),
        "packages": package_versions(_DISTRIBUTIONS),
    }
    return {
        **data_facts(inputs, context),
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac.runtime.validate",
        "packages": outcome["packages"],
        "task": task,
    }
