"""`ModelEndpoint` on this machine: a frame, and a model server under the supervisor."""

from collections.abc import Iterable, Mapping
from typing import Any

from mlops_iac.custom import register
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import plain_environment
from mlops_iac.specs.model_endpoint import ModelEndpoint
from mlops_iac.specs.training_job import TrainingJob
from mlops_iac_local.adapting import after, limits, nothing, output
from mlops_iac_local.names import PROGRAM


class ModelEndpointAdapter:
    """Maps `ModelEndpoint`."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterable[Problem]:
        """Return nothing: the capability table says all that cannot be built here."""
        del spec, scope
        return ()

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register the frame, and what is deployed in it."""
        program = context.physical_name(PROGRAM, spec.name)
        model = str(spec.model.name)
        frame = register(
            "mlops-iac:local:Endpoint",
            context.name(),
            {
                "component": spec.name,
                "program": program,
                "model": model,
                "authentication": spec.authentication.value,
                "scaling": spec.scaling.model_dump(mode="json"),
                "rollout": spec.rollout.model_dump(mode="json"),
                "tags": context.tags,
            },
            outputs=("url", "tokenFile", "tokenMark", "port"),
            opts=context.opts("name", **after(context)),
        )
        # A run of this `up` registers the first version: the deployment comes after it.
        needed = after(context, model, *_trainers(model, context.specs)).get("depends_on", [])
        deployment = register(
            "mlops-iac:local:ModelDeployment",
            context.name("deployment"),
            {
                "endpoint": spec.name,
                "program": program,
                "model": model,
                "alias": spec.model.alias,
                "version": spec.model.version,
                "limits": limits(spec.compute),
                "timeout": spec.timeout.total_seconds(),
                "environment": plain_environment(spec.environment),
                "capturePercent": None if spec.capture is None else spec.capture.percent,
                "tokenMark": output(frame, "tokenMark"),
            },
            outputs=("state", "deployedVersion", "digest", "root"),
            opts=context.opts("model", depends_on=[frame, *needed]),
        )
        return _outputs(frame, deployment)


def _outputs(frame: Any, deployment: Any) -> ModelEndpointOutputs:
    return ModelEndpointOutputs(
        native_id=frame.id,
        console_url=nothing(),
        url=output(frame, "url"),
        endpoint_name=frame.id,
        state=output(deployment, "state"),
        version=output(deployment, "deployedVersion"),
        credential=output(frame, "tokenFile"),
        metrics_namespace=nothing(),
    )


def _trainers(model: str, specs: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, spec in specs.items()
        if isinstance(spec, TrainingJob) and spec.model is not None and str(spec.model) == model
    ]
