"""Environment variables of jobs and servers: plain ones, and secrets by their address."""

import re
from collections.abc import Iterator, Mapping

from mlops_iac.provider import Problem
from mlops_iac.specs import SecretRef
from mlops_iac_azure.names import VAULT_ENTRY

SECRET_PREFIX = "MLOPS_SECRET_"  # noqa: S105  the prefix of a name
"""`MLOPS_SECRET_TOKEN` holds the address of the secret that the runtime sets as `TOKEN`."""
_RESERVED = ("AZUREML_", "MLOPS_")


def variables(environment: Mapping[str, str | SecretRef], vault_uri: str) -> dict[str, str]:
    """Return what Azure ML is given: no secret's value, only where the runtime reads it."""
    found: dict[str, str] = {}
    for name, value in sorted(environment.items()):
        if isinstance(value, SecretRef):
            found[SECRET_PREFIX + name] = f"{vault_uri}secrets/{value.secret}"
        else:
            found[name] = value
    return found


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
