"""Secrets by reference: read at start, under the workload's identity, and given to the script.

`MLOPS_SECRET_TOKEN=<scheme>:<reference>` becomes the variable `TOKEN`. Job definitions, states,
plans and process lists hold the reference only. The clouds' libraries are imported when one of
their secrets is to be read, and no sooner.
"""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterable, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from mlops_iac.container_contract import SECRET
from mlops_iac.runtime.errors import SecretError

MASK = "**********"
GOOGLE_API = "https://secretmanager.googleapis.com/v1"
# https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret
_VAULT_VERSION = "7.4"
_SECONDS = 30.0
_SHORTEST_MASKED = 4
"""Shorter values are not masked: they would blot out ordinary text."""


def resolve(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the secrets that `environment` names, by the script's variable.

    Raises:
        SecretError: names each variable and reference that cannot be read; never a value.
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    for variable, reference in sorted(environment.items()):
        if not variable.startswith(SECRET):
            continue
        name = variable.removeprefix(SECRET)
        try:
            found[name] = _read(reference)
        except Exception as error:  # noqa: BLE001 -- the libraries raise their own; all are told
            faults.append(f"`{name}` (`{reference}`): {_told(error)}")
    if faults:
        raise SecretError(
            f"secrets cannot be read: {'; '.join(faults)}",
            remedy="create the secret, and let the workload's identity read it",
        )
    return found


@contextmanager
def lent(environment: MutableMapping[str, str], values: Mapping[str, str]) -> Generator[None]:
    """Put `values` into `environment` and take them out again at the end."""
    before = {name: environment[name] for name in values if name in environment}
    environment.update(values)
    try:
        yield
    finally:
        for name in values:
            environment.pop(name, None)
        environment.update(before)


def masked(text: str, values: Iterable[str]) -> str:
    """Return `text` with every value blotted out, each line of a long one by itself."""
    for value in values:
        for part in (value, *value.splitlines()):
            if len(part) >= _SHORTEST_MASKED:
                text = text.replace(part, MASK)
    return text


def _read(reference: str) -> str:
    scheme, _, place = reference.partition(":")
    reader = READERS.get(scheme)
    if reader is None or not place:
        raise SecretError(f"not of the form `scheme:reference` with one of {', '.join(READERS)}")
    return reader(place)


def _told(error: Exception) -> str:
    if isinstance(error, SecretError):
        return error.message
    # Of a library's error only the first line: no bodies, no headers.
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _from_aws(place: str) -> str:
    client = _library("boto3").client("secretsmanager")
    answer = client.get_secret_value(SecretId=place)
    return answer.get("SecretString") or answer["SecretBinary"].decode()


def _from_google(place: str) -> str:
    auth = _library("google.auth")
    credentials, _ = auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    credentials.refresh(_library("google.auth.transport.requests").Request())
    answer = _get_json(f"{GOOGLE_API}/{place}:access", credentials.token)
    return base64.b64decode(answer["payload"]["data"]).decode()


def _from_azure(place: str) -> str:
    credential = _library("azure.identity").DefaultAzureCredential()
    token = credential.get_token("https://vault.azure.net/.default").token
    return str(_get_json(f"{place}?api-version={_VAULT_VERSION}", token)["value"])


READERS: Mapping[str, Callable[[str], str]] = {
    "aws-secretsmanager": _from_aws,
    "azure-keyvault": _from_azure,
    "gcp-secretmanager": _from_google,
}
"""How the secret that a scheme's reference names is read."""


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SecretError(f"the image lacks the library `{name}`") from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the token is for the address that was asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _get_json(address: str, token: str) -> Any:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise SecretError("it is asked for over https only")
    request = urllib.request.Request(  # noqa: S310 -- judged above
        address, headers={"authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SecretError(f"the store answered {error.code}") from error
    except (urllib.error.URLError, TimeoutError) as error:
        raise SecretError(f"the store cannot be reached ({error})") from error
    except ValueError as error:
        raise SecretError("the store answered no JSON") from error
