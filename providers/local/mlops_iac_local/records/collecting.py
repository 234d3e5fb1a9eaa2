"""One document of all records."""

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope
from mlops_iac.records import StackRecords
from mlops_iac_local.files import utc_now
from mlops_iac_local.jobs.runs import all_runs
from mlops_iac_local.layout import Layout
from mlops_iac_local.records.endpoints import endpoint_records
from mlops_iac_local.records.policies import policy_records
from mlops_iac_local.records.runs import checks, pipeline_runs, searches, validations
from mlops_iac_local.records.versions import version_records


def collect(layout: Layout, scope: OperationScope) -> StackRecords:
    """Return all that a stack has done and is now; asks its servers, changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    if not layout.owner.exists():
        raise OperationError(
            f"stack `{scope.stack}` of `{scope.project}` has no records here",
            remedy=f"`mlops-iac up -s {scope.stack}` makes it; `-s` names another",
        )
    runs = all_runs(layout)
    return StackRecords(
        project=scope.project,
        stack=scope.stack,
        target="local",
        made=utc_now(),
        place=str(layout.root),
        runs=tuple(runs),
        versions=tuple(version_records(layout)),
        endpoints=tuple(endpoint_records(layout)),
        pipelines=tuple(pipeline_runs(layout, runs)),
        searches=tuple(searches(layout, runs)),
        checks=tuple(checks(layout, runs)),
        validations=tuple(validations(layout, runs)),
        policies=tuple(policy_records(layout)),
    )
