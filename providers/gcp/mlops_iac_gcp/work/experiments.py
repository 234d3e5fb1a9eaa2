"""The run of an experiment: a context of Vertex AI's metadata, written when a training has ended.

In the shape of Google's own client, so that it and the console compare runs:
https://github.com/googleapis/python-aiplatform/blob/main/google/cloud/aiplatform/metadata/experiment_run_resource.py
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.faults import is_taken
from mlops_iac_gcp.work.launch import Launch

API = "aiplatform.v1"
CONTEXTS = "projects.locations.metadataStores.contexts"
COMPLETE, FAILED = "COMPLETE", "FAILED"
"""Words of `Execution.State`, discovery aiplatform.v1."""


def record(launch: Launch, state: str, metrics: Mapping[str, float]) -> None:
    """Write the run into the experiment of its job; nothing without one. Twice leaves one run."""
    wanted = launch.document.get("experiment")
    if wanted is None:
        return
    store = f"{launch.where.parent}/metadataStores/default"
    experiment = f"{store}/contexts/{wanted['id']}"
    identity = f"{wanted['id']}-{launch.run}"
    metadata = {"_params": wanted["parameters"], "_metrics": dict(metrics), "_state": state}
    _write(launch, store, identity, metadata)
    child = {"childContexts": [f"{store}/contexts/{identity}"]}
    adding = f"{CONTEXTS}.addContextChildren"
    rest.call(launch.where, API, adding, {"context": experiment}, child, repeatable=True)


def _write(launch: Launch, store: str, identity: str, metadata: Mapping[str, Any]) -> None:
    body = {
        "displayName": launch.run,
        "schemaTitle": "system.ExperimentRun",
        "schemaVersion": "0.0.1",
        "metadata": metadata,
    }
    parameters = {"parent": store, "contextId": identity}
    try:
        rest.call(launch.where, API, f"{CONTEXTS}.create", parameters, body, repeatable=True)
    except ApiError as error:
        if not is_taken(error):
            raise
        known = {"name": f"{store}/contexts/{identity}", "updateMask": "metadata"}
        rest.call(launch.where, API, f"{CONTEXTS}.patch", known, {"metadata": metadata})
