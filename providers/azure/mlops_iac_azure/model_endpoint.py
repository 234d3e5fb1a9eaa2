"""ModelEndpoint on Azure: the frame is an online endpoint, the rest a ModelDeployment.

A serverless one, or one that has no replica while idle, is a container app, which belongs to the
ModelDeployment wholly; the environment that it runs in is its frame.
"""

from collections.abc import Iterable

from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ModelEndpoint
from mlops_iac_azure.endpoint_checks import endpoint_problems

MODEL_DEPLOYMENT = "mlops-iac:azure:ModelDeployment"


class ModelEndpointAdapter:
    """What is stable is a resource of azure-native; what is deployed belongs to our own."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterable[Problem]:
        """Return what Azure could not serve."""
        return endpoint_problems(spec, scope)

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register the endpoint's frame and what is deployed on it."""
        from mlops_iac_azure.frame.model_endpoint import build_model_endpoint

        return build_model_endpoint(spec, context)
