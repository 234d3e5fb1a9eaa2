"""Prowler audits what a stack in profile `prod` left in the test cloud, through plain boto3.

Only what the stack made is judged: the rest of an account, such as its password policy,
is whoever's who owns the account. Limits: the plugins for `aws` and `aws-native` are stand-ins, and
what the test cloud does not answer, Prowler cannot judge.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.judges import prowler, waivers
from tests.judges.waivers import left_over
from tests.support.aws_stack import AwsStack
from tests.support.engine import Engine

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.system,
    pytest.mark.timeout(900),
]

OWN = (":shop-dev-", "/shop-dev-", ":key/")
"""How the ARNs of what the stack made are known; nobody else has keys in this account."""
WISH = {
    "platform": {"profile": "prod", "encryption": {"rotation_days": 180}},
    "score": {"scaling": {"replicas": 2}, "capture": {"percent": 10}},
}
PASSES = {
    "ecr_repositories_scan_images_on_push_enabled",
    "iam_inline_policy_allows_privilege_escalation",
    "iam_role_cross_service_confused_deputy_prevention",
    "s3_bucket_default_encryption",
    "s3_bucket_level_public_access_block",
    "s3_bucket_secure_transport_policy",
    "sagemaker_endpoint_config_kms_encryption_enabled",
    "sagemaker_endpoint_config_prod_variant_instances",
    "sagemaker_models_network_isolation_enabled",
}
"""Some of what it must have judged, or it did not see the stack."""


@pytest.fixture
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def test_nothing_of_a_deployed_stack_fails_that_is_not_waived(
    engine: Engine, aws: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = AwsStack.make(engine, aws, **WISH)
    stack.up()
    stack.promote(stack.register())

    report = prowler.judge(aws, tmp_path)
    failed = [
        replace(item, resource=item.resource.rpartition(":")[2])
        for item in report.failed
        if _is_own(item.resource)
    ]

    assert left_over(failed, waivers.PROWLER["aws"]) == ([], [])
    assert {rule for rule, resource in report.passed if _is_own(resource)} >= PASSES


def _is_own(arn: str) -> bool:
    return any(part in arn for part in OWN)
