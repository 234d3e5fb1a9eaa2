"""The facts that narrow the permissions of retraining policies."""

from collections.abc import Iterator
from typing import cast

from mlops_iac.provider import Scope
from mlops_iac.specs import ModelEndpoint, ModelMonitor, Promotion, RetrainingPolicy
from mlops_iac_aws import names, place
from mlops_iac_aws.layout import policy_prefix


def policy_facts(scope: Scope) -> dict[str, tuple[str, ...]]:
    """Return what policies reach: empty facts write no statement."""
    policies = [spec for spec in scope.specs.values() if isinstance(spec, RetrainingPolicy)]
    bucket = place.bucket_arn(scope)
    return {
        "policy_objects": tuple(f"{bucket}/{policy_prefix(spec.name)}*" for spec in policies),
        "policy_pipelines": tuple(
            place.pipeline_arn(scope, str(spec.pipeline)) for spec in policies
        ),
        "policy_models": tuple(_models(scope, policies)),
        "policy_topics": tuple(
            place.arn(scope, "sns", names.topic(scope, str(spec.monitor))) for spec in policies
        ),
        "policy_alarms": tuple(
            place.arn(scope, "cloudwatch", f"alarm:{names.policy_alarm(scope, spec.name)}")
            for spec in policies
        ),
    }


def _models(scope: Scope, policies: list[RetrainingPolicy]) -> Iterator[str]:
    for spec in policies:
        if spec.promotion is Promotion.AUTOMATIC:
            monitor = cast("ModelMonitor", scope.specs[spec.monitor])
            endpoint = cast("ModelEndpoint", scope.specs[monitor.endpoint])
            yield place.model_package_arn(scope, str(endpoint.model.name), "*")
