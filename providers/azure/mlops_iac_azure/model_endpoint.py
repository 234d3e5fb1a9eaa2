"""A served model: checks."""

from collections.abc import Iterator
from datetime import timedelta

from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import AutoscaledReplicas, FixedReplicas, ModelEndpoint
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.variables import variable_problems

LONGEST_REQUEST = timedelta(seconds=180)
_LIMITS = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"
_MOST_INSTANCES = 50
"""Instances of one deployment, before somebody asks for more."""


class ModelEndpointAdapter:
    """Maps `ModelEndpoint` to an online endpoint and a deployment of our own."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
        """Yield what Azure refuses of an endpoint."""
        del scope
        yield from compute_problems(spec.name, spec.compute, Use.HOSTING)
        yield from variable_problems(spec.name, spec.environment)
        if not timedelta(0) < spec.timeout <= LONGEST_REQUEST:
            yield Problem(
                code="timeout.out-of-range",
                component=spec.name,
                field="timeout",
                value=str(spec.timeout),
                message="a managed endpoint answers within 180 s, and after more than none",
                rule=_LIMITS,
                remedy="set `timeout` to at most `180s`",
            )
        yield from _size_problems(spec)

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register the endpoint's frame and what is deployed on it."""
        from mlops_iac_azure.frame.model_endpoint import build_model_endpoint

        return build_model_endpoint(spec, context)


def _size_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    field, most = _most(spec)
    if most > _MOST_INSTANCES:
        yield Problem(
            code="scaling.too-large",
            component=spec.name,
            field=field,
            value=most,
            message=f"{most} replicas are asked for",
            rule=f"a deployment has at most {_MOST_INSTANCES} instances ({_LIMITS})",
            remedy="ask for fewer replicas on larger machines",
        )


def _most(spec: ModelEndpoint) -> tuple[str, int]:
    if isinstance(spec.scaling, FixedReplicas):
        return "scaling.replicas", spec.scaling.replicas
    if isinstance(spec.scaling, AutoscaledReplicas):
        return "scaling.max", spec.scaling.max
    return "scaling", 1
