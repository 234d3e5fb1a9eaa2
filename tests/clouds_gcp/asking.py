"""Requests that several tests make."""

from typing import Any

from tests.clouds.gcp.running import Cloud

IMAGE = "europe-west4-docker.pkg.dev/mlops-test/images/serve:1"
MACHINE: Any = {"machineSpec": {"machineType": "n1-standard-4"}, "minReplicaCount": 1}


def finished(cloud: Cloud, service: str, operation: Any, version: str = "v1") -> Any:
    """Wait for an operation; return it. Its looks are few, and none waits for time."""
    for _ in range(20):
        if operation.get("done"):
            return operation
        operation = cloud.call("GET", f"{service}/{version}/{operation['name']}")
    raise AssertionError(f"never ended: {operation}")


def vertex(cloud: Cloud, verb: str, path: str, body: Any = None) -> Any:
    """Call Vertex AI below the cloud's location; wait for what takes an operation."""
    told = cloud.call(verb, f"aiplatform/v1/{cloud.location}/{path}", body)
    if "/operations/" in told.get("name", ""):
        told = finished(cloud, "aiplatform", told)
        return told.get("response") or told["error"]
    return told


def upload(cloud: Cloud, **request: Any) -> Any:
    """Upload a model's version; return the response."""
    model = {"displayName": "churn", "containerSpec": {"imageUri": IMAGE}}
    model |= request.pop("model", {})
    return vertex(cloud, "POST", "models:upload", {"model": model, **request})


def endpoint(cloud: Cloud, own: str = "7") -> str:
    """Make an endpoint; return its path below the location."""
    vertex(cloud, "POST", f"endpoints?endpointId={own}", {"displayName": "churn"})
    return f"endpoints/{own}"


def deploy(cloud: Cloud, place: str, model: str, own: str, **split: int) -> Any:
    """Deploy a model under an id, with the split that is to hold (`_` stands before an id)."""
    asked = {"model": model, "id": own, "dedicatedResources": MACHINE}
    traffic = {key.removeprefix("_"): value for key, value in split.items()}
    body = {"deployedModel": asked, "trafficSplit": traffic}
    return vertex(cloud, "POST", f"{place}:deployModel", body)


def custom_job(**more: Any) -> Any:
    """Return a custom job's request."""
    pool = {"containerSpec": {"imageUri": IMAGE}, "replicaCount": "1"}
    pool["machineSpec"] = {"machineType": "n1-standard-4"}
    return {"displayName": "train", "jobSpec": {"workerPoolSpecs": [pool]}, **more}


def pipeline_job(**more: Any) -> Any:
    """Return a pipeline job's request."""
    config = {"gcsOutputDirectory": "gs://bucket/runs"}
    return {"displayName": "train", "pipelineSpec": {"root": {}}, "runtimeConfig": config, **more}
