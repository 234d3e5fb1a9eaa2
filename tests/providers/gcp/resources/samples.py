"""A smallest declaration of each resource that is one thing in one collection."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.running import Cloud

POOL: Mapping[str, Any] = {
    "machineSpec": {"machineType": "n1-standard-4"},
    "replicaCount": 1,
    "containerSpec": {"imageUri": "europe-docker.pkg.dev/shop/train@sha256:1"},
}
JOB_SPEC: Mapping[str, Any] = {"workerPoolSpecs": [POOL]}
CUSTOM_JOB: Mapping[str, Any] = {
    "displayName": "train",
    "jobSpec": JOB_SPEC,
    "labels": {"team": "shop"},
}
PIPELINE_JOB: Mapping[str, Any] = {
    "displayName": "train",
    "pipelineSpec": {"pipelineInfo": {"name": "train"}, "root": {}, "schemaVersion": "2.1.0"},
    "runtimeConfig": {"gcsOutputDirectory": "gs://shop/runs"},
}
TUNING_JOB: Mapping[str, Any] = {
    "displayName": "search",
    "maxTrialCount": 4,
    "parallelTrialCount": 2,
    "studySpec": {
        "metrics": [{"metricId": "auc", "goal": "MAXIMIZE"}],
        "parameters": [
            {"parameterId": "c", "doubleValueSpec": {"minValue": 0.1, "maxValue": 10.0}}
        ],
    },
    "trialJobSpec": JOB_SPEC,
}
EXPERIMENT: Mapping[str, Any] = {"displayName": "churn", "metadata": {"owner": "shop"}}
MODEL: Mapping[str, Any] = {
    "displayName": "churn",
    "artifactUri": "gs://shop/models/1",
    "containerSpec": {"imageUri": "europe-docker.pkg.dev/shop/serve@sha256:1"},
    "labels": {"team": "shop"},
}
SIZES: Mapping[str, Any] = {
    "machineSpec": {"machineType": "n1-standard-2"},
    "minReplicaCount": 1,
    "maxReplicaCount": 2,
}


def batch_prediction_job(model: str) -> dict[str, Any]:
    """Return a job that predicts with a model."""
    return {
        "displayName": "score",
        "model": model,
        "inputConfig": {
            "instancesFormat": "jsonl",
            "gcsSource": {"uris": ["gs://shop/in.jsonl"]},
        },
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": "gs://shop/out"},
        },
        "dedicatedResources": {"machineSpec": {"machineType": "n1-standard-4"}},
    }


def model_monitor(model: str) -> dict[str, Any]:
    """Return a monitor of a model's first version."""
    target = {"vertexModel": {"model": model, "modelVersionId": "1"}}
    return {"displayName": "watch", "modelMonitoringTarget": target}


def monitoring_schedule(cloud: Cloud, monitor: str) -> dict[str, Any]:
    """Return a schedule of a monitor's looks."""
    return {
        "displayName": "nightly",
        "cron": "0 3 * * *",
        "maxConcurrentRunCount": 1,
        "createModelMonitoringJobRequest": {
            "parent": monitor,
            "modelMonitoringJob": {"displayName": f"watch in {cloud.region}"},
        },
    }


def feature_monitor(group: str) -> dict[str, Any]:
    """Return a monitor of a feature group's feature."""
    return {
        "featureGroup": group,
        "description": "drift",
        "featureSelectionConfig": {"featureConfigs": [{"featureId": "age", "driftThreshold": 0.2}]},
        "scheduleConfig": {"cron": "0 3 * * *"},
    }
