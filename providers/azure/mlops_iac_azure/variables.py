"""Environment variables of jobs and servers: plain ones, and secrets by their address."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mlops_iac.container_contract import PREFIX, SECRET, secret_reference
from mlops_iac.provider import Problem
from mlops_iac.specs import SecretRef
from mlops_iac_azure.names import VAULT_ENTRY

if TYPE_CHECKING:
    import pulumi

SECRET_SCHEME = "azure-keyvault"  # noqa: S105  the name of a store
"""How the runtime knows that a reference is the address of a secret in a Key Vault."""
CLIENT = "AZURE_CLIENT_ID"
"""Which identity a library takes inside a container: azure-identity's own variable."""
_RESERVED = ("AZUREML_", PREFIX)


def variables(
    environment: Mapping[str, str | SecretRef],
    vault_uri: "pulumi.Output[str]",
    client: "pulumi.Output[str]",
) -> dict[str, Any]:
    """Return what Azure ML is given: no secret's value, only where the runtime reads it.

    `client` is the client id of the workload's identity; a variable of the user's wins.
    """
    found: dict[str, Any] = {CLIENT: client}
    for name, value in sorted(environment.items()):
        if isinstance(value, SecretRef):
            found[SECRET + name] = vault_uri.apply(partial(_reference, value.secret))
        else:
            found[name] = value
    return found


def _reference(secret: str, vault_uri: str) -> str:
    return secret_reference(SECRET_SCHEME, f"{vault_uri}secrets/{secret}")


def variable_problems(
    component: str, environment: Mapping[str, str | SecretRef]
) -> Iterator[Problem]:
    """Yield the variables that Azure refuses or that would hide our own."""
    for name, value in environment.items():
        field = f"environment.{name}"
        if name.upper().startswith(_RESERVED):
            yield Problem(
                code="environment.reserved",
                component=component,
                field=field,
                value=name,
                message=f"`{name}` is set by the platform",
                rule=f"names do not begin with {' or '.join(f'`{p}`' for p in _RESERVED)}",
                remedy="rename the variable",
            )
        if isinstance(value, SecretRef) and not re.fullmatch(VAULT_ENTRY, value.secret):
            yield Problem(
                code="secret.illegal-name",
                component=component,
                field=f"{field}.secret",
                value=value.secret,
                message=f"`{value.secret}` cannot be the name of a Key Vault secret",
                rule="1 to 127 letters, digits and `-`",
                remedy="rename the secret",
            )
