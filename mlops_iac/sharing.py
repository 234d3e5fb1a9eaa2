"""A platform that another stack owns: the document it exports, and what a reader makes of it.

The document holds plain facts: what the platform's own stack declared, and what came of it. Where
its stack keeps it secret, everything that is read from it is secret too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from mlops_iac.errors import PlanError, Problem
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.specs.base import Part
from mlops_iac.specs.platform import Platform

if TYPE_CHECKING:
    import pulumi

VERSION = 1
"""Version of the document's form; a reader takes no other."""
KEY = "shared"
"""Where the document stands among the exported outputs of a platform."""


class PlatformDocument(Part):
    """What a stack exports of its platform for other stacks."""

    version: Literal[1] = VERSION
    """Version of this form."""
    project: str
    """Pulumi project of the platform's own stack."""
    stack: str
    """Pulumi stack that owns the platform."""
    platform: Platform
    """What that stack declares, target and place filled in."""
    outputs: Mapping[str, Any] = Field(default_factory=dict)
    """Its exported outputs: artifact root, image registry, tracking, key."""
    native: Mapping[str, Any] = Field(default_factory=dict)
    """Facts for the adapters of the same target, such as the runtime image."""


@dataclass(frozen=True, kw_only=True)
class SharedPlatform:
    """Another stack's platform, as it was when it was read."""

    reference: str
    """Its stack: `organization/project/stack`."""
    document: PlatformDocument
    is_secret: bool = field(default=False)

    def output(self, name: str) -> "pulumi.Output[Any]":
        """Return an exported output of the platform; an Output of `None` where it has none."""
        return self._wired(self.document.outputs.get(name))

    def native(self, name: str) -> "pulumi.Output[Any]":
        """Return a fact that only adapters read."""
        return self._wired(self.document.native.get(name))

    def _wired(self, value: Any) -> "pulumi.Output[Any]":
        import pulumi

        return pulumi.Output.secret(value) if self.is_secret else pulumi.Output.from_input(value)


def document(
    project: str, stack: str, platform: Platform, outputs: PlatformOutputs, natives: Sequence[str]
) -> dict[str, Any]:
    """Return the document of a built platform, to be exported: Outputs stand in it as they are.

    Args:
        project: the Pulumi project that builds it.
        stack: the Pulumi stack that builds it.
        platform: what is declared, target and place filled in.
        outputs: what came of it.
        natives: facts that the target's adapters need in other stacks.
    """
    return {
        "version": VERSION,
        "project": project,
        "stack": stack,
        "platform": _values(platform),
        "outputs": outputs.exported(),
        "native": {name: outputs.native[name] for name in natives},
    }


def _values(part: Part) -> dict[str, Any]:
    """Return a part as data, its Outputs left in it; what is as by default is left out."""
    plain = part.model_dump(mode="json", exclude_defaults=True)
    wired = {name: _wired(getattr(part, name)) for name in plain}
    return {name: plain[name] if value is None else value for name, value in wired.items()}


def _wired(value: Any) -> Any:
    """Return what replaces the JSON form of a value: of a variant, a list; `None` for neither."""
    if isinstance(value, Part):
        return {**value.model_dump(mode="json", include={"mode"}), **_values(value)}
    if isinstance(value, tuple):
        return list(value)
    from mlops_iac.specs.types import is_output

    return value if is_output(value) else None


def read_document(reference: str, outputs: Mapping[str, Any], *, secret: bool) -> SharedPlatform:
    """Return the platform among the exported outputs of a stack.

    Raises:
        PlanError: there is none, or this version cannot read it.
    """
    for exported in outputs.values():
        if isinstance(exported, Mapping) and KEY in exported:
            return shared_platform(reference, exported[KEY], secret=secret)
    raise PlanError([_problem("platform.not-exported", reference, "exports no platform")])


def shared_platform(reference: str, data: Any, *, secret: bool = False) -> SharedPlatform:
    """Return the platform that a document describes.

    Raises:
        PlanError: it is no document of this version.
    """
    try:
        found = TypeAdapter(PlatformDocument).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the document"
        said = f"exports a platform that cannot be read: `{place}`: {first['msg']}"
        raise PlanError([_problem("platform.unreadable", reference, said)]) from None
    return SharedPlatform(reference=reference, document=found, is_secret=secret)


def unread(name: str, reference: str) -> Problem:
    """Return the problem of a plan that needs a platform and was not given it."""
    return Problem(
        code="platform.unread",
        component=name,
        field="stack",
        value=reference,
        message=f"what the platform of `{reference}` is, is not known here",
        rule="target, region and network of a shared platform decide what is planned",
        remedy=f"`pulumi stack output --json -s {reference} > platform.json`, then "
        "`mlops-iac plan --platform platform.json`",
    )


def _problem(code: str, reference: str, said: str) -> Problem:
    return Problem(
        code=code,
        component="platform",
        field="stack",
        value=reference,
        message=f"the stack `{reference}` {said}",
        rule=f"a platform's stack exports a document of version {VERSION}",
        remedy="look at `pulumi stack output` of that stack; run its `up` with this release",
    )
