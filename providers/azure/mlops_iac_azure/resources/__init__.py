"""The custom resources of this target: handlers that the plugin hosts."""

from mlops_iac.custom import Handler
from mlops_iac_azure.resources.asset import AssetHandler
from mlops_iac_azure.resources.upload import UploadHandler

RESOURCES: tuple[Handler, ...] = (
    AssetHandler(),
    UploadHandler(),
)
"""Stateless; the plugin finds each by its token."""
