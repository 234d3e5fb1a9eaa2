"""Clients of AWS for one place: a region, an account, a role; made once, safe in threads.

Used by the custom resources, by the run-time verbs, and by the work inside containers. Credentials
are whatever boto3 finds; nothing here keeps or prints one.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

ATTEMPTS = 8
"""Tries of one call, with growing pauses, when AWS throttles or a connection breaks."""
_SESSION_NAME = "mlops-iac"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where, and as whom. Hashable: one set of clients is kept for each."""

    region: str
    account: str | None = None
    role: str | None = None
    """Role to assume; the caller's own identity when `None`."""
    endpoints: tuple[tuple[str, str], ...] = ()
    """Addresses by boto3's service name, instead of AWS's own; tests point them at a stand-in."""


@dataclass(frozen=True)
class Clients:
    """The clients of one place, by boto3's name of the service."""

    place: Place
    _made: dict[str, Any] = field(default_factory=dict[str, Any])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, service: str) -> Any:
        """Return the client of a service, such as `sagemaker`."""
        # Making a client is not safe in threads, using it is.
        with self._lock:
            if service not in self._made:
                self._made[service] = self._client(service)
            return self._made[service]

    def _client(self, service: str) -> Any:
        from botocore.config import Config

        address = dict(self.place.endpoints).get(service)
        config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # A stand-in answers on one address for all buckets.
            s3={"addressing_style": "path"} if address else None,
            user_agent_extra="mlops-iac",
        )
        return self._session().client(service, endpoint_url=address, config=config)

    def _session(self) -> Any:
        if "" not in self._made:
            self._made[""] = _session(self.place)
        return self._made[""]


@lru_cache(maxsize=16)
def clients(place: Place) -> Clients:
    """Return the clients of a place."""
    return Clients(place)


def place_of(config: Mapping[str, Any]) -> Place:
    """Return the place that the configuration of our Pulumi provider names."""
    named = config.get("endpoints") or {}
    endpoints = json.loads(named) if isinstance(named, str) else named
    return Place(
        region=config["region"],
        account=config.get("account"),
        role=config.get("role"),
        endpoints=tuple(sorted(endpoints.items())),
    )


def _session(place: Place) -> Any:
    import boto3

    own = boto3.Session(region_name=place.region)
    return own if place.role is None else _assumed(own, place)


def _assumed(own: Any, place: Place) -> Any:
    import boto3
    from botocore.credentials import DeferredRefreshableCredentials
    from botocore.session import get_session

    address = dict(place.endpoints).get("sts")

    def assume() -> dict[str, str]:
        sts = own.client("sts", endpoint_url=address)
        answer = sts.assume_role(RoleArn=place.role, RoleSessionName=_SESSION_NAME)
        found = answer["Credentials"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }

    inner = get_session()
    # The one way that botocore has to give a session credentials that renew themselves.
    inner._credentials = DeferredRefreshableCredentials(assume, "assume-role")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return boto3.Session(botocore_session=inner, region_name=place.region)
