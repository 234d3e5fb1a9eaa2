"""The custom resources of this target: handlers that the plugin hosts."""

from mlops_iac.custom import Handler
from mlops_iac_azure.resources.asset import AssetHandler
from mlops_iac_azure.resources.batch_default import BatchDefaultHandler
from mlops_iac_azure.resources.experiment import ExperimentHandler
from mlops_iac_azure.resources.feature_schema import FeatureSchemaHandler
from mlops_iac_azure.resources.image_build import ImageBuildHandler
from mlops_iac_azure.resources.job_run import JobRunHandler
from mlops_iac_azure.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_azure.resources.model_versions import ModelVersionsHandler
from mlops_iac_azure.resources.platform_use import PlatformGuardHandler, PlatformUseHandler
from mlops_iac_azure.resources.schedule import ScheduleHandler
from mlops_iac_azure.resources.upload import UploadHandler
from mlops_iac_azure.resources.vault_key import VaultKeyHandler
from mlops_iac_azure.resources.vault_recovery import VaultRecoveryHandler
from mlops_iac_azure.resources.workspace_purge import WorkspacePurgeHandler

RESOURCES: tuple[Handler, ...] = (
    AssetHandler(),
    BatchDefaultHandler(),
    ExperimentHandler(),
    FeatureSchemaHandler(),
    ImageBuildHandler(),
    JobRunHandler(),
    ModelDeploymentHandler(),
    ModelVersionsHandler(),
    PlatformGuardHandler(),
    PlatformUseHandler(),
    ScheduleHandler(),
    UploadHandler(),
    VaultKeyHandler(),
    VaultRecoveryHandler(),
    WorkspacePurgeHandler(),
)
"""Stateless; the plugin finds each by its token."""
