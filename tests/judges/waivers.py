"""What a scanner finds and we leave, each with its reason. A row that nothing needs is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One finding that is left."""

    rule: str
    resource: str
    """Pattern of the resource's address."""
    reason: str


@dataclass(frozen=True, order=True)
class Failed:
    """What a scanner found."""

    rule: str
    resource: str
    title: str = ""


def left_over(
    failed: Iterable[Failed], waivers: Iterable[Waiver]
) -> tuple[list[Failed], list[Waiver]]:
    """Return what no waiver covers, and the waivers that cover nothing."""
    found, rows = sorted(set(failed)), list(waivers)
    open_ = [item for item in found if not any(_covers(row, item) for row in rows)]
    idle = [row for row in rows if not any(_covers(row, item) for item in found)]
    return open_, idle


def _covers(row: Waiver, item: Failed) -> bool:
    return row.rule == item.rule and fnmatch(item.resource, row.resource)


_SECRETS = (
    "it reads a secret at its start, which takes the network; without a secret in `environment` "
    "the model is isolated"
)
_JOB_SECRETS = _SECRETS.replace("the model", "a job")
_REPLICAS = "a second region is the platform team's choice: data may have to stay in one"
_EVENTS = "nothing waits for objects: loops are woken by SageMaker's own events"
_S3_KEY = (
    "S3's log delivery writes to a bucket with a customer's key only under a grant to the service; "
    "the logs are encrypted with S3's key"
)
_VIEW = "it is a view, which holds no rows; the table that it shows has both"
CHECKOV: Mapping[str, tuple[Waiver, ...]] = {
    "aws": (
        Waiver(rule="CKV_AWS_370", resource="aws_sagemaker_model.score_*", reason=_SECRETS),
        Waiver(
            rule="CKV2_AWS_62",
            resource="aws_s3_bucket.*",
            reason=_EVENTS,
        ),
        Waiver(
            rule="CKV_AWS_144",
            resource="aws_s3_bucket.*",
            reason=_REPLICAS,
        ),
        Waiver(
            rule="CKV_AWS_145",
            resource="aws_s3_bucket.platform_logs",
            reason=_S3_KEY,
        ),
        Waiver(
            rule="CKV_AWS_316",
            resource="aws_codebuild_project.platform_builder",
            reason="images are built by Docker, which CodeBuild runs in privileged mode only; the "
            "build's role can push to this one repository and read this one prefix",
        ),
    ),
    "azure": (
        Waiver(
            rule="CKV_AZURE_166",
            resource="Microsoft.ContainerRegistry/registries.*",
            reason="a quarantined image waits for a scanner of the owner's, without which nothing "
            "would ever be pulled; images are named by their digest",
        ),
        Waiver(
            rule="CKV_AZURE_243",
            resource="Microsoft.MachineLearningServices/workspaces.*",
            reason="the rule knows the workspace's managed network alone; in a network of the "
            "owner's, private endpoints in it reach workspace and stores",
        ),
    ),
    "gcp": (
        Waiver(
            rule="CKV2_GCP_33",
            resource="google_vertex_ai_endpoint.*_endpoint",
            reason="it is private by Private Service Connect, when the platform has a network; the "
            "rule knows `network` alone, which is peering",
        ),
        Waiver(
            rule="CKV_GCP_6",
            resource="google_sql_database_instance.*_database",
            reason="only encrypted connections are taken; who connects shows a token of IAM, not a "
            "certificate, and through Google's connector both",
        ),
        Waiver(
            rule="CKV_GCP_62",
            resource="google_storage_bucket.platform_access_logs",
            reason="a bucket of logs that logs itself never ends",
        ),
        Waiver(
            rule="CKV_GCP_78",
            resource="google_storage_bucket.platform_access_logs",
            reason="each log has a name of its own and is written once; in `regulated` a locked "
            "policy keeps them",
        ),
        Waiver(rule="CKV_GCP_80", resource="google_bigquery_table.*_latest", reason=_VIEW),
        Waiver(rule="CKV_GCP_121", resource="google_bigquery_table.*_latest", reason=_VIEW),
    ),
}
"""By target; Checkov judges the plan as Terraform JSON."""

_SINGLE = (
    "one replica is the declaration's choice: planning warns of it (`endpoint.single-replica`)"
)
_SERVICES = (
    "it asks AWS's services, which takes the network; in a network of its own it reaches their "
    "endpoints and nothing else"
)
_TRACKING = "it writes to the tracking server; without `experiment` a job is isolated"
_OPEN = (
    ("processing", "*: score-pipeline/Deploy", _SERVICES),
    ("processing", "complete-*: refresh-pipeline/Decide", _SERVICES),
    ("processing", "*: airports-*", _SERVICES),
    ("processing", "features-prod-network: gates-*", _SERVICES),
    ("processing", "features-prod-network: past-*", _SERVICES),
    ("processing", "complete-*: retrain-pipeline/airports", _SERVICES),
    ("processing", "data-jobs-regulated: clean-*", _JOB_SECRETS),
    ("training", "full-prod-customer-key: delay-*", _JOB_SECRETS),
    ("training", "features-prod-network: *", _TRACKING),
    ("training", "complete-*: delay-pipeline/delay", _TRACKING),
    ("search", "complete-*: *-pipeline/tune", _TRACKING),
)
CONTROLS: Mapping[str, tuple[Waiver, ...]] = {
    "aws": (
        *(
            Waiver(rule="SageMaker.4", resource=f"{name}: score-deployment", reason=_SINGLE)
            for name in ("features-prod-network", "own-network", "regulated-network")
        ),
        Waiver(
            rule="SageMaker.4",
            resource="to-zero-linear: score-deployment",
            reason="it begins with one machine and goes to none while nobody asks: that is what "
            "`min: 0` declares",
        ),
        *(
            Waiver(rule="SageMaker.5", resource=f"{name}: score-deployment", reason=_SECRETS)
            for name in ("full-prod-customer-key", "to-zero-linear")
        ),
        *(
            Waiver(rule=f"{kind}-isolation", resource=resource, reason=reason)
            for kind, resource, reason in _OPEN
        ),
    )
}
"""By target; the resource stands behind the name of its declaration in `scenarios.py`."""

_BUCKETS = "shop-dev-platform-*"
_LOGS = "shop-dev-platform-logs-*"
PROWLER: Mapping[str, tuple[Waiver, ...]] = {
    "aws": tuple(
        Waiver(rule=rule, resource=resource, reason=reason)
        for rule, resource, reason in (
            ("s3_bucket_cross_region_replication", _BUCKETS, _REPLICAS),
            ("s3_bucket_event_notifications_enabled", _BUCKETS, _EVENTS),
            ("s3_bucket_kms_encryption", _LOGS, _S3_KEY),
            (
                "s3_bucket_no_mfa_delete",
                _BUCKETS,
                "only the account's root user can switch it on, by hand; versions are kept instead",
            ),
            (
                "s3_bucket_object_lock",
                _BUCKETS,
                "a locked bucket cannot be removed with its stack; versions bring objects back",
            ),
            (
                "s3_bucket_server_access_logging_enabled",
                _LOGS,
                "a bucket of logs that logs itself never ends",
            ),
            (
                "sagemaker_models_vpc_settings_configured",
                "model/shop-dev-score-*",
                "this stack declares no network; its containers are isolated from any",
            ),
        )
    )
}
"""By target; the resource is the end of its ARN."""

AZURE_POLICY: Mapping[str, tuple[Waiver, ...]] = {
    "azure": (
        Waiver(
            rule="Workspace_EnableV1LegacyMode_Audit",
            resource="Microsoft.MachineLearningServices/workspaces.*",
            reason="the old API mode switches the workspace's own network isolation off",
        ),
        Waiver(
            rule="ManagedNetworkIsolationMode_Audit",
            resource="Microsoft.MachineLearningServices/workspaces.*",
            reason="a network of the owner's is the other form of isolation; Azure has no "
            "workspace with both",
        ),
        Waiver(
            rule="Vnet_Audit",
            resource="Microsoft.MachineLearningServices/workspaces/computes.*",
            reason="without a network of the owner's, computes are in the network that the "
            "workspace manages, which the policy does not see",
        ),
    )
}
"""By target; Microsoft's built-in policies, `tests/judges/azure_policies/`, by their file."""

_COMPUTE_SETTING = (
    "an assignment of it sets what Azure ML's computes take, it finds no fault with a resource: "
)
AZURE_POLICIES_APART: Mapping[str, str] = {
    "AllowDeployRegistryModels_Audit": "it judges models of catalogues, named in the data plane; "
    "endpoints serve versions of the stack's own workspace only",
    "AllowedACRs_EnforceSetting": f"{_COMPUTE_SETTING}allow the platform's registry",
    "AllowedLogFilter_EnforceSetting": f"{_COMPUTE_SETTING}any filter leaves our logs readable",
    "AllowedModuleAuthors_EnforceSetting": f"{_COMPUTE_SETTING}modules are of the first API, "
    "which nothing here uses",
    "AllowedPythonPackageChannels_EnforceSetting": f"{_COMPUTE_SETTING}packages are installed "
    "when images are built, by the platform's registry, not on computes",
    "AllowedSigningKey_EnforceSetting": f"{_COMPUTE_SETTING}code is named by its SHA-256 and not "
    "signed; do not assign it",
    "ApprovalEndpoint_EnforceSetting": f"{_COMPUTE_SETTING}a job that is not approved fails, and "
    "its run says so",
    "OnlyDeployAllowedRegistryModels_Deny": "it judges models of catalogues, named in the data "
    "plane; endpoints serve versions of the stack's own workspace only",
}
"""Policies that a plan cannot keep or break, and why."""
