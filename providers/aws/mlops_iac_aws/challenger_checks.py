"""What SageMaker refuses of a second version on an endpoint."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.provider import Problem
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import AllAtOnce, Async, Challenger, FixedReplicas, Serverless
from mlops_iac_aws.to_zero import goes_to_zero

_SERVERLESS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
_BACKLOG = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html"
_SHADOW = "https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html"
_COMPONENTS = (
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"
)
_FIXED = "scale with `replicas`, or leave out `challenger`"


def challenger_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    """Yield every problem of an endpoint's challenger."""
    if spec.challenger is None:
        return
    match spec.scaling:
        case Serverless():
            yield _problem(
                spec,
                "serverless-challenger",
                "challenger",
                value=str(spec.challenger.model.name),
                message="a serverless endpoint has one variant",
                rule=_SERVERLESS,
                remedy=f"{_FIXED}; `min` and `max` do too, but for a shadow",
            )
        case Async():
            yield _problem(
                spec,
                "async-challenger",
                "challenger",
                value=str(spec.challenger.model.name),
                message="an asynchronous endpoint scales by the one backlog of all its variants, "
                "and has no shadow",
                rule=_SHADOW if spec.challenger.shadow else _BACKLOG,
                remedy=f"{_FIXED}; `min` and `max` do too, but for a shadow",
            )
        case _ if goes_to_zero(spec):
            yield _problem(
                spec,
                "zero-challenger",
                "challenger",
                value=str(spec.challenger.model.name),
                message="each caller of an endpoint that goes to zero names what answers: "
                "requests have no shares",
                rule=_COMPONENTS,
                remedy="set `scaling.min` to 1, or leave out `challenger`",
            )
        case _ if spec.challenger.shadow:
            yield from _shadow(spec, spec.challenger)
        case _:
            return


def _shadow(spec: ModelEndpoint, shadow: Challenger) -> Iterator[Problem]:
    if not isinstance(spec.scaling, FixedReplicas):
        yield _problem(
            spec,
            "shadow-scaling",
            "scaling",
            value=spec.scaling.mode,
            message="the replicas of a shadow do not follow the load, and a fixed number would "
            "not carry the copies of one that does",
            rule="beside a shadow the number of replicas is fixed",
            remedy=_FIXED,
        )
    if not isinstance(spec.rollout, AllAtOnce):
        yield _problem(
            spec,
            "shadow-rollout",
            "rollout",
            value=spec.rollout.mode,
            message=f"beside the shadow `{shadow.model.name}` a new version takes over at once",
            rule="no deployment guardrails on an endpoint with a shadow variant",
            remedy="leave out `rollout`, or `shadow: true`",
        )


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=f"endpoint.{code}", component=spec.name, field=field, **said)
