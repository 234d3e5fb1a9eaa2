"""Who stands on a platform: `mlops-iac:aws:PlatformUse` says so, `PlatformGuard` holds it."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.handlers.platform_use import GuardHandler, MarkHandler, PlatformHandler
from mlops_iac_aws import documents
from mlops_iac_aws.faults import told
from mlops_iac_aws.session import Clients, clients, place_of


def _clients(config: Mapping[str, Any]) -> Clients:
    return clients(place_of(config))


class _OnPlatform(PlatformHandler):
    documents = documents
    where_of = _clients
    uri = documents.uri
    told = told


class PlatformUseHandler(_OnPlatform, MarkHandler):
    """Marks a platform as used by a stack, with the names of the components it has there."""

    token = "mlops-iac:aws:PlatformUse"  # noqa: S105


class PlatformGuardHandler(_OnPlatform, GuardHandler):
    """Refuses to go while the platform is used."""

    token = "mlops-iac:aws:PlatformGuard"  # noqa: S105
