"""What AWS refuses in values that several kinds share: tags, environment, identifiers."""

import re
from collections.abc import Iterator, Mapping

from mlops_iac.container_contract import PREFIX, SECRET, secret_reference
from mlops_iac.provider import Problem
from mlops_iac.specs.types import SecretRef, is_output

TAG_LIMIT = 50
TAG_KEY_LIMIT = 128
TAG_VALUE_LIMIT = 256
"""Tags per resource, characters in key and value: https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html."""
MARK = "mlops-iac-"
"""How the tags begin that tell a stack's own resources from strangers'."""
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
SECRET_SCHEME = "aws-secretsmanager"  # noqa: S105  the name of a store
"""How the runtime knows that a reference is the name or ARN of a secret in Secrets Manager."""


def identifier_problem(
    component: str, field: str, value: object, pattern: str, example: str
) -> Iterator[Problem]:
    """Yield a problem when a known `value` is not of the form that AWS gives its identifiers."""
    if value is None or is_output(value) or re.fullmatch(pattern, str(value)):
        return
    yield Problem(
        code="identifier.malformed",
        component=component,
        field=field,
        value=value,
        message=f"`{value}` is no identifier that AWS would give",
        rule=f"matches `{pattern}`",
        remedy=f"such as `{example}`",
    )


def tag_problems(component: str, tags: Mapping[str, str], own: int) -> Iterator[Problem]:
    """Yield what is wrong with tags; `own` are added by us."""
    if len(tags) + own > TAG_LIMIT:
        yield _tag_problem(component, "tags", len(tags), f"at most {TAG_LIMIT - own} of your own")
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            yield _tag_problem(component, f"tags.{key}", key, "`aws:` is reserved for AWS")
        elif key.lower().startswith(MARK):
            yield _tag_problem(component, f"tags.{key}", key, f"`{MARK}` says whose a resource is")
        elif not 1 <= len(key) <= TAG_KEY_LIMIT or not _TAG.fullmatch(key):
            yield _tag_problem(
                component, f"tags.{key}", key, "1 to 128 letters, digits, spaces, `_.:/=+-@`"
            )
        if len(value) > TAG_VALUE_LIMIT or not _TAG.fullmatch(value):
            yield _tag_problem(
                component, f"tags.{key}", value, "up to 256 letters, digits, spaces, `_.:/=+-@`"
            )


def _tag_problem(component: str, field: str, value: object, rule: str) -> Problem:
    return Problem(
        code="tags.not-allowed",
        component=component,
        field=field,
        value=value,
        message=f"AWS does not take the tag `{value}`" if field != "tags" else "too many tags",
        rule=rule,
        remedy="rename, shorten or remove it",
    )


def environment_problems(
    component: str, environment: Mapping[str, str | SecretRef], limit: int
) -> Iterator[Problem]:
    """Yield what is wrong with environment variables whose values take `limit` characters."""
    for name, value in environment.items():
        if name.startswith(PREFIX):
            yield Problem(
                code="environment.reserved",
                component=component,
                field=f"environment.{name}",
                value=name,
                message=f"`{name}` would hide what the runtime is told",
                rule=f"names that begin with `{PREFIX}` are the runtime's",
                remedy="choose another name",
            )
        if isinstance(value, str) and len(value) > limit:
            yield Problem(
                code="environment.too-long",
                component=component,
                field=f"environment.{name}",
                value=f"{len(value)} characters",
                message=f"the value of `{name}` has {len(value)} characters",
                rule=f"SageMaker takes {limit}",
                remedy="put it into a file beside the script, or into a secret",
            )


def environment_variables(environment: Mapping[str, str | SecretRef]) -> dict[str, str]:
    """Return the variables of a container: plain text as it is, secrets by reference."""
    return {
        (SECRET + name if isinstance(value, SecretRef) else name): (
            secret_reference(SECRET_SCHEME, value.secret) if isinstance(value, SecretRef) else value
        )
        for name, value in environment.items()
    }


def has_secrets(environment: Mapping[str, str | SecretRef]) -> bool:
    """Whether the container must reach the secret store."""
    return any(isinstance(value, SecretRef) for value in environment.values())
