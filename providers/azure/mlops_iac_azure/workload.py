"""What jobs and endpoints share: environment, secrets by reference, whose identity they have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.container_contract import PREFIX, SECRET, secret_reference
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import SecretRef
from mlops_iac_azure import facts
from mlops_iac_azure.names import VAULT_ENTRY

Environment = Mapping[str, "str | SecretRef"]

SECRET_SCHEME = "azure-keyvault"  # noqa: S105  the name of a store
"""How the runtime knows that a reference is the address of a secret in a Key Vault."""
CLIENT = "AZURE_CLIENT_ID"
"""Which identity a library takes inside a container: azure-identity's own variable."""
RESERVED = ("AZUREML_", "MSI_", "IDENTITY_", PREFIX)
"""Beginnings of the names of variables that a container gets anyway."""


def environment_problems(component: str, environment: Environment) -> Iterator[Problem]:
    """Yield variables that are not the user's, and secrets that Key Vault cannot name."""
    for name, value in environment.items():
        if name.upper().startswith(RESERVED):
            yield Problem(
                code="environment.reserved",
                component=component,
                field=f"environment.{name}",
                value=name,
                message=f"`{name}` is set by Azure ML or by the runtime",
                rule=f"not one of {', '.join(f'`{prefix}…`' for prefix in RESERVED)}",
                remedy="rename the variable",
            )
        if isinstance(value, SecretRef) and not re.fullmatch(VAULT_ENTRY, value.secret):
            yield Problem(
                code="secret.illegal-name",
                component=component,
                field=f"environment.{name}.secret",
                value=value.secret,
                message=f"`{value.secret}` cannot be the name of a Key Vault secret",
                rule="1 to 127 letters, digits and `-`",
                remedy="rename the secret",
            )


def variables(environment: Environment, scope: Scope) -> dict[str, str]:
    """Return the variables that a container starts with: no value of a secret among them."""
    plain = {name: value for name, value in environment.items() if isinstance(value, str)}
    secrets = {
        SECRET + name: secret_reference(SECRET_SCHEME, secret_name(value, scope))
        for name, value in environment.items()
        if isinstance(value, SecretRef)
    }
    return {**plain, **secrets}


def secret_name(value: SecretRef, scope: Scope) -> str:
    """Return the address of a secret."""
    return f"{facts.vault_uri(scope)}secrets/{value.secret}"


def pruned(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return `body` without the members that are not given."""
    return {key: value for key, value in body.items() if value is not None}
