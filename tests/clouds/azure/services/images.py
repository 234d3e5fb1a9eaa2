"""What the registries hold: manifests by digest and tag, and the registries' own tokens.

https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md and the distribution's interface. Limits:
images come by builds and imports; nothing is pushed or pulled in layers.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Body, CloudError, told
from tests.clouds.azure.services import planes
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

REGISTRY = "Microsoft.ContainerRegistry/registries"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_PATH = re.compile(r"v2/(?P<repository>.+)/(?P<what>manifests|tags)/(?P<which>[^/]+)")
_OWN = re.compile(r"acr/v1/(?P<repository>.+?)(?:/_(?P<what>tags|manifests)(?:/(?P<which>.+))?)?")
_REFRESH, _ACCESS = "refresh", "access"


@dataclass
class Repository:
    """One repository of a registry."""

    tags: dict[str, str] = field(default_factory=dict[str, str])
    """Digests."""
    manifests: dict[str, str] = field(default_factory=dict[str, str])
    """When each digest came."""


def repositories(world: World, registry: str) -> dict[str, Repository]:
    """Return a registry's repositories by their names."""
    kept: dict[str, dict[str, Repository]] = world.state("images", dict)
    return kept.setdefault(registry.lower(), {})


def push(world: World, registry: str, image: str, content: bytes) -> str:
    """Keep an image `repository:tag`; return its digest, which follows from a content."""
    repository, _, tag = image.partition(":")
    digest = f"sha256:{hashlib.sha256(content + repository.encode()).hexdigest()}"
    kept = repositories(world, registry).setdefault(repository, Repository())
    kept.manifests.setdefault(digest, world.clock.stamp())
    kept.tags[tag or "latest"] = digest
    return digest


def registry_of(world: World, name: str) -> Record:
    """Return a registry by its name, which is the only one of that name anywhere.

    Raises:
        Refusal: 404; at Azure there is no such host.
    """
    for record in world.store.of_type(REGISTRY):
        if record.name.lower() == name.lower():
            return record
    raise Refusal(404, "REGISTRY_NOT_FOUND", f"There is no registry `{name}`.")


# Tokens


def _exchange(asked: Asked) -> Answer:
    """Give a registry's refresh token for a token of Azure."""
    form = dict(parse_qsl(asked.body.decode()))
    given = tokens.read(form.get("access_token", ""))
    known = (*tokens.MANAGEMENT, *tokens.REGISTRY)
    if given is None or not tokens.is_for(given.audience, known):
        raise Refusal(401, "UNAUTHORIZED", "The token of Azure is none for registries.")
    registry_of(asked.world, asked.name)
    return told({"refresh_token": _token(asked.name, _REFRESH, given.principal)})


def _token(registry: str, kind: str, principal: str, scope: str = "") -> str:
    return tokens.make(principal, f"{kind}:{registry.lower()}:{scope}")


def _read(asked: Asked, token: str, kind: str) -> tuple[Caller, str]:
    """Return whose token of the registry it is, and for which scope."""
    found = tokens.read(token)
    start = f"{kind}:{asked.name.lower()}:"
    if found is None or not found.audience.startswith(start):
        scope = f'realm="{asked.world.address}/registry/{asked.name}/oauth2/token"'
        message = "authentication required, visit https://aka.ms/acr/authorization for more."
        challenge = f'Bearer {scope},service="{asked.name}.azurecr.io"'
        raise Refusal(401, "UNAUTHORIZED", message, WWW_Authenticate=challenge)
    return found, found.audience.removeprefix(start)


def _access(asked: Asked) -> Answer:
    """Give a token for a scope, to who has the role for it."""
    form = dict(parse_qsl(asked.body.decode()))
    caller, _ = _read(asked, form.get("refresh_token", ""), _REFRESH)
    record = registry_of(asked.world, asked.name)
    action = f"{REGISTRY}/pull/read"
    if not roles.may(asked.world, caller.principal, action, record.id):
        raise Refusal(401, "UNAUTHORIZED", "The principal may not pull from this registry.")
    return told({"access_token": _token(asked.name, _ACCESS, caller.principal, form["scope"])})


def _admit(asked: Asked, repository: str) -> None:
    _, _, given = asked.header("authorization").partition(" ")
    _, scope = _read(asked, given, _ACCESS)
    if scope.split(":")[:2] != ["repository", repository] and not scope.startswith("registry:"):
        raise Refusal(401, "UNAUTHORIZED", f"The token is for `{scope}`, not for `{repository}`.")


# Images


def _repository(asked: Asked, name: str) -> Repository:
    _admit(asked, name)
    found = repositories(asked.world, asked.name).get(name)
    if found is None:
        raise Refusal(404, "NAME_UNKNOWN", f"repository name {name} not known to registry")
    return found


def _manifest(asked: Asked) -> Answer:
    found = _PATH.fullmatch(asked.path)
    assert found is not None
    kept, which = _repository(asked, found["repository"]), found["which"]
    digest = which if which in kept.manifests else kept.tags.get(which)
    if digest is None:
        raise Refusal(404, "MANIFEST_UNKNOWN", f"manifest tagged by {which} is not found")
    if asked.verb == "DELETE":
        _drop(kept, digest)
        return Answer(202)
    body = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": {"digest": digest}}
    headers = {"Docker-Content-Digest": digest, "Content-Type": _MANIFEST}
    return Answer(200, json.dumps(body).encode(), headers)


def _drop(kept: Repository, digest: str) -> None:
    del kept.manifests[digest]
    for tag in [one for one, of in kept.tags.items() if of == digest]:
        del kept.tags[tag]


def _tags(asked: Asked) -> Answer:
    found = _PATH.fullmatch(asked.path)
    assert found is not None
    kept = _repository(asked, found["repository"])
    return told({"name": found["repository"], "tags": [*kept.tags]})


def _catalog(asked: Asked) -> Answer:
    _admit(asked, "")
    return told({"repositories": sorted(repositories(asked.world, asked.name))})


def _own(asked: Asked) -> Answer:
    """Answer Azure's own interface: repositories, tags and manifests with their times."""
    found = _OWN.fullmatch(asked.path)
    assert found is not None
    name, kept = found["repository"], _repository(asked, found["repository"])
    if asked.verb == "DELETE":
        return _dropped(asked, kept, found)
    common = {"registry": f"{asked.name}.azurecr.io", "imageName": name}
    if found["what"] == "tags":
        entries = [{"name": tag, "digest": digest} for tag, digest in kept.tags.items()]
        if not found["which"]:
            return told({**common, "tags": entries})
        entries = [one for one in entries if one["name"] == found["which"]]
        if not entries:
            raise Refusal(404, "TAG_UNKNOWN", f"the specified tag {found['which']} is not found")
        return told({**common, "tag": entries[0]})
    manifests = [_described(kept, digest) for digest in kept.manifests]
    counts = {"manifestCount": len(kept.manifests), "tagCount": len(kept.tags)}
    return told({**common, **({"manifests": manifests} if found["what"] else counts)})


def _described(kept: Repository, digest: str) -> Body:
    tags = [tag for tag, of in kept.tags.items() if of == digest]
    return {"digest": digest, "createdTime": kept.manifests[digest], "tags": tags}


def _dropped(asked: Asked, kept: Repository, found: "re.Match[str]") -> Answer:
    if found["what"] == "tags":
        kept.tags.pop(found["which"], None)
    elif found["which"]:
        _drop(kept, found["which"])
    else:
        del repositories(asked.world, asked.name)[found["repository"]]
    return Answer(202)


def _ping(asked: Asked) -> Answer:
    _admit(asked, "")
    return told({})


_FIXED: Mapping[str, Operation] = {
    "oauth2/exchange": Operation("exchange", _exchange),
    "oauth2/token": Operation("token", _access),
    "acr/v1/_catalog": Operation("catalog", _catalog),
    "v2/_catalog": Operation("catalog", _catalog),
    "v2": Operation("ping", _ping),
}


def _find(asked: Asked) -> Operation:
    path = asked.path.rstrip("/")
    found = _PATH.fullmatch(path)
    if path in _FIXED:
        return _FIXED[path]
    if found:
        is_manifest = found["what"] == "manifests"
        return Operation("manifest", _manifest) if is_manifest else Operation("tags", _tags)
    if _OWN.fullmatch(path):
        return Operation("repository", _own)
    raise Refusal(404, "NOT_FOUND", f"There is nothing at `{asked.path}`.")


def _refused(error: CloudError) -> Answer:
    one: Any = {"code": error.code, "message": error.message, "detail": None}
    return told({"errors": [one]}, error.status, error.headers)


SERVICE = planes.service("registry", _find, refuse=_refused)
