"""What jobs and endpoints share: environment, secrets by reference, images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.container_contract import PREFIX, SECRET, secret_reference
from mlops_iac.provider import BuildContext, Grant, Problem, Purpose, Scope
from mlops_iac.specs import SecretRef
from mlops_iac_gcp import facts, sdk
from mlops_iac_gcp.grants import GRANTS
from mlops_iac_gcp.identities import member

Environment = Mapping[str, "str | SecretRef"]

SECRET_SCHEME = "gcp-secretmanager"  # noqa: S105  the name of a store
"""How the runtime knows that a reference is a version in Secret Manager."""

RESERVED = ("AIP_", "CLOUD_ML_", PREFIX)
"""Beginnings of the names of variables that a container gets anyway."""

_SECRET = re.compile(r"(projects/(?P<project>[^/]+)/secrets/)?(?P<id>[A-Za-z0-9_-]{1,255})")


def environment_problems(component: str, environment: Environment) -> Iterator[Problem]:
    """Yield variables that are not the user's, and secrets that Secret Manager cannot name."""
    for name, value in environment.items():
        if name.startswith(RESERVED):
            yield Problem(
                code="environment.reserved",
                component=component,
                field=f"environment.{name}",
                value=name,
                message=f"`{name}` is set by Vertex AI or by the runtime",
                rule=f"not one of {', '.join(f'`{prefix}…`' for prefix in RESERVED)}",
                remedy="rename the variable",
            )
        if isinstance(value, SecretRef) and not _SECRET.fullmatch(value.secret):
            yield Problem(
                code="secret.name",
                component=component,
                field=f"environment.{name}",
                value=value.secret,
                message=f"`{value.secret}` is no name in Secret Manager",
                rule="letters, digits, `-` and `_`, or `projects/P/secrets/S`",
                remedy="`gcloud secrets list` shows the names",
            )


def variables(environment: Environment, scope: Scope) -> dict[str, str]:
    """Return the variables that a container starts with: no value of a secret among them."""
    plain = {name: value for name, value in environment.items() if isinstance(value, str)}
    secrets = {
        SECRET + name: secret_reference(
            SECRET_SCHEME, f"{secret_name(value, scope)}/versions/latest"
        )
        for name, value in environment.items()
        if isinstance(value, SecretRef)
    }
    return {**plain, **secrets}


def env_list(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return variables as the API's list of EnvVar."""
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def secret_name(value: SecretRef, scope: Scope) -> str:
    """Return the full name of a secret."""
    if value.secret.startswith("projects/"):
        return value.secret
    return f"projects/{facts.project(scope)}/secrets/{value.secret}"


def grant_secrets(
    context: BuildContext, purpose: Purpose, environment: Environment
) -> list[sdk.gcp.secretmanager.SecretIamMember]:
    """Let the identity of `purpose` read exactly the secrets that `environment` names."""
    (binding,) = GRANTS[Grant.READ_SECRETS]
    wanted = {
        secret_name(value, context)
        for value in environment.values()
        if isinstance(value, SecretRef)
    }
    return [
        sdk.gcp.secretmanager.SecretIamMember(
            context.name(f"secret-{name.rpartition('/')[2]}"),
            project=name.split("/")[1],
            secret_id=name.rpartition("/")[2],
            role=binding.role,
            member=member(context.built_platform.identities[purpose]),
            opts=context.opts("environment"),
        )
        for name in sorted(wanted)
    ]


def pruned(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return `body` without the members that are not given."""
    return {key: value for key, value in body.items() if value is not None}
