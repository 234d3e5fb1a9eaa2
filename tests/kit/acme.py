"""A provider that does everything, in one resource per component. Not a test.

`faults` are the ways in which `broken_providers` makes it wrong, one at a time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pulumi

from mlops_iac.outputs import Outputs, PlatformOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Platform, Spec
from mlops_iac.testing.conformance.judging import outputs_of
from tests.kit.target import PROVIDER


class Thing(pulumi.CustomResource):
    """A resource of an imaginary SDK, which takes tags."""

    def __init__(
        self,
        kind: str,
        name: str,
        declared: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        inputs = {"declared": dict(declared), "tags": tags}
        super().__init__(f"acme:index:{kind}", name, inputs, opts)


@dataclass
class Faults:
    """What is done otherwise than it should be; by default nothing."""

    declared: Callable[[Spec, dict[str, Any]], dict[str, Any]] = lambda _, d: d
    name: Callable[[BuildContext], str] = lambda context: context.name()
    options: Callable[[BuildContext, dict[str, Any]], dict[str, Any]] = lambda _, o: o
    tags: Callable[[BuildContext], Mapping[str, str] | None] = lambda context: context.tags
    outputs: Callable[[Outputs], Any] = lambda outputs: outputs
    check: Callable[[Spec, Scope], Iterable[Problem]] = lambda *_: ()
    also: Callable[[Spec, BuildContext], None] = lambda *_: None


FAULTS = Faults()
"""Those of the provider that is under test; `tests.kit.test_kit` puts others in their place."""


class AcmeAdapter:
    """Maps any kind."""

    kind = ""

    def check(self, spec: Spec, scope: Scope) -> Iterable[Problem]:
        return FAULTS.check(spec, scope)

    def build(self, spec: Spec, context: BuildContext) -> Outputs:
        explicit = _own_provider(context) if isinstance(spec, Platform) else None
        options: dict[str, Any] = {"provider": explicit} if explicit else {}
        if isinstance(spec, Platform) or spec.kind == "RegisteredModel":
            options |= context.protected()
        declared = FAULTS.declared(spec, _declared(spec, context))
        thing = Thing(
            spec.kind,
            FAULTS.name(context),
            declared,
            pulumi.ResourceOptions(
                **FAULTS.options(context, {"parent": context.parent, **options})
            ),
            FAULTS.tags(context),
        )
        FAULTS.also(spec, context)
        return FAULTS.outputs(_outputs(spec.kind, thing, explicit))


def _declared(spec: Spec, context: BuildContext) -> dict[str, Any]:
    values = {name: getattr(spec, name) for name in type(spec).model_fields}
    plain = spec.model_dump(mode="json")
    if isinstance(spec, Platform):
        values["network"] = dict(spec.network)
        values["encryption"] = dict(spec.encryption)
        plain |= {key: values[key] for key in ("network", "encryption")}
    return {**plain, "physicalName": f"{context.stack}-{spec.name}"}


def _own_provider(context: BuildContext) -> pulumi.ProviderResource:
    options = pulumi.ResourceOptions(parent=context.parent)
    return pulumi.ProviderResource("acme", context.name("acme"), {}, options)


def _outputs(kind: str, thing: Thing, own: pulumi.ProviderResource | None) -> Outputs:
    of_kind = outputs_of(kind)
    given: dict[str, Any] = {each.name: thing.id for each in fields(of_kind)}
    if of_kind is PlatformOutputs:
        assert own is not None
        given |= {"identities": {}, "native": {}, "pulumi_providers": (own,)}
    return of_kind(**given)


__all__ = ["FAULTS", "PROVIDER", "AcmeAdapter", "Faults", "Thing"]
