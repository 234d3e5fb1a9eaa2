"""How packages of Pulumi say what Terraform's providers say. Not a test.

`MAPS`, `BLOCKS`, `SINGULAR` and `RENAMED` are of all packages together: no name means two things.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The names of one package."""

    prefix: str
    """What the names of its types begin with."""
    modules: Mapping[str, str] = field(default_factory=dict[str, str])
    """What stands for a module in Terraform's name, where that is not the module."""
    types: Mapping[str, str] = field(default_factory=dict[str, str])
    """Types whose names follow no rule."""


_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "aws": Dialect(
            prefix="aws",
            modules={"ec2": ""},
            types={
                "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
                "aws:s3/bucketServerSideEncryptionConfiguration:"
                "BucketServerSideEncryptionConfiguration": (
                    "aws_s3_bucket_server_side_encryption_configuration"
                ),
            },
        ),
        "gcp": Dialect(
            prefix="google",
            modules={
                "artifactregistry": "artifact_registry",
                "cloudrunv2": "cloud_run_v2",
                "networkconnectivity": "network_connectivity",
                "projects": "project",
                "secretmanager": "secret_manager",
                "serviceaccount": "service_account",
            },
            types={"gcp:serviceaccount/account:Account": "google_service_account"},
        ),
    }
)


def dialect(package: str) -> Dialect | None:
    """Return how a package says it; none for one that is not made from Terraform's provider."""
    return _DIALECTS.get(package)


NATIVE: Mapping[str, str] = {
    "aws-native:sagemaker:DataQualityJobDefinition": "aws_sagemaker_data_quality_job_definition",
    "aws-native:sagemaker:FeatureGroup": "aws_sagemaker_feature_group",
}
"""The rest of `aws-native` is not in Terraform's provider."""
REQUESTS: Mapping[str, str] = {
    "CreateModel": "aws_sagemaker_model",
    "CreateEndpointConfig": "aws_sagemaker_endpoint_configuration",
    "RegisterScalableTarget": "aws_appautoscaling_target",
}
"""Calls that stand for a type that is judged."""
RENAMED: Mapping[str, Mapping[str, str]] = {
    "aws_sagemaker_endpoint_configuration": {"kms_key_id": "kms_key_arn"},
}
"""Arguments of such calls that Terraform calls otherwise."""
NAMES = ("bucket", "name", "modelPackageGroupName", "pipelineName")
"""Inputs whose text is the name of what is made."""
MAPS = frozenset(
    {
        "dimensions",
        "environment",
        "hyper_parameters",
        "labels",
        "metadata",
        "parameter_values",
        "tags",
        "tags_all",
        "user_labels",
    }
)
"""Arguments that are maps, not blocks."""
BLOCKS = frozenset({("aws_codebuild_project", "environment")})
"""Blocks that share their name with a map of another type."""
SINGULAR: Mapping[str, str] = {
    # https://github.com/pulumi/pulumi-terraform-bridge `pkg/tfbridge/names.go`: lists are plural.
    "allows": "allow",
    "containers": "container",
    "denies": "deny",
    "encryption_configurations": "encryption_configuration",
    "environment_variables": "environment_variable",
    "lifecycle_rules": "lifecycle_rule",
    "matching_criterias": "matching_criteria",
    "noncurrent_version_expirations": "noncurrent_version_expiration",
    "rules": "rule",
    "transitions": "transition",
}
"""By the bridge's name; what is not here is called the same by both."""
