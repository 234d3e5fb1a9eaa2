"""Credentials, addresses and clients for one place: a subscription, a workspace, a role.

Used by the custom resources, by the run-time verbs, and by the work inside containers. Credentials
are whatever `azure-identity` finds; nothing here keeps one on disk or prints one.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from mlops_iac_azure import ids

OVERRIDE_PREFIX = "MLOPS_IAC_AZURE_ENDPOINT_"
"""Beginning of the variables that point at other addresses: `…_BLOB=https://127.0.0.1:8443/blob`."""
ADDRESSES: Mapping[str, str] = {
    "blob": "https://{name}.blob.core.windows.net",
    "inference": "https://{name}.{region}.inference.ml.azure.com",
    "logs": "https://api.loganalytics.azure.com",
    "metrics": "https://{region}.monitoring.azure.com",
    "mlflow": "https://{region}.api.azureml.ms",
    "registry": "https://{name}.azurecr.io",
    "resourcemanager": "https://management.azure.com",
    "table": "https://{name}.table.core.windows.net",
    "vault": "https://{name}.vault.azure.net",
}
"""Root of each service's address in Azure's public cloud; what is in braces is filled in."""
AUDIENCES: Mapping[str, str] = {
    "blob": "https://storage.azure.com",
    "inference": "https://ml.azure.com",
    "logs": "https://api.loganalytics.io",
    "metrics": "https://monitor.azure.com",
    "mlflow": "https://ml.azure.com",
    "registry": "https://containerregistry.azure.net",
    "resourcemanager": "https://management.azure.com",
    "table": "https://storage.azure.com",
    "vault": "https://vault.azure.net",
}
"""Whom a token of access is for, by service."""
_TOKEN_MARGIN_SECONDS = 300
"""A token is asked anew when it holds for less."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where, and as whom. Hashable: one set of clients is kept for each."""

    subscription: str
    region: str
    group: str = ""
    """Name of the platform's resource group."""
    workspace: str = ""
    """Name of the platform's workspace."""
    role: str | None = None
    """Client id of the identity to act as; the caller's own identity when `None`."""
    endpoints: tuple[tuple[str, str], ...] = ()
    """Root addresses by service (`blob`), instead of Azure's own; tests name a stand-in."""

    @property
    def group_id(self) -> str:
        """Id of the platform's resource group."""
        return ids.group_id(self.subscription, self.group)

    @property
    def workspace_id(self) -> str:
        """Id of the platform's workspace."""
        return self.id("Microsoft.MachineLearningServices/workspaces", self.workspace)

    def id(self, provider_type: str, *names: str) -> str:
        """Return the id of a resource in the platform's group; one type a name."""
        return ids.resource_id(self.group_id, provider_type, *names)

    def in_workspace(self, types: str, *names: str) -> str:
        """Return the id of something in the workspace: `("models/versions", "churn", "3")`."""
        path = "/".join(
            f"{kind}/{name}" for kind, name in zip(types.split("/"), names, strict=True)
        )
        return f"{self.workspace_id}/{path}"

    def address(self, service: str, name: str = "") -> str:
        """Return the root of a service's address, without a `/` at its end.

        What the platform declares comes first, then our variable, then Azure's own. A service
        that each account, vault or endpoint has an address of its own of is told its `name`.
        """
        named = dict(self.endpoints).get(service) or os.environ.get(
            f"{OVERRIDE_PREFIX}{service.upper()}"
        )
        if named:
            root = named.rstrip("/")
            return f"{root}/{name}" if name else root
        return ADDRESSES[service].format(name=name, region=self.region)

    def is_overridden(self, service: str) -> bool:
        """Whether a service is asked at another address than Azure's."""
        return (
            service in dict(self.endpoints) or f"{OVERRIDE_PREFIX}{service.upper()}" in os.environ
        )


def place_of(config: Mapping[str, Any]) -> Place:
    """Return the place that the configuration of our Pulumi provider names."""
    named = config.get("endpoints") or {}
    endpoints = json.loads(named) if isinstance(named, str) else named
    return Place(
        subscription=config["account"],
        region=config["region"],
        group=config.get("group", ""),
        workspace=config.get("workspace", ""),
        role=config.get("role"),
        endpoints=tuple(sorted(endpoints.items())),
    )


def document(place: Place) -> dict[str, Any]:
    """Return a place as JSON-like values, to be kept in state or told to a container."""
    return {**asdict(place), "endpoints": [list(pair) for pair in place.endpoints]}


def from_document(told: Mapping[str, Any]) -> Place:
    """Return the place of which `document` has told."""
    pairs = tuple((service, address) for service, address in told.get("endpoints", ()))
    return Place(
        subscription=told["subscription"],
        region=told["region"],
        group=told["group"],
        workspace=told["workspace"],
        role=told.get("role"),
        endpoints=pairs,
    )


_threads = threading.local()
_tokens: dict[tuple[str | None, str], tuple[str, float]] = {}


def session(place: Place) -> Any:  # noqa: ARG001  one for all places yet
    """Return the calling thread's `requests.Session`; one must not be shared by threads."""
    if not hasattr(_threads, "session"):
        from requests import Session

        _threads.session = Session()
    return _threads.session


def token(place: Place, service: str = "resourcemanager") -> str:
    """Return a token of access for a service, which holds for some minutes at least."""
    audience = AUDIENCES[service]
    key = (place.role, audience)
    kept, until = _tokens.get(key, ("", 0.0))
    if until - time.time() < _TOKEN_MARGIN_SECONDS:
        got = credential(place).get_token(f"{audience}/.default")
        kept, until = got.token, float(got.expires_on)
        _tokens[key] = (kept, until)
    return kept


def forget() -> None:
    """Forget tokens and clients: what follows may be another cloud's."""
    _tokens.clear()
    for kept in (_blobs, _tables, _credential):
        kept.cache_clear()


def credential(place: Place) -> Any:
    """Return the credential that `azure-identity` finds, as the place's role."""
    return _credential(place.role)


def blobs(place: Place, account: str) -> Any:
    """Return Azure's own client of the blobs of a storage account."""
    return _blobs(place.role, place.address("blob", account))


def tables(place: Place, account: str) -> Any:
    """Return Azure's own client of the tables of a storage account."""
    return _tables(place.role, place.address("table", account))


@lru_cache(maxsize=16)
def _blobs(role: str | None, address: str) -> Any:
    from azure.storage.blob import BlobServiceClient, ExponentialRetry

    return BlobServiceClient(
        address,
        credential=_credential(role),
        retry_policy=ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=5),
        connection_timeout=10,
        read_timeout=120,
        user_agent="mlops-iac",
    )


@lru_cache(maxsize=16)
def _tables(role: str | None, address: str) -> Any:
    from azure.data.tables import TableServiceClient

    return TableServiceClient(
        address, credential=_credential(role), retry_total=5, user_agent="mlops-iac"
    )


@lru_cache(maxsize=16)
def _credential(role: str | None) -> Any:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(managed_identity_client_id=role)
