"""A cloud of this process whose records a test may lay down itself, for tests of data planes."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from azure.core.credentials import AccessToken

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import USER
from tests.clouds.azure.hooks import Work
from tests.clouds.azure.ids import GROUPS
from tests.clouds.azure.server import Server
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

ACCOUNT = "Microsoft.Storage/storageAccounts"
NEVER = 4102444800


@dataclass(frozen=True)
class Played:
    """A cloud and its world."""

    address: str
    authority: str
    world: World

    @property
    def group(self) -> str:
        """The resource group of everything."""
        return f"/subscriptions/{self.world.subscription}/resourceGroups/g"

    def make(self, type_: str, name: str, properties: Any = None, **body: Any) -> Record:
        """Lay down a resource of the group; a nested type's names are separated by slashes."""
        namespace, *types = type_.split("/")
        pairs = "/".join(f"{one}/{own}" for one, own in zip(types, name.split("/"), strict=True))
        resource = f"{self.group}/providers/{namespace}/{pairs}"
        return self.world.store.add(
            Record(resource, type_, {"properties": properties or {}, **body})
        )

    def ask(
        self, verb: str, path: str, body: Any = None, *, audience: str = "", **headers: str
    ) -> requests.Response:
        """Send a request to a path (or a whole address), with a token of the user for an audience.

        Underlines stand for hyphens in the names of headers.
        """
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if audience:
            told["Authorization"] = f"Bearer {tokens.make(USER, audience)}"
        address = path if path.startswith("https:") else f"{self.address}/{path}"
        options: Any = {"verify": self.authority}
        return requests.request(verb, address, json=body, headers=told, timeout=60, **options)

    @property
    def options(self) -> Mapping[str, Any]:
        """What a client of Azure takes to reach the cloud as the user."""
        return {"credential": Known(), "connection_verify": self.authority}


class Known:
    """The user's tokens, as azure-identity gives them."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Return a token for a scope, as `https://storage.azure.com/.default`."""
        return AccessToken(tokens.make(USER, scopes[0].removesuffix("/.default")), NEVER)


@contextmanager
def played(work: Work | str = "simulated") -> Generator[Played]:
    """Run a cloud in a thread."""
    with (
        tempfile.TemporaryDirectory(prefix="mlops-azure-") as root,
        Server(root=Path(root), work=work) as server,
    ):
        made = Played(server.address, server.world.authority, server.world)
        group = Record(made.group, GROUPS, {"location": server.world.region})
        made.world.store.add(group)
        yield made
