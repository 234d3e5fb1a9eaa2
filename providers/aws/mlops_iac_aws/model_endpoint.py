"""Endpoints on AWS: the frame that is stable, and the deployment that one resource owns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mlops_iac import custom
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import AllAtOnce, Async, Serverless
from mlops_iac.specs.platform import Profile
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.deployment import deployment_requests, update_requests
from mlops_iac_aws.endpoint_checks import endpoint_problems
from mlops_iac_aws.first_deployment import register_first_deployment
from mlops_iac_aws.objects import after, after_platform
from mlops_iac_aws.rollout import total_seconds
from mlops_iac_aws.to_zero import metric_dimensions
from mlops_iac_aws.variants import CHALLENGER, MAIN

MODEL_DEPLOYMENT = "mlops-iac:aws:ModelDeployment"
LOG_DAYS = {Profile.DEV: 30, Profile.PROD: 365, Profile.REGULATED: 365}
"""CloudWatch.16 asks for a year."""
DEPLOYMENT_MARGIN_SECONDS = 1800
"""What a deployment may take beyond its rollout: a roll-back, an update of SageMaker's own."""
METRICS_NAMESPACE = "AWS/SageMaker"


class ModelEndpointAdapter:
    """Maps `ModelEndpoint`; see `docs/mappings/aws/model_endpoint.md`."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse."""
        return endpoint_problems(spec, scope)

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register logs, alarms, what waits for an approval, and the deployment."""
        name = names.endpoint(context, spec.name)
        frame: list[sdk.pulumi.Resource] = [_log_group(spec, context), *_alarms(spec, context)]
        if not spec.model.is_pinned:
            frame += register_first_deployment(spec, context, _timeout_seconds(spec))
        deployment = _deployment(spec, context, frame)
        return ModelEndpointOutputs(
            native_id=sdk.pulumi.Output.from_input(place.endpoint_arn(context, spec.name)),
            console_url=sdk.pulumi.Output.from_input(place.console(context, f"endpoints/{name}")),
            url=sdk.pulumi.Output.from_input(_url(spec, context)),
            endpoint_name=sdk.pulumi.Output.from_input(name),
            state=_attribute(deployment, "state"),
            version=_attribute(deployment, "version"),
            # Callers sign with their own IAM identity: there is no credential to read.
            credential=sdk.pulumi.Output.from_input(None),
            metrics_namespace=sdk.pulumi.Output.from_input(METRICS_NAMESPACE),
        )


def _url(spec: ModelEndpoint, context: BuildContext) -> str:
    path = "async-invocations" if isinstance(spec.scaling, Async) else "invocations"
    host = f"runtime.sagemaker.{place.region(context)}.{place.DNS_SUFFIX}"
    return f"https://{host}/endpoints/{names.endpoint(context, spec.name)}/{path}"


def _log_group(spec: ModelEndpoint, context: BuildContext) -> sdk.aws.cloudwatch.LogGroup:
    is_managed = context.platform.encryption.mode == "managed"
    return sdk.aws.cloudwatch.LogGroup(
        context.name("logs"),
        name=place.log_group(context, spec.name),
        retention_in_days=LOG_DAYS[context.profile],
        kms_key_id=None if is_managed else context.built_platform.encryption_key,
        tags=context.tags,
        opts=context.opts("name", depends_on=after_platform(context)),
    )


_ALARMS: tuple[tuple[str, str, str, float], ...] = (
    # Metric, logical name, statistic, threshold.
    ("Invocation5XXErrors", "errors", "Average", 0.05),
    ("InvocationModelErrors", "model-errors", "Sum", 5.0),
)
"""What rings while a version takes over: one request in twenty fails, or the model itself does."""


def _alarm_names(spec: ModelEndpoint, scope: Scope) -> list[str]:
    if isinstance(spec.rollout, AllAtOnce):
        return []
    return [names.alarm(scope, spec.name, suffix) for _, suffix, *_ in _watched(spec)]


def _watched(spec: ModelEndpoint) -> Iterator[tuple[str, str, str, str, float]]:
    """Yield what may ring: the variant, then what `_ALARMS` says, the challenger's own beside."""
    for metric, suffix, statistic, threshold in _ALARMS:
        yield MAIN, suffix, metric, statistic, threshold
        if spec.challenger is not None:
            yield CHALLENGER, f"{CHALLENGER}-{suffix}", metric, statistic, threshold


def _alarms(spec: ModelEndpoint, context: BuildContext) -> list[sdk.aws.cloudwatch.MetricAlarm]:
    if isinstance(spec.rollout, AllAtOnce):
        return []
    endpoint = names.endpoint(context, spec.name)
    return [
        sdk.aws.cloudwatch.MetricAlarm(
            context.name(suffix),
            name=names.alarm(context, spec.name, suffix),
            alarm_description=f"Rolls back a new version of {spec.name}: {metric}",
            namespace=METRICS_NAMESPACE,
            metric_name=metric,
            dimensions=metric_dimensions(spec, endpoint, variant),
            statistic=statistic,
            threshold=threshold,
            comparison_operator="GreaterThanThreshold",
            period=60,
            evaluation_periods=1,
            # An endpoint that nobody asks has no metric, and no fault.
            treat_missing_data="notBreaching",
            tags=context.tags,
            opts=context.opts("rollout", depends_on=after_platform(context)),
        )
        for variant, suffix, metric, statistic, threshold in _watched(spec)
    ]


def _deployment(
    spec: ModelEndpoint, context: BuildContext, frame: list[Any]
) -> sdk.pulumi.CustomResource:
    alarms = _alarm_names(spec, context)
    dump = spec.model_dump(mode="json")
    jobs = [n for n, s in context.specs.items() if getattr(s, "model", None) == spec.model.name]
    return custom.register(
        MODEL_DEPLOYMENT,
        context.name("deployment"),
        {
            "endpoint": names.endpoint(context, spec.name),
            "component": spec.name,
            "bucket": names.bucket(context),
            "policy": _policy(spec, context),
            "scaling": dump["scaling"],
            "compute": None if isinstance(spec.scaling, Serverless) else dump["compute"],
            "rollout": dump["rollout"],
            "capture": dump["capture"],
            "timeout_seconds": int(spec.timeout.total_seconds()),
            "deployment_timeout_seconds": _timeout_seconds(spec),
            "requests": deployment_requests(spec, context, alarms),
            "update_requests": update_requests(spec, context, alarms),
        },
        outputs=("state", "version"),
        opts=context.opts(
            "model", depends_on=[*after(context, str(spec.model.name), *jobs), *frame]
        ),
    )


def _timeout_seconds(spec: ModelEndpoint) -> int:
    return total_seconds(spec.rollout) + DEPLOYMENT_MARGIN_SECONDS


def _policy(spec: ModelEndpoint, context: BuildContext) -> dict[str, Any]:
    """Return what is to be served: one version for good, or what an alias names."""
    model = str(spec.model.name)
    named = {
        "model": model,
        "model_group": names.model_group(context, model),
        # Its copy in the bucket then outlives the endpoint.
        "is_shared": _is_read_by_others(spec, context),
        **_challenger(spec),
    }
    if spec.model.is_pinned:
        return {"mode": "pinned", **named, "version": spec.model.version}
    return {"mode": "alias", **named, "alias": spec.model.alias}


def _challenger(spec: ModelEndpoint) -> dict[str, Any]:
    """Return which version is beside the one that is served; only deploying resolves an alias."""
    if spec.challenger is None:
        return {}
    named = spec.challenger.model
    return {"challenger": {"version": named.version} if named.is_pinned else {"alias": named.alias}}


def _is_read_by_others(spec: ModelEndpoint, scope: Scope) -> bool:
    """Whether another component reads the same version, or compares its candidates with it."""
    others = [other for name, other in scope.specs.items() if name != spec.name]
    return any(
        getattr(other, "model", None) == spec.model or bool(getattr(other, "gates", ()))
        for other in others
    )


def _attribute(resource: sdk.pulumi.CustomResource, name: str) -> sdk.pulumi.Output[Any]:
    return getattr(resource, name)
