"""The facts that narrow the permissions of deploying, and of the loop's own containers."""

from collections.abc import Sequence

from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import Async, AutoscaledReplicas
from mlops_iac.specs.platform import PublicNetwork
from mlops_iac_aws import images, names, place

PROCESSING_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
"""One for the whole account and region; SageMaker lets nobody choose another."""
_SCALING_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)

Facts = dict[str, tuple[str, ...]]


def deploying_facts(scope: Scope) -> Facts:
    """Return what deploying reaches: empty facts write no statement."""
    endpoints = [spec for spec in scope.specs.values() if isinstance(spec, ModelEndpoint)]
    models = sorted({str(endpoint.model.name) for endpoint in endpoints})
    bucket = place.bucket_arn(scope)
    return {
        "anywhere_of_endpoints": ("*",) if endpoints else (),
        "served_models": tuple(place.model_package_arn(scope, model, "*") for model in models),
        "served_objects": tuple(f"{bucket}/models/{model}/*" for model in models),
        "wake_alarms": tuple(
            place.arn(scope, "cloudwatch", f"alarm:{names.endpoint(scope, spec.name)}-wake")
            for spec in endpoints
        ),
        "scaling_roles": _scaling_roles(scope, endpoints),
    }


def own_work_facts(scope: Scope) -> Facts:
    """Return what the loop's own containers reach: nothing in a stack that has none."""
    if not has_own_work(scope):
        return dict.fromkeys(_OWN_WORK, ())
    has_network = not isinstance(scope.platform.network, PublicNetwork)
    kinds = ("network-interface", "subnet", "security-group") if has_network else ()
    return {
        "work_role": (place.role_arn(scope, Purpose.PIPELINE),),
        "work_jobs": (place.arn(scope, "sagemaker", "processing-job/pipelines-*"),),
        "work_anywhere": ("*",),
        "work_repositories": tuple(sorted(images.repository_arns(scope))),
        "work_logs": (place.arn(scope, "logs", f"log-group:{PROCESSING_LOG_GROUP}"),),
        "work_objects": (f"{place.bucket_arn(scope)}/runs/*",),
        "work_network": ("*",) if has_network else (),
        "work_interfaces": tuple(place.arn(scope, "ec2", f"{kind}/*") for kind in kinds),
    }


_OWN_WORK = (
    "work_role",
    "work_jobs",
    "work_anywhere",
    "work_repositories",
    "work_logs",
    "work_objects",
    "work_network",
    "work_interfaces",
)


def has_own_work(scope: Scope) -> bool:
    """Whether a pipeline of the stack does work that needs AWS itself: a deployment, a policy."""
    return any(
        spec.kind == "RetrainingPolicy"
        or (isinstance(spec, ModelEndpoint) and not spec.model.is_pinned)
        for spec in scope.specs.values()
    )


def _scaling_roles(scope: Scope, endpoints: Sequence[ModelEndpoint]) -> tuple[str, ...]:
    scales = any(isinstance(e.scaling, Async | AutoscaledReplicas) for e in endpoints)
    arn = f"arn:{place.PARTITION}:iam::{place.account(scope)}:role/{_SCALING_ROLE}"
    return (arn,) if scales else ()
