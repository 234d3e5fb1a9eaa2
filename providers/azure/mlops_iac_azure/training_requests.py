"""What a training run stands for: the requests that submit it and register its model.

Shapes: `CommandJob` and `ModelVersion` of the API 2025-12-01 (azure-ai-ml 1.35's REST models).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.specs import Approval, Framework, RegisteredModel, TrainingJob
from mlops_iac_azure.compute import Use, asked, chosen
from mlops_iac_azure.training_job import input_name

UNKNOWN: Mapping[str, bool] = {"$unknown": True}
"""Stands for what is only known when the request is sent."""
PARAMETERS_FILE = "mlops-iac-hyperparameters.json"
"""Beside the code: the parameters with their types, the same on every target."""
_ML = "PUT Microsoft.MachineLearningServices/workspaces"
_API = "azure.ml"


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What a request needs to know; the values are outputs."""

    group: Any
    workspace: Any
    job: str
    """Name of the job: from its key, so that a retried submission finds its own."""
    code_id: Any
    component_id: Any
    environment_id: Any
    inputs: Mapping[str, Any]
    """Id of the data version by input."""
    variables: Any
    identity_id: Any
    experiment: str
    tags: Mapping[str, str]


def command(spec: TrainingJob) -> str:
    """Return the command line: our conventions as variables, then the program.

    An image of one's own is started by its `train` program, the convention of SageMaker.
    """
    inputs = [
        f"{contract.INPUT}{input_name(name).upper()}=${{{{inputs.{input_name(name)}}}}}"
        for name in spec.inputs
    ]
    fixed = [
        f"{contract.HYPERPARAMETERS}={PARAMETERS_FILE}",
        contract.MODEL_DIR + "=${{outputs.model}}",
        contract.OUTPUT_DIR + "=${{outputs.output}}",
        contract.CHECKPOINT_DIR + "=${{outputs.checkpoints}}",
    ]
    script = (spec.script or "").rpartition("/")[2]
    program = f"python -m mlops_iac.runtime.train {script}" if script else "train"
    return " ".join([*inputs, *fixed, program])


def distribution(spec: TrainingJob) -> dict[str, Any] | None:
    """Return how machines train together: one process an accelerator for PyTorch, else MPI."""
    if spec.instances == 1:
        return None
    gpu = spec.compute.accelerator
    if spec.framework is Framework.PYTORCH:
        return {"distributionType": "PyTorch", "processCountPerInstance": gpu.count if gpu else 1}
    return {"distributionType": "Mpi", "processCountPerInstance": 1}


def job_request(spec: TrainingJob, facts: RunFacts) -> dict[str, Any]:
    """Return the request that submits the job."""
    inputs = {
        input_name(name): {"jobInputType": "uri_folder", "mode": "ReadOnlyMount", "uri": uri}
        for name, uri in facts.inputs.items()
    }
    properties: dict[str, Any] = {
        "jobType": "Command",
        "displayName": facts.job,
        "experimentName": facts.experiment,
        "description": f"run of {spec.name}",
        "tags": dict(facts.tags),
        "properties": {
            "mlops-iac.framework": spec.framework.value,
            "mlops-iac.compute": asked(spec.compute),
        },
        "componentId": facts.component_id,
        "codeId": facts.code_id,
        "command": command(spec),
        "environmentId": facts.environment_id,
        "environmentVariables": facts.variables,
        "inputs": inputs,
        "outputs": _outputs(),
        "identity": {"identityType": "Managed", "resourceId": facts.identity_id},
        "limits": {
            "jobLimitsType": "Command",
            "timeout": f"PT{int(spec.timeout.total_seconds())}S",
        },
        "resources": {
            "instanceType": chosen(spec.compute, Use.TRAINING).name,
            "instanceCount": spec.instances,
        },
        "queueSettings": {"jobTier": "Spot" if spec.spot else "Standard"},
    }
    spread = distribution(spec)
    if spread is not None:
        properties["distribution"] = spread
    return {
        "api": _API,
        "operation": f"{_ML}/jobs",
        "params": {**_place(facts), "id": facts.job},
        "body": {"properties": properties},
    }


def register_request(
    spec: TrainingJob, facts: RunFacts, model: RegisteredModel, name: Any
) -> dict[str, Any]:
    """Return the request that adds the run's model as a version."""
    stage = "Approved" if model.approval is Approval.AUTOMATIC else "Pending"
    return {
        "api": _API,
        "operation": f"{_ML}/models/versions",
        "params": {**_place(facts), "name": name, "version": UNKNOWN},
        "body": {
            "properties": {
                "modelUri": f"azureml://jobs/{facts.job}/outputs/model",
                "modelType": "mlflow_model",
                "jobName": facts.job,
                "stage": stage,
                "description": model.description,
                "tags": {**facts.tags, "mlops-iac.job": spec.name},
                "properties": {
                    "mlops-iac.digest": UNKNOWN,
                    "mlops-iac.trust-pickle": str(model.trust_pickle).lower(),
                },
            }
        },
    }


def _place(facts: RunFacts) -> dict[str, Any]:
    return {"resourceGroupName": facts.group, "workspaceName": facts.workspace}


def _outputs() -> dict[str, Any]:
    return {
        "model": {"jobOutputType": "mlflow_model", "mode": "ReadWriteMount"},
        "output": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"},
        "checkpoints": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"},
    }
