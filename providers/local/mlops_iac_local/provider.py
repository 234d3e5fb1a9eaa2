"""The `local` target: real parts on this machine, no account, no container, no login."""

from mlops_iac.provider import Provider
from mlops_iac_local.capabilities import CAPABILITIES

PROVIDER = Provider(
    name="local",
    title="This machine",
    extra="local",
    requires=("mlflow", "psutil", "pyarrow", "skops", "starlette", "supervisor", "uvicorn"),
    capabilities=CAPABILITIES,
    adapters={
        "Platform": "mlops_iac_local.platform:PlatformAdapter",
        "Dataset": "mlops_iac_local.dataset:DatasetAdapter",
        "ProcessingJob": "mlops_iac_local.processing_job:ProcessingJobAdapter",
        "TrainingJob": "mlops_iac_local.training_job:TrainingJobAdapter",
        "RegisteredModel": "mlops_iac_local.registered_model:RegisteredModelAdapter",
        "ModelEndpoint": "mlops_iac_local.model_endpoint:ModelEndpointAdapter",
    },
    can_apply=True,
    default_wait="finished",
    resources="mlops_iac_local.resources:RESOURCES",
    operations="mlops_iac_local.operations:LocalOperations",
)
