"""The AWS walkers pass valid inputs and catch each planted fault.

Limit: samples are written by hand; that AWS itself takes them is not proved here.
"""

import json
from typing import Any

import pytest

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule

_UNKNOWN = {"$unknown": True}
_ROLE = "arn:aws:iam::123456789012:role/flights"
_MODEL = "aws:sagemaker/model:Model"
_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_TARGET = "aws:appautoscaling/target:Target"
_FEATURES = "aws-native:sagemaker:FeatureGroup"


def _policy(**changes: object) -> str:
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
    }
    statement |= changes
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{k: v for k, v in statement.items() if v is not REMOVED}],
        }
    )


def _trust(action: str = "sts:AssumeRole", service: str = "sagemaker.amazonaws.com") -> str:
    statement = {"Effect": "Allow", "Action": action, "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


SAMPLES: dict[str, dict[str, Any]] = {
    _MODEL: {
        "name": "late-1f2e3d",
        "executionRoleArn": _ROLE,
        "enableNetworkIsolation": True,
        "primaryContainer": {
            "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/serve@sha256:0f",
            "modelDataSource": {
                "s3DataSources": [
                    {
                        "s3Uri": "s3://data/models/1/",
                        "s3DataType": "S3Prefix",
                        "compressionType": "None",
                    }
                ]
            },
            "environment": {"MODEL": "late"},
        },
        "tags": {"owner": "ml"},
    },
    _CONFIG: {
        "name": "score-1f2e3d",
        "kmsKeyArn": _UNKNOWN,
        "productionVariants": [
            {
                "variantName": "blue",
                "modelName": _UNKNOWN,
                "instanceType": "ml.m5.large",
                "initialInstanceCount": 1.0,
                "initialVariantWeight": 1,
                "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
            }
        ],
        "dataCaptureConfig": {
            "enableCapture": True,
            "initialSamplingPercentage": 100,
            "destinationS3Uri": "s3://data/capture",
            "captureOptions": [{"captureMode": "InputAndOutput"}],
        },
    },
    "aws:sagemaker/endpoint:Endpoint": {
        "name": "score",
        "endpointConfigName": "score-1f2e3d",
        "deploymentConfig": {
            "blueGreenUpdatePolicy": {
                "trafficRoutingConfiguration": {
                    "type": "CANARY",
                    "waitIntervalInSeconds": 300,
                    "canarySize": {"type": "CAPACITY_PERCENT", "value": 10},
                }
            }
        },
    },
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {"modelPackageGroupName": "late"},
    "aws:s3/bucket:Bucket": {"bucket": "flights-data", "forceDestroy": True, "tags": {"a": "b"}},
    "aws:s3/bucketVersioning:BucketVersioning": {
        "bucket": _UNKNOWN,
        "versioningConfiguration": {"status": "Enabled"},
    },
    _ENCRYPTION: {
        "bucket": _UNKNOWN,
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": _UNKNOWN,
                },
                "bucketKeyEnabled": True,
            }
        ],
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "bucket": _UNKNOWN,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
        "bucket": _UNKNOWN,
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "bucket": _UNKNOWN,
        "rules": [
            {
                "id": "old",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrentVersionExpiration": {"noncurrentDays": 30},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            }
        ],
    },
    "aws:iam/role:Role": {"name": "flights", "assumeRolePolicy": _trust()},
    "aws:iam/rolePolicy:RolePolicy": {"role": _UNKNOWN, "policy": _policy()},
    "aws:ecr/repository:Repository": {
        "name": "flights/serve",
        "imageTagMutability": "IMMUTABLE",
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": _UNKNOWN}],
        "imageScanningConfiguration": {"scanOnPush": True},
    },
    "aws:kms/key:Key": {
        "description": "data",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"a": "b"},
    },
    "aws:cloudwatch/logGroup:LogGroup": {"name": "/flights/score", "retentionInDays": 30},
    "aws:cloudwatch/eventRule:EventRule": {
        "name": "nightly",
        "scheduleExpression": "cron(0 3 * * ? *)",
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "name": "errors",
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3,
        "metricName": "Invocation5XXErrors",
        "namespace": "AWS/SageMaker",
        "dimensions": {"EndpointName": "score"},
        "period": 60,
        "statistic": "Sum",
        "threshold": 1,
    },
    _TARGET: {
        "minCapacity": 1,
        "maxCapacity": 4,
        "resourceId": "endpoint/score/variant/blue",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "serviceNamespace": "sagemaker",
    },
    "aws:appautoscaling/policy:Policy": {
        "name": "load",
        "policyType": "TargetTrackingScaling",
        "resourceId": _UNKNOWN,
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "serviceNamespace": "sagemaker",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    },
    "aws:budgets/budget:Budget": {
        "name": "flights",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "100",
        "limitUnit": "USD",
        "notifications": [
            {
                "comparisonOperator": "GREATER_THAN",
                "notificationType": "ACTUAL",
                "threshold": 80,
                "thresholdType": "PERCENTAGE",
                "subscriberEmailAddresses": ["ml@example.com"],
            }
        ],
    },
    _FEATURES: {
        "featureGroupName": "flights",
        "recordIdentifierFeatureName": "id",
        "eventTimeFeatureName": "at",
        "featureDefinitions": [{"featureName": "id", "featureType": "String"}],
        "roleArn": _ROLE,
        "offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://data/features"}},
        "tags": [{"key": "a", "value": "b"}],
    },
}

_S3_SOURCE = "primaryContainer.modelDataSource.s3DataSources[0]"
_VARIANT = "productionVariants[0]"
_CANARY = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"

FAULTS = [
    # (id, token, path, planted value, rule)
    ("arn-for-name", _MODEL, "name", _ROLE, Rule.PATTERN),
    ("name-too-long", _MODEL, "name", "a" * 64, Rule.MAX),
    ("name-for-arn", _MODEL, "executionRoleArn", "flights", Rule.PATTERN),
    ("role-missing", _MODEL, "executionRoleArn", REMOVED, Rule.REQUIRED),
    ("unknown-argument", _MODEL, "modelName", "late", Rule.UNKNOWN),
    ("swapped-uri", _MODEL, f"{_S3_SOURCE}.s3Uri", "S3Prefix", Rule.PATTERN),
    ("wrong-data-type", _MODEL, f"{_S3_SOURCE}.s3DataType", "Prefix", Rule.ENUM),
    ("wrong-case", _MODEL, f"{_S3_SOURCE}.compressionType", "gzip", Rule.ENUM),
    ("uri-missing", _MODEL, f"{_S3_SOURCE}.s3Uri", REMOVED, Rule.REQUIRED),
    ("image-with-space", _MODEL, "primaryContainer.image", "a b", Rule.PATTERN),
    ("text-for-bool", _MODEL, "enableNetworkIsolation", "true", Rule.TYPE),
    ("list-for-object", _MODEL, "primaryContainer", [], Rule.TYPE),
    ("hidden-object", _MODEL, "primaryContainer", _UNKNOWN, Rule.OPAQUE),
    ("tag-of-aws-too-long", _MODEL, "tags.owner", "x" * 257, Rule.MAX),
    ("instance-type", _CONFIG, f"{_VARIANT}.instanceType", "m5.large", Rule.ENUM),
    ("number-as-text", _CONFIG, f"{_VARIANT}.initialInstanceCount", "1", Rule.TYPE),
    ("half-instance", _CONFIG, f"{_VARIANT}.initialInstanceCount", 1.5, Rule.TYPE),
    ("weight-below-zero", _CONFIG, f"{_VARIANT}.initialVariantWeight", -1, Rule.MIN),
    ("routing", _CONFIG, f"{_VARIANT}.routingConfigs[0].routingStrategy", "ANY", Rule.ENUM),
    ("no-variants", _CONFIG, "productionVariants", [], Rule.MIN),
    ("sampling", _CONFIG, "dataCaptureConfig.initialSamplingPercentage", 101, Rule.MAX),
    ("capture-mode", _CONFIG, "dataCaptureConfig.captureOptions[0].captureMode", "Both", Rule.ENUM),
    ("wrong-nesting", _CONFIG, "instanceType", "ml.m5.large", Rule.UNKNOWN),
    (
        "underscore",
        "aws:sagemaker/endpoint:Endpoint",
        "endpointConfigName",
        "score_1",
        Rule.PATTERN,
    ),
    ("canary", "aws:sagemaker/endpoint:Endpoint", f"{_CANARY}.type", "canary", Rule.ENUM),
    (
        "canary-wait",
        "aws:sagemaker/endpoint:Endpoint",
        f"{_CANARY}.waitIntervalInSeconds",
        3601,
        Rule.MAX,
    ),
    ("bucket-name", "aws:s3/bucket:Bucket", "bucket", "Flights_Data", Rule.PATTERN),
    ("untranslated", "aws:s3/bucket:Bucket", "requestPayer", "Requester", Rule.TRANSLATION),
    (
        "versioning",
        "aws:s3/bucketVersioning:BucketVersioning",
        "versioningConfiguration.status",
        "On",
        Rule.ENUM,
    ),
    (
        "algorithm",
        _ENCRYPTION,
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
        "AES-256",
        Rule.ENUM,
    ),
    (
        "ownership",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "rule.objectOwnership",
        "Owner",
        Rule.ENUM,
    ),
    (
        "lifecycle",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "rules[0].status",
        "On",
        Rule.ENUM,
    ),
    ("no-json", "aws:iam/rolePolicy:RolePolicy", "policy", "{", Rule.FORMAT),
    ("repository", "aws:ecr/repository:Repository", "name", "Flights", Rule.PATTERN),
    ("mutability", "aws:ecr/repository:Repository", "imageTagMutability", "NO", Rule.ENUM),
    ("window", "aws:kms/key:Key", "deletionWindowInDays", 3, Rule.MIN),
    ("retention", "aws:cloudwatch/logGroup:LogGroup", "retentionInDays", 31, Rule.ENUM),
    (
        "five-fields",
        "aws:cloudwatch/eventRule:EventRule",
        "scheduleExpression",
        "cron(0 3 * * *)",
        Rule.CRON,
    ),
    (
        "two-days",
        "aws:cloudwatch/eventRule:EventRule",
        "scheduleExpression",
        "cron(0 3 1 * MON *)",
        Rule.CRON,
    ),
    ("statistic", "aws:cloudwatch/metricAlarm:MetricAlarm", "statistic", "Total", Rule.ENUM),
    ("dimension", _TARGET, "scalableDimension", "sagemaker:variant:Count", Rule.ENUM),
    ("namespace", _TARGET, "serviceNamespace", "SageMaker", Rule.ENUM),
    ("budget", "aws:budgets/budget:Budget", "budgetType", "MONEY", Rule.ENUM),
    (
        "budget-notice",
        "aws:budgets/budget:Budget",
        "notifications[0].thresholdType",
        "PERCENT",
        Rule.ENUM,
    ),
    ("native-arn-for-name", _FEATURES, "featureGroupName", _ROLE, Rule.PATTERN),
    ("native-type", _FEATURES, "featureDefinitions[0].featureType", "Float", Rule.ENUM),
    ("native-unknown", _FEATURES, "featureGroupStatus", "Created", Rule.UNKNOWN),
    ("native-required", _FEATURES, "eventTimeFeatureName", REMOVED, Rule.REQUIRED),
    (
        "native-uri",
        _FEATURES,
        "offlineStoreConfig.s3StorageConfig.s3Uri",
        "data/features",
        Rule.PATTERN,
    ),
]

POLICY_FAULTS = [
    ("no-action", {"Action": ["s3:GetObjects"]}, "Action"),
    ("swapped-service", {"Action": ["sagemaker:InvokeEndpoint"]}, "Resource"),
    (
        "bucket-for-object",
        {"Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::data"},
        "Resource",
    ),
    ("effect", {"Effect": "allow"}, "Effect"),
    ("both-actions", {"NotAction": "s3:*"}, "Action"),
    ("principal", {"Principal": "*"}, "Principal"),
    ("operator", {"Condition": {"StringEqual": {}}}, "Condition.StringEqual"),
    ("resource-missing", {"Resource": REMOVED}, "Resource"),
]


@pytest.mark.parametrize("token", SAMPLES)
def test_valid_inputs_have_no_finding(token: str) -> None:
    assert [str(f) for f in checks.aws(token, SAMPLES[token], region="eu-west-1")] == []


@pytest.mark.parametrize(
    ("token", "path", "value", "rule"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_planted_fault_is_caught(token: str, path: str, value: object, rule: Rule) -> None:
    assert_found(checks.aws(token, planted(SAMPLES[token], path, value)), path, rule)


@pytest.mark.parametrize(
    ("change", "path"), [f[1:] for f in POLICY_FAULTS], ids=[f[0] for f in POLICY_FAULTS]
)
def test_planted_fault_in_a_policy_is_caught(change: dict[str, object], path: str) -> None:
    inputs = {"role": "flights", "policy": _policy(**change)}

    findings = checks.aws("aws:iam/rolePolicy:RolePolicy", inputs)

    assert_found(findings, f"policy.Statement[0].{path}", Rule.POLICY)


def test_trust_in_an_unknown_service_is_caught() -> None:
    inputs = {"assumeRolePolicy": _trust(service="sagemaker")}

    findings = checks.aws("aws:iam/role:Role", inputs)

    assert_found(findings, "assumeRolePolicy.Statement[0].Principal.Service", Rule.POLICY)


def test_two_sources_of_a_model_are_caught() -> None:
    inputs = planted(SAMPLES[_MODEL], "primaryContainer.modelDataUrl", "s3://data/model.tar.gz")

    assert_found(checks.aws(_MODEL, inputs), "primaryContainer", Rule.UNION)


def test_instance_type_must_be_offered_in_the_region() -> None:
    inputs = planted(SAMPLES[_CONFIG], f"{_VARIANT}.instanceType", "ml.p5.48xlarge")
    path = f"{_VARIANT}.instanceType"

    assert_found(checks.aws(_CONFIG, inputs, region="af-south-1"), path, Rule.ENUM)


@pytest.mark.parametrize(
    "token",
    ["aws:sagemaker/modle:Model", "aws:amp/workspace:Workspace", "aws-native:sagemaker:Modle"],
)
def test_token_without_a_table_is_a_finding(token: str) -> None:
    assert Rule.TOKEN in {f.rule for f in checks.aws(token, {})}


_TRAINING: dict[str, Any] = {
    "TrainingJobName": "delay-1",
    "RoleArn": _ROLE,
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
    "ResourceConfig": {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "HyperParameters": {"depth": "3"},
}

REQUEST_FAULTS = [
    ("long-name", "TrainingJobName", "a" * 64, Rule.MAX),
    ("unknown", "Image", "image:1", Rule.UNKNOWN),
    ("number-in-map", "HyperParameters.depth", 3, Rule.TYPE),
    ("mode", "AlgorithmSpecification.TrainingInputMode", "Files", Rule.ENUM),
    ("union", "AlgorithmSpecification", {"TrainingInputMode": "File"}, Rule.UNION),
    ("no-instances", "ResourceConfig.InstanceCount", -1, Rule.MIN),
    ("output-missing", "OutputDataConfig", REMOVED, Rule.REQUIRED),
]


def test_valid_request_has_no_finding() -> None:
    assert checks.request("sagemaker", "CreateTrainingJob", _TRAINING) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"), [f[1:] for f in REQUEST_FAULTS], ids=[f[0] for f in REQUEST_FAULTS]
)
def test_planted_fault_in_a_request_is_caught(path: str, value: object, rule: Rule) -> None:
    body = planted(_TRAINING, path, value)

    assert_found(checks.request("sagemaker", "CreateTrainingJob", body), path, rule)


def test_unknown_operation_is_a_finding() -> None:
    assert_found(checks.request("sagemaker", "CreateModle", {}), "", Rule.TOKEN)
