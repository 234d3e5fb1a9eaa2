"""The resources that are one thing in one collection: a row each."""

from typing import Any

from mlops_iac.names import NameRule
from mlops_iac_gcp import lro
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.resources.collection import CollectionHandler
from mlops_iac_gcp.resources.kind import Kind
from mlops_iac_gcp.resources.runs import KEY, OWN, RunHandler
from mlops_iac_gcp.resources.working import Work

V1, V1BETA1 = "aiplatform.v1", "aiplatform.v1beta1"
HERE = "projects.locations"
_RUN_OUTPUTS = ("state", "createTime", "startTime", "endTime", "error")


class CustomJobHandler(RunHandler):
    """A training or other job of one's own containers."""

    token = "mlops-iac:gcp:CustomJob"  # noqa: S105
    kind = Kind(
        title="custom job",
        api=V1,
        collection=f"{HERE}.customJobs",
        schema="CustomJob",
        outputs=(*_RUN_OUTPUTS, "webAccessUris"),
        own=OWN,
        keys=frozenset({KEY}),
    )


class HyperparameterTuningJobHandler(RunHandler):
    """A search for the best hyperparameters of a job."""

    token = "mlops-iac:gcp:HyperparameterTuningJob"  # noqa: S105
    kind = Kind(
        title="hyperparameter tuning job",
        api=V1,
        collection=f"{HERE}.hyperparameterTuningJobs",
        schema="HyperparameterTuningJob",
        outputs=(*_RUN_OUTPUTS, "trials"),
        own=OWN,
        keys=frozenset({KEY}),
    )


class BatchPredictionJobHandler(RunHandler):
    """Predictions for a whole table or folder."""

    token = "mlops-iac:gcp:BatchPredictionJob"  # noqa: S105
    kind = Kind(
        title="batch prediction job",
        api=V1,
        collection=f"{HERE}.batchPredictionJobs",
        schema="BatchPredictionJob",
        outputs=(*_RUN_OUTPUTS, "modelVersionId", "outputInfo", "completionStats"),
        own=OWN,
        keys=frozenset({KEY}),
    )


class PipelineJobHandler(RunHandler):
    """One run of a compiled pipeline."""

    token = "mlops-iac:gcp:PipelineJob"  # noqa: S105
    kind = Kind(
        title="pipeline job",
        api=V1,
        collection=f"{HERE}.pipelineJobs",
        schema="PipelineJob",
        id_input="pipelineJobId",
        id_rule=NameRule(
            max_length=127,
            pattern=r"[a-z][-a-z0-9]{0,126}",
            source="discovery aiplatform.v1, pipelineJobs.create pipelineJobId",
        ),
        outputs=_RUN_OUTPUTS,
        own=OWN,
        keys=frozenset({KEY}),
    )


class ModelMonitorHandler(CollectionHandler):
    """What is watched of a model's versions, and by which thresholds."""

    token = "mlops-iac:gcp:ModelMonitor"  # noqa: S105
    kind = Kind(
        title="model monitor",
        api=V1BETA1,
        collection=f"{HERE}.modelMonitors",
        schema="ModelMonitor",
        # google-cloud-aiplatform 2.7, `ModelMonitor.update`
        patched=frozenset(
            {
                "displayName",
                "explanationSpec",
                "modelMonitoringSchema",
                "notificationSpec",
                "outputSpec",
                "tabularObjective",
                "trainingDataset",
            }
        ),
        id_input="modelMonitorId",
        id_rule=NameRule(
            max_length=63,
            pattern=r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
            source="discovery aiplatform.v1beta1, modelMonitors.create modelMonitorId",
        ),
        outputs=("createTime",),
    )


class ModelMonitoringScheduleHandler(CollectionHandler):
    """When a model monitor looks."""

    token = "mlops-iac:gcp:ModelMonitoringSchedule"  # noqa: S105
    kind = Kind(
        title="model monitoring schedule",
        api=V1BETA1,
        collection=f"{HERE}.schedules",
        schema="Schedule",
        # google-cloud-aiplatform 2.7, `ModelMonitor.update_schedule`
        patched=frozenset(
            {
                "allowQueueing",
                "createModelMonitoringJobRequest",
                "cron",
                "displayName",
                "endTime",
                "maxConcurrentActiveRunCount",
                "maxConcurrentRunCount",
                "maxRunCount",
                "startTime",
            }
        ),
        outputs=("state", "createTime"),
    )


class FeatureMonitorHandler(CollectionHandler):
    """What is watched of a feature group's values."""

    token = "mlops-iac:gcp:FeatureMonitor"  # noqa: S105
    kind = Kind(
        title="feature monitor",
        api=V1BETA1,
        collection=f"{HERE}.featureGroups.featureMonitors",
        schema="FeatureMonitor",
        # discovery aiplatform.v1beta1, featureMonitors.patch updateMask
        patched=frozenset({"description", "featureSelectionConfig", "labels", "scheduleConfig"}),
        parent="featureGroup",
        id_input="featureMonitorId",
        id_rule=NameRule(
            max_length=60,
            separator="_",
            pattern=r"[a-z_][a-z0-9_]{0,59}",
            source="discovery aiplatform.v1beta1, featureMonitors.create featureMonitorId",
        ),
        outputs=("createTime",),
    )


class ExperimentHandler(CollectionHandler):
    """An experiment of Vertex AI: a context in the default metadata store.

    https://github.com/googleapis/python-aiplatform/blob/main/google/cloud/aiplatform/metadata/experiment_resources.py
    """

    token = "mlops-iac:gcp:Experiment"  # noqa: S105
    kind = Kind(
        title="experiment",
        api=V1,
        collection=f"{HERE}.metadataStores.contexts",
        schema="Context",
        patched=frozenset({"description", "displayName", "labels", "metadata"}),
        id_input="contextId",
        id_rule=NameRule(
            max_length=128,
            min_length=4,
            pattern=r"[a-z0-9][a-z0-9-]{3,127}",
            source="discovery aiplatform.v1, contexts.create contextId",
        ),
        constants={"schemaTitle": "system.Experiment", "schemaVersion": "0.0.1"},
        outputs=("createTime",),
    )

    def prepare(self, work: Work) -> None:
        """Make the location's default metadata store; a project begins without one.

        It is everybody's: its creation is not written down as this resource's.
        """
        parameters = {"parent": work.place.parent, "metadataStoreId": "default"}
        store, name = _store(work), f"{HERE}.metadataStores.create"
        while found(work.ask, V1, f"{HERE}.metadataStores.get", {"name": store}) is None:
            try:
                work.awaited(V1, work.ask(V1, name, parameters, {}, repeatable=True), "create")
            except ApiError as error:
                if not is_taken(error):
                    raise
                # Somebody else's creation goes on, or that of a call that was killed.
                work.others(V1, store)
                work.call.wait(lro.FIRST_POLL_SECONDS)

    def parent(self, work: Work, inputs: Any) -> str:  # noqa: ARG002  the base class's
        """Return the name of the default metadata store."""
        return _store(work)


def _store(work: Work) -> str:
    return f"{work.place.parent}/metadataStores/default"
