"""Credentials, addresses and clients for one place: a project, a region, a role.

Used by the custom resources, by the run-time verbs, and by the work inside containers. Credentials
are whatever Google's own library finds; nothing here keeps or prints one.
"""

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105  the name of a variable
"""A ready access token; `pulumi-gcp` takes the same one."""
OVERRIDE_PREFIX = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
"""Beginning of the variables by which `gcloud` is pointed at other addresses.

https://cloud.google.com/sdk/gcloud/reference/topic/configurations (api_endpoint_overrides)
"""
_REGIONAL: Mapping[str, str] = {
    "aiplatform": "https://{region}-aiplatform.googleapis.com/",
    "kfp": "https://{region}-kfp.pkg.dev/",
}
"""Services whose address names the region."""
# `pulumi-gcp` wants the version in an endpoint, `gcloud` wants the root: both are understood.
_VERSION_PATH = re.compile(r"(?<=/)((storage|bigquery)/)?v\d+(beta\d*|alpha\d*)?/$")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where, and as whom. Hashable: one set of clients is kept for each."""

    project: str
    region: str
    role: str | None = None
    """Service account to act as; the caller's own identity when `None`."""
    endpoints: tuple[tuple[str, str], ...] = ()
    """Addresses by service (`aiplatform`), instead of Google's own; tests name a stand-in."""

    @property
    def parent(self) -> str:
        """Name of the location, which Vertex AI's collections are in."""
        return f"projects/{self.project}/locations/{self.region}"

    def address(self, service: str) -> str:
        """Return the root of a service's address; ends with `/`.

        What the platform declares comes first, then `gcloud`'s variable, then Google's own.
        """
        named = dict(self.endpoints).get(service) or os.environ.get(
            f"{OVERRIDE_PREFIX}{service.upper()}"
        )
        if named:
            return _VERSION_PATH.sub("", f"{named.rstrip('/')}/")
        own = _REGIONAL.get(service, "https://{service}.googleapis.com/")
        return own.format(region=self.region, service=service)

    def is_overridden(self, service: str) -> bool:
        """Whether a service is asked at another address than Google's."""
        return (
            service in dict(self.endpoints) or f"{OVERRIDE_PREFIX}{service.upper()}" in os.environ
        )


def place_of(config: Mapping[str, Any]) -> Place:
    """Return the place that the configuration of our Pulumi provider names."""
    named = config.get("endpoints") or {}
    endpoints = json.loads(named) if isinstance(named, str) else named
    return Place(
        project=config["account"],
        region=config["region"],
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
        project=told["project"], region=told["region"], role=told.get("role"), endpoints=pairs
    )


_threads = threading.local()


def session(place: Place) -> Any:
    """Return the calling thread's `AuthorizedSession`; one must not be shared by threads."""
    kept = _threads.__dict__.setdefault("sessions", {})
    key = (place, os.environ.get(TOKEN_VARIABLE))
    if key not in kept:
        from google.auth.transport.requests import AuthorizedSession

        kept[key] = AuthorizedSession(_credentials(*key))
    return kept[key]


def access_token(place: Place) -> str:
    """Return a token of access that holds for some minutes at least."""
    credentials = _credentials(place, os.environ.get(TOKEN_VARIABLE))
    if not credentials.valid:
        from google.auth.transport.requests import Request

        credentials.refresh(Request())  # pyright: ignore[reportNoUntypedCall]
    return str(credentials.token)


def storage(place: Place) -> Any:
    """Return Google's own client of Cloud Storage."""
    return _storage(place, os.environ.get(TOKEN_VARIABLE), place.address("storage"))


def bigquery(place: Place) -> Any:
    """Return Google's own client of BigQuery."""
    return _bigquery(place, os.environ.get(TOKEN_VARIABLE), place.address("bigquery"))


@lru_cache(maxsize=16)
def _storage(place: Place, token: str | None, address: str) -> Any:
    from google.cloud.storage import Client

    return Client(
        project=place.project,
        credentials=_credentials(place, token),
        client_options={"api_endpoint": address.rstrip("/")},
    )


@lru_cache(maxsize=16)
def _bigquery(place: Place, token: str | None, address: str) -> Any:
    from google.cloud.bigquery import Client

    return Client(
        project=place.project,
        location=place.region,
        credentials=_credentials(place, token),
        client_options={"api_endpoint": address.rstrip("/")},
    )


@lru_cache(maxsize=16)
def _credentials(place: Place, token: str | None) -> Any:
    own = _own_credentials(token)
    return own if place.role is None else _impersonated(own, place)


def _own_credentials(token: str | None) -> Any:
    import google.auth
    from google.oauth2.credentials import Credentials

    if token:
        return Credentials(token)  # pyright: ignore[reportNoUntypedCall]
    found, _ = google.auth.default(scopes=[SCOPE])
    return found


def _impersonated(own: Any, place: Place) -> Any:
    from google.auth.impersonated_credentials import Credentials

    address = place.address("iamcredentials")
    override = f"{address}v1/projects/-/serviceAccounts/{place.role}:generateAccessToken"
    return Credentials(
        source_credentials=own,
        target_principal=place.role,
        target_scopes=[SCOPE],
        iam_endpoint_override=override if place.is_overridden("iamcredentials") else None,
    )
