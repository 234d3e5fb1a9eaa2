"""The database of a tracking server: PostgreSQL whose only user is the server's own identity.

Nothing has a password: Cloud SQL asks IAM. On the public network only Google's connectors are let
in, and they ask IAM, too; in a network the instance has no address but one of its subnet's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs import PublicNetwork
from mlops_iac.specs.experiment_tracker import ServerSize
from mlops_iac_gcp import facts, names, sdk

DATABASE = "mlflow"
VERSION = "POSTGRES_18"
# https://cloud.google.com/sql/docs/postgres/machine-series-overview ; memory in MB.
TIERS: Mapping[ServerSize, str] = {
    ServerSize.SMALL: "db-custom-1-3840",
    ServerSize.MEDIUM: "db-custom-2-7680",
    ServerSize.LARGE: "db-custom-4-15360",
}
FLAGS: Mapping[str, str] = {
    "cloudsql.enable_pgaudit": "on",
    "cloudsql.iam_authentication": "on",
    # CIS Google Cloud Platform Foundation Benchmark 6.2.
    "log_checkpoints": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_duration": "on",
    "log_hostname": "on",
    "log_lock_waits": "on",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "error",
    "log_statement": "ddl",
    "log_temp_files": "0",
}
OWNER = "cloudsqlsuperuser"
"""Whose databases are that Cloud SQL makes; MLflow makes its tables as a member."""
_ACCOUNT_ENDING = ".gserviceaccount.com"
_STAYS = "ABANDON"
"""Databases and their users go with their instance; one that holds tables goes by no other way."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """What a server is told of its database."""

    instance: sdk.gcp.sql.DatabaseInstance
    user: sdk.pulumi.Output[str]
    host: sdk.pulumi.Output[str] | None
    """Its address in the network; `None` when it is reached by a socket of Cloud Run's."""
    made: Sequence[Any]
    """What comes before the server."""


def instance_name(context: BuildContext, tracker: str) -> str:
    """Return the name of a tracker's instance."""
    return context.physical_name(names.SQL_INSTANCE, tracker)


def is_private(context: BuildContext) -> bool:
    """Whether the platform is in a network."""
    return not isinstance(context.platform.network, PublicNetwork)


def add_database(
    context: BuildContext, tracker: str, size: ServerSize, account: sdk.pulumi.Output[str]
) -> Database:
    """Register the instance, its database, its user and the way to it."""
    instance = _instance(context, tracker, size)
    database = sdk.gcp.sql.Database(
        context.name("database-tables"),
        name=DATABASE,
        instance=instance.name,
        project=facts.project(context),
        deletion_policy=_STAYS,
        opts=context.opts("server"),
    )
    user = sdk.gcp.sql.User(
        context.name("database-user"),
        name=account.apply(lambda address: address.removesuffix(_ACCOUNT_ENDING)),
        instance=instance.name,
        project=facts.project(context),
        type="CLOUD_IAM_SERVICE_ACCOUNT",
        database_roles=[OWNER],
        deletion_policy=_STAYS,
        # PostgreSQL takes one change at a time.
        opts=context.opts("server", depends_on=[database]),
    )
    host, ways = _way(context, tracker, instance) if is_private(context) else (None, [])
    return Database(instance=instance, user=user.name, host=host, made=[database, user, *ways])


def _instance(
    context: BuildContext, tracker: str, size: ServerSize
) -> sdk.gcp.sql.DatabaseInstance:
    keeps = context.profile.protects_data
    return sdk.gcp.sql.DatabaseInstance(
        context.name("database"),
        name=instance_name(context, tracker),
        project=facts.project(context),
        region=facts.region(context),
        database_version=VERSION,
        encryption_key_name=context.built_platform.encryption_key,
        deletion_protection=keeps,
        settings=_settings(context, TIERS[size], keeps=keeps),
        opts=context.opts("server", **context.protected()),
    )


def _settings(
    context: BuildContext, tier: str, *, keeps: bool
) -> sdk.gcp.sql.DatabaseInstanceSettingsArgs:
    flag = sdk.gcp.sql.DatabaseInstanceSettingsDatabaseFlagArgs
    return sdk.gcp.sql.DatabaseInstanceSettingsArgs(
        tier=tier,
        edition="ENTERPRISE",
        availability_type="REGIONAL" if keeps else "ZONAL",
        disk_type="PD_SSD",
        disk_autoresize=True,
        deletion_protection_enabled=keeps,
        retain_backups_on_delete=keeps,
        # Only to what asks IAM; inside a network MLflow's driver comes with a token itself.
        connector_enforcement="NOT_REQUIRED" if is_private(context) else "REQUIRED",
        backup_configuration=sdk.gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs(
            enabled=True,
            location=facts.region(context),
            point_in_time_recovery_enabled=True,
        ),
        ip_configuration=_addresses(context),
        database_flags=[flag(name=name, value=value) for name, value in FLAGS.items()],
        user_labels=facts.labels(context),
    )


def _addresses(
    context: BuildContext,
) -> sdk.gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs:
    consumer = sdk.gcp.sql.DatabaseInstanceSettingsIpConfigurationPscConfigArgs(
        psc_enabled=True, allowed_consumer_projects=[facts.project(context)]
    )
    private = is_private(context)
    return sdk.gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs(
        ipv4_enabled=not private,
        ssl_mode="ENCRYPTED_ONLY",
        psc_configs=[consumer] if private else None,
    )


def _way(
    context: BuildContext, tracker: str, instance: sdk.gcp.sql.DatabaseInstance
) -> tuple[sdk.pulumi.Output[str], list[Any]]:
    """Register the address by which the network reaches the instance."""
    native = context.built_platform.native
    name = context.physical_name(names.COMPUTE, tracker, "database")
    address = sdk.gcp.compute.Address(
        context.name("database-address"),
        name=name,
        project=facts.project(context),
        region=facts.region(context),
        address_type="INTERNAL",
        subnetwork=native["subnet"],
        opts=context.opts("server"),
    )
    rule = sdk.gcp.compute.ForwardingRule(
        context.name("database-way"),
        name=name,
        project=facts.project(context),
        region=facts.region(context),
        network=native["network"],
        ip_address=address.id,
        target=instance.psc_service_attachment_link,
        # Private Service Connect: a rule that balances nothing.
        load_balancing_scheme="",
        opts=context.opts("server"),
    )
    return address.address, [address, rule]
