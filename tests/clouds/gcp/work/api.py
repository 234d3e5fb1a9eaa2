"""The cloud as one account sees it: by its token, over HTTP like everybody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests

from tests.clouds.gcp.hooks import Run

_SECONDS = 120
_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"


class RefusedError(Exception):
    """The cloud refuses a call of the work's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Api:
    """Calls of an account."""

    account: str
    environment: Mapping[str, str]
    """Variables that point a process at the cloud."""

    @classmethod
    def of(cls, run: Run, account: str = "") -> "Api":
        """Return the calls of a run's account; the project's default one when it names none."""
        number = run.name.split("/")[1]
        known = account or f"{number}-compute@developer.gserviceaccount.com"
        return cls(known, run.environment(known))

    @property
    def token(self) -> str:
        """What proves who calls."""
        return self.environment["GOOGLE_OAUTH_ACCESS_TOKEN"]

    @property
    def project(self) -> str:
        """The project's id."""
        return self.environment["GOOGLE_CLOUD_PROJECT"]

    @property
    def region(self) -> str:
        """The region that is played."""
        return self.environment["GOOGLE_CLOUD_REGION"]

    @property
    def overrides(self) -> dict[str, str]:
        """Variables with the addresses of the services."""
        known = self.environment.items()
        return {name: value for name, value in known if name.startswith(_OVERRIDE)}

    def root(self, service: str) -> str:
        """Return the address of a service, with a slash at its end."""
        return self.environment[f"{_OVERRIDE}{service.upper()}"]

    def call(
        self, verb: str, service: str, path: str, body: Any = None, **query: str
    ) -> dict[str, Any]:
        """Call a method by its path below the service.

        Raises:
            RefusedError: with the cloud's own words.
        """
        answer = requests.request(
            verb,
            self.root(service) + path,
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=_SECONDS,
        )
        told = json.loads(answer.content or b"{}")
        if not answer.ok:
            raise RefusedError(answer.status_code, told["error"]["message"])
        return told

    @cached_property
    def storage(self) -> Any:
        """Google's own client of Cloud Storage."""
        from google.cloud.storage import Client
        from google.oauth2.credentials import Credentials

        return Client(
            project=self.project,
            credentials=Credentials(self.token),  # pyright: ignore[reportNoUntypedCall]
            client_options={"api_endpoint": self.root("storage").rstrip("/")},
        )
