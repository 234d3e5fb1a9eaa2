"""Images in the platform's registry, asked by the interface that every registry has.

Who calls is known by a token of Azure that the registry exchanges for its own:
https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md; names and digests:
https://distribution.github.io/distribution/spec/api/.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mlops_iac_azure import rest
from mlops_iac_azure.faults import found
from mlops_iac_azure.session import Place, token

DOMAIN = ".azurecr.io"
_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def server(registry: str) -> str:
    """Return what image addresses of a registry begin with."""
    return f"{registry}{DOMAIN}"


def digest_of(place: Place, registry: str, repository: str, reference: str) -> str | None:
    """Return the digest of an image by its tag, or `None` when there is none."""
    root = place.address("registry", registry)
    request = rest.Request(
        doing=f"look for image `{repository}:{reference}`",
        verb="GET",
        url=f"{root}/v2/{repository}/manifests/{reference}",
        service="registry",
        headers={"Accept": ", ".join(_MANIFESTS)},
        repeatable=True,
        key=_access(place, registry, f"repository:{repository}:pull"),
    )
    answer = found(rest.answered, place, request)
    return None if answer is None else str(answer.headers["Docker-Content-Digest"])


def _access(place: Place, registry: str, scope: str) -> str:
    """Return the registry's own token for a scope."""
    service = {"service": server(registry)}
    refresh = _asked(
        place,
        registry,
        "oauth2/exchange",
        {
            "grant_type": "access_token",
            "access_token": token(place, "resourcemanager"),
            **service,
        },
    )["refresh_token"]
    asked = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": scope, **service}
    return str(_asked(place, registry, "oauth2/token", asked)["access_token"])


def _asked(place: Place, registry: str, path: str, form: Mapping[str, str]) -> dict[str, Any]:
    request = rest.Request(
        doing=f"log in to registry `{registry}`",
        verb="POST",
        url=f"{place.address('registry', registry)}/{path}",
        service="registry",
        data=urlencode(form),
        headers=_FORM,
        repeatable=True,
    )
    return rest.send(place, request)
