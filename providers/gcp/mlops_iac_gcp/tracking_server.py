"""A tracking server of its own: MLflow on Cloud Run, which sleeps; its database, which does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ExperimentTracker
from mlops_iac.specs.experiment_tracker import ServerSize
from mlops_iac_gcp import facts, names, place, sdk
from mlops_iac_gcp.grants import TRACKER_CALLS, TRACKER_PERMISSIONS, TRACKER_READS, TRACKER_WRITES
from mlops_iac_gcp.identities import member
from mlops_iac_gcp.image_build import job_image
from mlops_iac_gcp.tracking_database import DATABASE, Database, add_database, is_private

REQUIREMENTS = "tracking_requirements.txt"
COMMAND = ("python", "-m", "mlops_iac_gcp.work")
SOCKETS = "/cloudsql"
_SOCKETS_VOLUME = "cloudsql"
_PORT = 8080
_PROBE_SECONDS, _PROBES = 10, 24
"""An instance has four minutes, the most that Cloud Run gives, to make or change its tables."""
_CONCURRENCY, _TIMEOUT = 40, "300s"


@dataclass(frozen=True)
class Machine:
    """How much of Cloud Run a server takes."""

    cpu: str
    memory: str
    instances: int
    """Most at the same time; none while nobody asks."""


MACHINES: Mapping[ServerSize, Machine] = {
    ServerSize.SMALL: Machine("1", "2Gi", 2),
    ServerSize.MEDIUM: Machine("2", "4Gi", 4),
    ServerSize.LARGE: Machine("4", "8Gi", 8),
}


def add_server(spec: ExperimentTracker, context: BuildContext) -> sdk.gcp.cloudrunv2.Service:
    """Register a tracker's server with all that it stands on, and let trainings ask it."""
    assert spec.server is not None  # noqa: S101  why it is called
    account = _account(spec, context)
    database = add_database(context, spec.name, spec.server.size, account.email)
    rights = [*_own_role(spec, context, account), _reads(spec, context, account)]
    service = _service(spec, context, account, database, rights)
    _let_train(spec, context, service)
    return service


def artifacts(spec: ExperimentTracker) -> str:
    """Return the folder in which runs leave their files."""
    return place.tracking_prefix(spec.name)


# --- who it is, and what it may


def _account(spec: ExperimentTracker, context: BuildContext) -> sdk.gcp.serviceaccount.Account:
    return sdk.gcp.serviceaccount.Account(
        context.name("server-account"),
        account_id=context.physical_name(names.SERVICE_ACCOUNT, "tracker", spec.name),
        project=facts.project(context),
        display_name=f"{context.project} {context.stack} {spec.name}",
        description=f"mlops-iac: MLflow's server of {spec.name}",
        opts=context.opts("server"),
    )


def _own_role(
    spec: ExperimentTracker, context: BuildContext, account: sdk.gcp.serviceaccount.Account
) -> list[Any]:
    """Let the server into its own database, and into no other of the project."""
    project = facts.project(context)
    role = sdk.gcp.projects.IAMCustomRole(
        context.name("server-permissions"),
        role_id=context.physical_name(names.ROLE, spec.name, "tracker"),
        project=project,
        title=f"{context.project} {context.stack} tracker {spec.name}",
        description="mlops-iac: what a tracking server needs of its database, and nothing else",
        permissions=list(TRACKER_PERMISSIONS),
        stage="GA",
        opts=context.opts("server"),
    )
    instance = f"projects/{project}/instances/{_instance_name(context, spec)}"
    bound = sdk.gcp.projects.IAMMember(
        context.name("server-role"),
        project=project,
        role=role.name,
        member=member(account.email),
        # https://cloud.google.com/sql/docs/postgres/iam-conditions
        condition=sdk.gcp.projects.IAMMemberConditionArgs(
            title="its own database only",
            expression=f'resource.name == "{instance}" && '
            'resource.type == "sqladmin.googleapis.com/Instance"',
        ),
        opts=context.opts("server"),
    )
    return [bound]


def _instance_name(context: BuildContext, spec: ExperimentTracker) -> str:
    return context.physical_name(names.SQL_INSTANCE, spec.name)


def _reads(
    spec: ExperimentTracker, context: BuildContext, account: sdk.gcp.serviceaccount.Account
) -> sdk.gcp.storage.BucketIAMMember:
    return _on_folder(spec, context, "server-reads", TRACKER_READS, account.email)


def _let_train(
    spec: ExperimentTracker, context: BuildContext, service: sdk.gcp.cloudrunv2.Service
) -> None:
    """Let trainings write of their runs, and put their files beside."""
    training = context.built_platform.identities[Purpose.TRAINING]
    _on_folder(spec, context, "training-writes", TRACKER_WRITES, training)
    sdk.gcp.cloudrunv2.ServiceIamMember(
        context.name("training-asks"),
        name=service.name,
        project=facts.project(context),
        location=facts.region(context),
        role=TRACKER_CALLS,
        member=member(training),
        opts=context.opts("server"),
    )


def _on_folder(
    spec: ExperimentTracker,
    context: BuildContext,
    suffix: str,
    role: str,
    email: sdk.pulumi.Output[str],
) -> sdk.gcp.storage.BucketIAMMember:
    folder = f"projects/_/buckets/{facts.bucket(context)}/objects/{artifacts(spec)}/"
    return sdk.gcp.storage.BucketIAMMember(
        context.name(suffix),
        bucket=context.built_platform.native["bucket"],
        role=role,
        member=member(email),
        condition=sdk.gcp.storage.BucketIAMMemberConditionArgs(
            title=f"runs of {spec.name} only",
            expression=f'resource.name.startsWith("{folder}")',
        ),
        opts=context.opts("server"),
    )


# --- the service


def _service(
    spec: ExperimentTracker,
    context: BuildContext,
    account: sdk.gcp.serviceaccount.Account,
    database: Database,
    rights: list[Any],
) -> sdk.gcp.cloudrunv2.Service:
    private = is_private(context)
    return sdk.gcp.cloudrunv2.Service(
        context.name("server"),
        name=context.physical_name(names.SERVICE, spec.name),
        project=facts.project(context),
        location=facts.region(context),
        description=f"Experiments of {context.project} ({context.stack})",
        labels=facts.labels(context),
        ingress=f"INGRESS_TRAFFIC_{'INTERNAL_ONLY' if private else 'ALL'}",
        # It holds nothing: what it knows is in the database.
        deletion_protection=False,
        template=_template(spec, context, account, database),
        opts=context.opts("server", depends_on=[*database.made, *rights]),
    )


def _template(
    spec: ExperimentTracker,
    context: BuildContext,
    account: sdk.gcp.serviceaccount.Account,
    database: Database,
) -> sdk.gcp.cloudrunv2.ServiceTemplateArgs:
    assert spec.server is not None  # noqa: S101  why it is called
    run, machine = sdk.gcp.cloudrunv2, MACHINES[spec.server.size]
    private = is_private(context)
    return run.ServiceTemplateArgs(
        labels=facts.labels(context),
        service_account=account.email,
        scaling=run.ServiceTemplateScalingArgs(
            min_instance_count=0, max_instance_count=machine.instances
        ),
        max_instance_request_concurrency=_CONCURRENCY,
        timeout=_TIMEOUT,
        execution_environment="EXECUTION_ENVIRONMENT_GEN2",
        encryption_key=context.built_platform.encryption_key,
        vpc_access=_inside(context) if private else None,
        volumes=None if private else [_sockets(database)],
        containers=[_container(spec, context, machine, database)],
    )


def _inside(context: BuildContext) -> sdk.gcp.cloudrunv2.ServiceTemplateVpcAccessArgs:
    native = context.built_platform.native
    interface = sdk.gcp.cloudrunv2.ServiceTemplateVpcAccessNetworkInterfaceArgs(
        network=native["network"], subnetwork=native["subnet"]
    )
    return sdk.gcp.cloudrunv2.ServiceTemplateVpcAccessArgs(
        egress="ALL_TRAFFIC", network_interfaces=[interface]
    )


def _sockets(database: Database) -> sdk.gcp.cloudrunv2.ServiceTemplateVolumeArgs:
    source = sdk.gcp.cloudrunv2.ServiceTemplateVolumeCloudSqlInstanceArgs(
        instances=[database.instance.connection_name]
    )
    return sdk.gcp.cloudrunv2.ServiceTemplateVolumeArgs(
        name=_SOCKETS_VOLUME, cloud_sql_instance=source
    )


def _container(
    spec: ExperimentTracker, context: BuildContext, machine: Machine, database: Database
) -> sdk.gcp.cloudrunv2.ServiceTemplateContainerArgs:
    run = sdk.gcp.cloudrunv2
    mount = run.ServiceTemplateContainerVolumeMountArgs(name=_SOCKETS_VOLUME, mount_path=SOCKETS)
    return run.ServiceTemplateContainerArgs(
        name="server",
        image=job_image(context, _requirements(), "server-image"),
        commands=list(COMMAND),
        args=_arguments(spec, context, database),
        ports=run.ServiceTemplateContainerPortsArgs(container_port=_PORT),
        resources=run.ServiceTemplateContainerResourcesArgs(
            limits={"cpu": machine.cpu, "memory": machine.memory},
            cpu_idle=True,
            startup_cpu_boost=True,
        ),
        startup_probe=run.ServiceTemplateContainerStartupProbeArgs(
            http_get=run.ServiceTemplateContainerStartupProbeHttpGetArgs(path="/health"),
            period_seconds=_PROBE_SECONDS,
            failure_threshold=_PROBES,
        ),
        volume_mounts=None if is_private(context) else [mount],
    )


def _requirements() -> Path:
    return Path(str(files("mlops_iac_gcp").joinpath(REQUIREMENTS)))


def _arguments(
    spec: ExperimentTracker, context: BuildContext, database: Database
) -> list[sdk.pulumi.Input[str]]:
    told: dict[str, sdk.pulumi.Input[str]] = {
        "--instance": database.instance.connection_name,
        "--database": DATABASE,
        "--user": database.user,
        "--artifacts": facts.address(context, artifacts(spec)),
        **({} if database.host is None else {"--host": database.host}),
    }
    return ["track", *(part for pair in told.items() for part in pair)]
