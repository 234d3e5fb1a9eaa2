"""Routes of the discovery documents: which method a request is.

A service answers below its own name (`/aiplatform/v1/projects/…`), beneath which the paths are
those that its document declares.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from tests.contract.walkers import discovery

SERVICES: Mapping[str, tuple[str, ...]] = {
    "aiplatform": ("v1", "v1beta1"),
    "artifactregistry": ("v1",),
    "bigquery": ("v2",),
    "cloudbuild": ("v1",),
    "cloudkms": ("v1",),
    "cloudresourcemanager": ("v1", "v3"),
    "cloudscheduler": ("v1",),
    "cloudtasks": ("v2",),
    "compute": ("v1",),
    "dataplex": ("v1",),
    "dns": ("v1",),
    "eventarc": ("v1",),
    "iam": ("v1",),
    "iamcredentials": ("v1",),
    "logging": ("v2",),
    "monitoring": ("v3", "v1"),
    "networkconnectivity": ("v1",),
    "pubsub": ("v1",),
    "run": ("v2",),
    "secretmanager": ("v1",),
    "serviceusage": ("v1", "v1beta1"),
    "sqladmin": ("v1",),
    "storage": ("v1",),
    "workflowexecutions": ("v1",),
    "workflows": ("v1",),
}
"""Services that are played, with the versions of their documents."""

_VARIABLE = re.compile(r"\{(\+?)([^}]+)\}")
MEDIA = ("resumable/upload/", "upload/", "download/")
"""What stands before a path when contents go with the call."""


@dataclass(frozen=True)
class Route:
    """One method of one document."""

    service: str
    version: str
    id: str
    """Without the service's name, as `projects.locations.models.upload`."""
    declared: Mapping[str, Any]
    """The method as its document has it."""

    @property
    def api(self) -> str:
        """The document, as `aiplatform.v1`."""
        return f"{self.service}.{self.version}"

    @property
    def http(self) -> str:
        """The method of HTTP."""
        return self.declared["httpMethod"]

    @property
    def request(self) -> str:
        """The name of the body's schema; empty when there is no body."""
        return self.declared.get("request", {}).get("$ref", "")

    @property
    def response(self) -> str:
        """The name of the answer's schema; empty when there is no body."""
        return self.declared.get("response", {}).get("$ref", "")

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Parameters of path and query as declared."""
        return self.declared.get("parameters", {})

    @property
    def template(self) -> str:
        """The path as declared, below the service's own path."""
        return self.declared["path"]

    @cached_property
    def literal(self) -> int:
        """How much of the path stands fast: the more, the earlier it is tried."""
        return len(_VARIABLE.sub("", self.template))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path's expression; its groups are in the order of `names`."""
        parts: list[str] = []
        last = 0
        for found in _VARIABLE.finditer(self.template):
            parts += [re.escape(self.template[last : found.start()]), self._group(*found.groups())]
            last = found.end()
        return re.compile("".join([*parts, re.escape(self.template[last:])]))

    @cached_property
    def names(self) -> list[str]:
        """Names of the path's variables."""
        return [name for _, name in _VARIABLE.findall(self.template)]

    @cached_property
    def groups(self) -> list[int]:
        """Numbers of the variables' groups: a variable's pattern may hold groups of its own."""
        numbers: list[int] = []
        before = 0
        for name in self.names:
            numbers.append(before + 1)
            before += 1 + re.compile(self.parameters[name].get("pattern") or "").groups
        return numbers

    def _group(self, reserved: str, name: str) -> str:
        pattern = self.parameters[name].get("pattern")
        if pattern:
            return f"({pattern.removeprefix('^').removesuffix('$')})"
        return "(.+)" if reserved else "([^/]+)"


def find(service: str, http: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the method that a path below a service is, with the path's variables."""
    bare = _without_media(path)
    for version in SERVICES.get(service, ()):
        if version not in bare.split("/")[:3]:
            continue
        base = document(service, version)["servicePath"]
        if not bare.startswith(base):
            continue
        found = _match(service, version, http, bare.removeprefix(base))
        if found is not None:
            return found
    return None


def _without_media(path: str) -> str:
    for prefix in MEDIA:
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path


def _match(service: str, version: str, http: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in _by_http(service, version).get(http, ()):
        matched = route.pattern.fullmatch(path)
        if matched is not None:
            values = [matched.group(index) for index in route.groups]
            pairs = zip(route.names, values, strict=True)
            return route, {name: unquote(value) for name, value in pairs}
    return None


@cache
def document(service: str, version: str) -> Mapping[str, Any]:
    """Return a discovery document."""
    return discovery.document(f"{service}.{version}")


@cache
def _by_http(service: str, version: str) -> Mapping[str, list[Route]]:
    routes: dict[str, list[Route]] = {}
    for route in all_routes(service, version):
        routes.setdefault(route.http, []).append(route)
    for some in routes.values():
        some.sort(key=lambda route: -route.literal)
    return routes


@cache
def by_id(service: str, version: str) -> Mapping[str, Route]:
    """Return a document's methods by their ids."""
    return {route.id: route for route in all_routes(service, version)}


def all_routes(service: str, version: str) -> Iterator[Route]:
    """Yield each method of a document."""
    for declared in discovery.methods(f"{service}.{version}").values():
        short = declared["id"].partition(".")[2]
        yield Route(service, version, short, declared)
