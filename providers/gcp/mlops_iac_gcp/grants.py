"""Permission by intent, as Google Cloud spells it: least privilege, as data.

Predefined roles are bound on one resource where the resource has a policy of its own; what would
need a broad predefined role (`roles/aiplatform.user` also deletes) is a custom role of exactly
the permissions named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mlops_iac.provider import PURPOSES, Grant, Purpose
from mlops_iac_gcp import place


class On(StrEnum):
    """Where a role is bound."""

    BUCKET = "artifact bucket"
    FOLDERS = "folders of the artifact bucket"
    REPOSITORY = "image repository"
    PROJECT = "project"
    SECRET = "each secret, by the component that names it"  # noqa: S105  a place, not a secret
    SERVICE_AGENT = "Google's service agents, which act for the identity"


@dataclass(frozen=True)
class Binding:
    """A role, or the permissions of a custom one, and where it is bound."""

    on: On
    role: str = ""
    permissions: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Beginnings of the objects' names, where it is bound on folders."""
    acts_as: Purpose | None = None
    """The identity that it may start work as."""


def _writes(*folders: str) -> Binding:
    return Binding(On.FOLDERS, "roles/storage.objectUser", folders=folders)


# Roles: https://cloud.google.com/iam/docs/understanding-roles ; permissions:
# https://cloud.google.com/vertex-ai/docs/general/iam-permissions
GRANTS: Mapping[Grant, tuple[Binding, ...]] = {
    Grant.READ_ARTIFACTS: (Binding(On.BUCKET, "roles/storage.objectViewer"),),
    Grant.WRITE_ARTIFACTS: (_writes(*place.WRITTEN_BY_JOBS),),
    Grant.PULL_IMAGES: (Binding(On.REPOSITORY, "roles/artifactregistry.reader"),),
    Grant.WRITE_LOGS: (Binding(On.PROJECT, "roles/logging.logWriter"),),
    Grant.WRITE_METRICS: (Binding(On.PROJECT, "roles/monitoring.metricWriter"),),
    Grant.TRACK_RUNS: (
        Binding(
            On.PROJECT,
            permissions=(
                "aiplatform.contexts.addContextChildren",
                "aiplatform.contexts.create",
                "aiplatform.contexts.get",
                "aiplatform.contexts.update",
                "aiplatform.tensorboards.get",
                "aiplatform.tensorboardExperiments.create",
                "aiplatform.tensorboardExperiments.get",
                "aiplatform.tensorboardExperiments.list",
                "aiplatform.tensorboardExperiments.update",
                "aiplatform.tensorboardExperiments.write",
                "aiplatform.tensorboardRuns.create",
                "aiplatform.tensorboardRuns.get",
                "aiplatform.tensorboardRuns.list",
                "aiplatform.tensorboardRuns.update",
                "aiplatform.tensorboardRuns.write",
                "aiplatform.tensorboardTimeSeries.create",
                "aiplatform.tensorboardTimeSeries.get",
                "aiplatform.tensorboardTimeSeries.list",
                "aiplatform.tensorboardTimeSeries.update",
            ),
        ),
    ),
    Grant.READ_SECRETS: (Binding(On.SECRET, "roles/secretmanager.secretAccessor"),),
    Grant.USE_KEY: (Binding(On.SERVICE_AGENT, "roles/cloudkms.cryptoKeyEncrypterDecrypter"),),
    Grant.USE_NETWORK: (
        Binding(
            On.SERVICE_AGENT,
            permissions=(
                "compute.networkAttachments.get",
                "compute.networkAttachments.update",
                "compute.regionOperations.get",
            ),
        ),
    ),
    Grant.RUN_TRAINING: (
        # What a launcher is told, and tells, of its run.
        _writes(place.RUNS),
        Binding(
            On.PROJECT,
            permissions=(
                "aiplatform.customJobs.cancel",
                "aiplatform.customJobs.create",
                "aiplatform.customJobs.get",
                "aiplatform.customJobs.list",
                "aiplatform.hyperparameterTuningJobs.cancel",
                "aiplatform.hyperparameterTuningJobs.create",
                "aiplatform.hyperparameterTuningJobs.get",
                "aiplatform.hyperparameterTuningJobs.list",
                "aiplatform.pipelineJobs.cancel",
                "aiplatform.pipelineJobs.create",
                "aiplatform.pipelineJobs.get",
                "aiplatform.pipelineJobs.list",
            ),
            acts_as=Purpose.TRAINING,
        ),
        # A schedule and a policy start pipelines that run as the identity that they run as.
        Binding(On.PROJECT, acts_as=Purpose.PIPELINE),
    ),
    Grant.REGISTER_MODEL: (
        _writes(place.MODELS),
        Binding(
            On.PROJECT,
            permissions=(
                "aiplatform.models.get",
                "aiplatform.models.list",
                "aiplatform.models.update",
                "aiplatform.models.upload",
            ),
        ),
    ),
    Grant.DEPLOY_MODEL: (
        _writes(place.DEPLOYMENTS),
        Binding(
            On.PROJECT,
            permissions=(
                "aiplatform.endpoints.deploy",
                "aiplatform.endpoints.get",
                "aiplatform.endpoints.list",
                "aiplatform.endpoints.undeploy",
                "aiplatform.endpoints.update",
                "aiplatform.models.delete",
                "aiplatform.models.get",
                "aiplatform.models.list",
                "aiplatform.models.update",
                "aiplatform.models.upload",
                "aiplatform.operations.list",
                # What a version that takes over answers.
                "monitoring.timeSeries.list",
                # A serverless endpoint; it goes when its first version does not start.
                "run.operations.get",
                "run.revisions.get",
                "run.revisions.list",
                "run.services.create",
                "run.services.delete",
                "run.services.get",
                "run.services.update",
            ),
            acts_as=Purpose.SERVING,
        ),
    ),
    Grant.INVOKE_ENDPOINT: (
        Binding(On.PROJECT, permissions=("aiplatform.endpoints.predict", "run.routes.invoke")),
    ),
}
"""Every intent; a grant to Google's service agents is made once, not for each identity."""

ACT_AS = "roles/iam.serviceAccountUser"
"""Bound on one service account, never on the project."""

BUILDER: tuple[Binding, ...] = (
    Binding(On.FOLDERS, "roles/storage.objectViewer", folders=(place.IMAGES,)),
    Binding(On.REPOSITORY, "roles/artifactregistry.writer"),
    Binding(On.PROJECT, "roles/logging.logWriter"),
)
"""What builds of images run with: https://cloud.google.com/build/docs/securing-builds."""

FILL_WRITES, FILL_TABLES, SERVE_TABLES = (
    "roles/storage.objectUser",
    "roles/bigquery.dataEditor",
    "roles/bigquery.dataViewer",
)
"""Of what fills a feature group, on the group's own folder and on its own dataset; and of Vertex
AI, which synchronises the online store, on that dataset."""
FILL_PERMISSIONS: tuple[str, ...] = (
    "aiplatform.featureViewSyncs.get",
    "aiplatform.featureViewSyncs.list",
    "aiplatform.featureViews.sync",
    "bigquery.jobs.create",
)
"""What filling a feature group needs beside that, in the project."""

LOOP_WRITES, TOPIC_PUBLISHER, TRAFFIC_READER = (
    "roles/storage.objectUser",
    "roles/pubsub.publisher",
    "roles/bigquery.dataViewer",
)
"""Of monitors and policies: on the component's own folder, on its own topic, and on the dataset
that its endpoint is logged in."""
MONITOR_PERMISSIONS: tuple[str, ...] = ("bigquery.jobs.create", "monitoring.timeSeries.create")
"""What checking traffic needs beside that, in the project."""
STARTER_PERMISSIONS: tuple[str, ...] = (
    "aiplatform.pipelineJobs.create",
    "aiplatform.pipelineJobs.get",
    "eventarc.events.receiveEvent",
    "workflows.executions.create",
)
"""What takes a message to a run of a policy, and nothing else."""
FOLLOWER_PERMISSIONS: tuple[str, ...] = ("workflows.executions.create",)
"""What has a policy look again at the end of the run that it has started."""

TRACKER_READS, TRACKER_WRITES, TRACKER_CALLS = (
    "roles/storage.objectViewer",
    "roles/storage.objectUser",
    "roles/run.invoker",
)
"""Of a tracking server, and of trainings: on the folder of its runs' files, and on the service."""
TRACKER_PERMISSIONS: tuple[str, ...] = (
    "cloudsql.instances.connect",
    "cloudsql.instances.get",
    "cloudsql.instances.login",
)
"""Of a tracking server, on its own database."""
CALLER_PERMISSIONS: tuple[str, ...] = ("run.routes.invoke",)
"""Of what Pub/Sub calls an asynchronous endpoint as. On the project: its service begins with the
first version, which may be long after."""

KEY_AGENTS: Mapping[str, str] = {
    "aiplatform": "service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com",
    "artifactregistry": "service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "bigquery": "bq-{number}@bigquery-encryption.iam.gserviceaccount.com",
    "logging": "service-{number}@gcp-sa-logging.iam.gserviceaccount.com",
    "pubsub": "service-{number}@gcp-sa-pubsub.iam.gserviceaccount.com",
    "run": "service-{number}@serverless-robot-prod.iam.gserviceaccount.com",
    "sqladmin": "service-{number}@gcp-sa-cloud-sql.iam.gserviceaccount.com",
    "storage": "service-{number}@gs-project-accounts.iam.gserviceaccount.com",
    "workflows": "service-{number}@gcp-sa-workflows.iam.gserviceaccount.com",
}
"""Who encrypts at rest for us. https://cloud.google.com/iam/docs/service-agents

An agent has to exist before a policy may name it: `FIRST_ASKED` are made by asking, `IDENTIFIED`
by `gcp.projects.ServiceIdentity`, that of Vertex AI with the platform, and that of Cloud Logging
with the project.
"""
IDENTIFIED = ("artifactregistry", "pubsub", "run", "sqladmin", "workflows")
FIRST_ASKED = ("bigquery", "storage")


def bindings(purpose: Purpose) -> tuple[tuple[Grant, Binding], ...]:
    """Return what the identity of `purpose` is bound to, with the intent of each."""
    return tuple((grant, binding) for grant in PURPOSES[purpose] for binding in GRANTS[grant])


def permissions(purpose: Purpose) -> tuple[str, ...]:
    """Return the permissions of the custom role of `purpose`; empty when it needs none."""
    own = {
        permission
        for _, binding in bindings(purpose)
        if binding.on is On.PROJECT
        for permission in binding.permissions
    }
    return tuple(sorted(own))
