"""Who stands on a platform: `mlops-iac:gcp:PlatformUse` says so, `PlatformGuard` holds it."""

from mlops_iac.handlers.platform_use import GuardHandler, MarkHandler, PlatformHandler
from mlops_iac_gcp import documents
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.place import uri
from mlops_iac_gcp.session import place_of


class _OnPlatform(PlatformHandler):
    documents = documents
    where_of = place_of
    uri = uri
    told = told


class PlatformUseHandler(_OnPlatform, MarkHandler):
    """Marks a platform as used by a stack, with the names of the components it has there."""

    token = "mlops-iac:gcp:PlatformUse"  # noqa: S105


class PlatformGuardHandler(_OnPlatform, GuardHandler):
    """Refuses to go while the platform is used."""

    token = "mlops-iac:gcp:PlatformGuard"  # noqa: S105
