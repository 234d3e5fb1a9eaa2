"""Secrets of a Container App, and the volumes in which a container finds them.

https://learn.microsoft.com/azure/container-apps/manage-secrets
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.failures import WorkError, unknown
from tests.clouds.azure.work.jobs import identity

Told = Mapping[str, Any]
_AUDIENCE = "https://vault.azure.net"
_VERSION = "7.4"


def secrets(app: Told, service: Api, run: Run) -> dict[str, str]:
    """Return the values of an app's secrets, by name.

    Raises:
        WorkError: one lies in a vault whose identity may not read it.
    """
    configuration: Told = app["properties"].get("configuration") or {}
    return {
        one["name"]: _value(one, app, service, run) for one in configuration.get("secrets") or ()
    }


def _value(told: Told, app: Told, service: Api, run: Run) -> str:
    address = told.get("keyVaultUrl")
    if not address:
        return told.get("value") or ""
    named = told.get("identity") or ""
    api = identity.of_resource(run, app) if named.lower() == "system" else Api.of(run, named)
    answer = (api or service).send(
        "GET", address, audience=_AUDIENCE, query={"api-version": _VERSION}
    )
    if not answer.ok:
        raise WorkError(
            f"Unable to get value using Managed identity {named} for secret {told['name']}"
        )
    return answer.json()["value"]


def mounted(template: Told, spec: Told, values: Mapping[str, str], root: Path) -> list[str]:
    """Lay out the volumes of a container; return the paths at which it sees them.

    Raises:
        WorkError: for volumes of another kind than secrets and empty folders.
    """
    volumes = {one["name"]: one for one in template.get("volumes") or ()}
    return [_mounted(volumes, one, values, root) for one in spec.get("volumeMounts") or ()]


def _mounted(volumes: Told, mount: Told, values: Mapping[str, str], root: Path) -> str:
    volume: Told = volumes[mount["volumeName"]]
    kind = volume.get("storageType") or "EmptyDir"
    if kind not in {"EmptyDir", "Secret"}:
        raise unknown(f"volumes of the type `{kind}`")
    path: str = mount["mountPath"].rstrip("/")
    folder = root / path.lstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "Secret":
        named = {one["secretRef"]: one.get("path") for one in volume.get("secrets") or ()}
        for name in named or values:
            file = folder / (named.get(name) or name)
            file.write_text(values[name], encoding="utf-8")
            file.chmod(0o600)
    return path
