"""A training definition as an Azure ML command component: data, no resource."""

from typing import Any

from mlops_iac.provider import content_hash
from mlops_iac.specs import TrainingJob
from mlops_iac_azure.compute import Use, asked, chosen
from mlops_iac_azure.names import HASH_DIGITS
from mlops_iac_azure.training_job import input_name, wait_of
from mlops_iac_azure.training_requests import command, distribution


def component_body(spec: TrainingJob) -> dict[str, Any]:
    """Return the component as Azure ML's command component schema has it."""
    spread = distribution(spec)
    body: dict[str, Any] = {
        "$schema": "https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json",
        "type": "command",
        "command": command(spec),
        "inputs": {
            input_name(name): {"type": "uri_folder", "mode": "ro_mount"} for name in spec.inputs
        },
        "outputs": {
            "model": {"type": "mlflow_model"},
            "output": {"type": "uri_folder"},
            "checkpoints": {"type": "uri_folder"},
        },
        "resources": {
            "instance_type": chosen(spec.compute, Use.TRAINING).name,
            "instance_count": spec.instances,
        },
    }
    if spread is not None:
        body["distribution"] = {
            "type": spread["distributionType"].lower(),
            "process_count_per_instance": spread["processCountPerInstance"],
        }
    return body


def definition_tags(spec: TrainingJob) -> dict[str, str]:
    """Return what a run of this definition must keep to and the component cannot say."""
    tags = {
        "mlops-iac.compute": asked(spec.compute),
        "mlops-iac.timeout-seconds": str(int(spec.timeout.total_seconds())),
        "mlops-iac.metrics": ",".join(spec.metrics),
        "mlops-iac.model": spec.model or "",
        "mlops-iac.data": ",".join(f"{name}={of}" for name, of in sorted(spec.inputs.items())),
        "mlops-iac.wait": wait_of(spec),
        "mlops-iac.variables": content_hash(
            {name: str(value) for name, value in spec.environment.items()}, HASH_DIGITS
        ),
    }
    if spec.spot is not None:
        tags["mlops-iac.spot-seconds"] = str(int(spec.spot.max_wait.total_seconds()))
    return tags
