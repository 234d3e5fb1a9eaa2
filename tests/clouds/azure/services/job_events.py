"""What Event Grid is told of Azure ML's jobs.

https://learn.microsoft.com/azure/event-grid/event-schema-machine-learning. Members are spelled as
in the filters of https://learn.microsoft.com/azure/machine-learning/how-to-monitor-model-performance.
"""

import uuid

from tests.clouds.azure.calls import Body
from tests.clouds.azure.services.job_names import workspace_of
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_EVENT = "Microsoft.MachineLearningServices"


def tell(world: World, record: Record, status: str) -> None:
    """Tell that a job's status has changed, and that it has completed when it has."""
    properties = record.properties
    title = properties.get("experimentName", "Default")
    workspace = workspace_of(record.id)
    own = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{workspace}/experiments/{title}".lower()))
    data: Body = {"ExperimentId": own, "ExperimentName": title, "RunId": record.name}
    data |= {"RunType": f"azureml.{record.hidden.get('run type') or _run_type(properties)}"}
    data |= {"RunTags": dict(properties.get("tags") or {})}
    data |= {"RunProperties": dict(properties.get("properties") or {})}
    subject = f"experiments/{own}/runs/{record.name}"
    changed = {**data, "RunStatus": status}
    world.emit(workspace, f"{_EVENT}.RunStatusChanged", subject, changed)
    if status == "Completed":
        world.emit(workspace, f"{_EVENT}.RunCompleted", subject, data)


_RUN_TYPES = {"Pipeline": "PipelineRun", "Sweep": "HyperDrive"}


def _run_type(properties: Body) -> str:
    return _RUN_TYPES.get(properties.get("jobType", ""), "scriptrun")
