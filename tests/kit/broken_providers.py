# ruff: noqa: ARG001  each fault has the signature of what it takes the place of
"""Providers that are wrong in one way each, and the test that must catch each. Not a test."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from mlops_iac.errors import Severity
from mlops_iac.outputs import ModelEndpointOutputs, Outputs
from mlops_iac.provider import BuildContext, Capability, Level, Problem, Provider, Scope, Support
from mlops_iac.specs import Platform, Spec
from mlops_iac.specs.types import is_output
from tests.kit.acme import Faults, Thing
from tests.kit.target import PROVIDER, TABLE


@dataclass(frozen=True)
class Broken:
    """A provider, its faults, and the test that must fail."""

    provider: Provider
    caught_by: str = ""
    faults: Faults = field(default_factory=Faults)
    record_at: str = "tests.kit.target:PROVIDER"


COUNTER = itertools.count()


def is_endpoint(context: BuildContext) -> bool:
    return context.component in context.specs and (
        context.specs[context.component].kind == "ModelEndpoint"
    )


def table(**rows: Support | None) -> Provider:
    """Return the provider with rows changed, or, where they are `None`, taken away."""
    changed = {Capability[name]: support for name, support in rows.items()}
    kept = {each: support for each, support in TABLE.items() if each not in changed}
    return replace(PROVIDER, capabilities={**kept, **{k: v for k, v in changed.items() if v}})


def stray(spec: Spec, context: BuildContext) -> None:
    """Make one more child, and forget whose it is."""
    if spec.kind == "ModelEndpoint":
        options = pulumi.ResourceOptions(provider=context.built_platform.pulumi_providers[0])
        Thing("Stray", context.name("stray"), {"of": spec.name}, options, context.tags)


def no_provider(context: BuildContext, options: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in options.items() if k != "provider"}


def never_protected(context: BuildContext, options: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in options.items() if k != "protect"}


def deaf(context: BuildContext, options: dict[str, Any]) -> dict[str, Any]:
    """Take nobody's options: neither the parent's protection nor its providers."""
    return {**options, "protect": False} if is_endpoint(context) else options


def own_name(context: BuildContext) -> str:
    return f"the-{context.component}" if is_endpoint(context) else context.name()


def random_name(context: BuildContext) -> str:
    return context.name(str(next(COUNTER))) if is_endpoint(context) else context.name()


def no_tags(context: BuildContext) -> Mapping[str, str] | None:
    return None if is_endpoint(context) else context.tags


def no_accelerator(spec: Spec, declared: dict[str, Any]) -> dict[str, Any]:
    """Write down that there is one, and not which: a graph that differs, without what was asked."""
    if spec.kind == "ModelEndpoint" and declared["compute"]["accelerator"]:
        accelerator = declared["compute"].pop("accelerator")
        declared["compute"]["gpus"] = accelerator
    return declared


def no_timeout(spec: Spec, declared: dict[str, Any]) -> dict[str, Any]:
    """Keep all but the number of requests that a replica takes, which no scenario looks at."""
    if spec.kind == "ModelEndpoint":
        declared["scaling"].pop("requests_per_replica", None)
    return declared


def one_name(spec: Spec, declared: dict[str, Any]) -> dict[str, Any]:
    """Give every endpoint the same name on the target."""
    is_twin = spec.kind == "ModelEndpoint"
    return {**declared, "name": "x", "physicalName": "x"} if is_twin else declared


def in_clear(spec: Spec, declared: dict[str, Any]) -> dict[str, Any]:
    if isinstance(spec, Platform) and spec.encryption.mode == "existing":
        shown = pulumi.Output.unsecret(pulumi.Output.from_input(spec.encryption.key))
        return {**declared, "encryption": {**declared["encryption"], "key": shown}}
    return declared


def decides(spec: Spec, context: BuildContext) -> None:
    """Make a second resource when the value of an `Input` is known."""
    key = getattr(spec.encryption, "key", None) if isinstance(spec, Platform) else None
    if key is not None and not is_output(key):
        below = pulumi.ResourceOptions(parent=context.parent)
        provider = pulumi.ProviderResource("acme", context.name("second"), {}, below)
        options = pulumi.ResourceOptions(parent=context.parent, provider=provider)
        Thing("Key", context.name("key"), {}, options, context.tags)


def wrong_type(outputs: Outputs) -> Any:
    """Give a number where a text is promised."""
    if isinstance(outputs, ModelEndpointOutputs):
        return replace(outputs, endpoint_name=pulumi.Output.from_input(7))
    return outputs


def no_output(outputs: Outputs) -> Any:
    if isinstance(outputs, ModelEndpointOutputs):
        return replace(outputs, url="https://fixed.example")  # type: ignore[arg-type]
    return outputs


def silent_refusal(spec: Spec, scope: Scope) -> Iterator[Problem]:
    if spec.kind == "ModelEndpoint" and getattr(spec.rollout, "mode", "") == "linear":
        yield Problem(code="acme.linear", component=spec.name, field="rollout", message="no")


def fussy(spec: Spec, scope: Scope) -> Iterator[Problem]:
    """Refuse what the table says is native."""
    if spec.kind == "ModelEndpoint" and spec.environment.get("MODE") == "fast":
        yield Problem(
            code="acme.no", component=spec.name, field="environment", message="no", remedy="no"
        )


def moody(spec: Spec, scope: Scope) -> Iterator[Problem]:
    """Say something else each time; it is only a warning."""
    yield Problem(
        code="acme.mood",
        component=spec.name,
        field="name",
        message=f"not today, {next(COUNTER)}",
        remedy="tomorrow",
        severity=Severity.WARNING,
    )


NEEDS_NO_SDK = "test_record_is_read_without_its_sdk"
HONEST = "test_capability_is_honest"
_NATIVE = Support(Level.NATIVE)

BROKEN: Mapping[str, Broken] = {
    "a child without parent": Broken(
        PROVIDER, "test_children_are_under_the_component", Faults(also=stray)
    ),
    "a child with a name of its own": Broken(
        PROVIDER, "test_children_are_named_after_the_component", Faults(name=own_name)
    ),
    "a default provider": Broken(
        PROVIDER, "test_every_registration_has_an_explicit_provider", Faults(options=no_provider)
    ),
    "data that is not protected": Broken(
        PROVIDER, "test_data_is_protected_in_production", Faults(options=never_protected)
    ),
    "a child that takes nobody's options": Broken(
        PROVIDER, "test_options_of_the_caller_reach_the_children", Faults(options=deaf)
    ),
    "a random child name": Broken(
        PROVIDER, "test_two_runs_register_the_same", Faults(name=random_name)
    ),
    "a child without tags": Broken(
        PROVIDER, "test_tags_reach_every_taggable_child", Faults(tags=no_tags)
    ),
    "a GPU that is claimed and not wired": Broken(
        PROVIDER, HONEST, Faults(declared=no_accelerator)
    ),
    "a field that is dropped": Broken(
        PROVIDER,
        "test_a_changed_field_changes_the_plan_or_is_refused",
        Faults(declared=no_timeout),
    ),
    "one name for two endpoints": Broken(
        PROVIDER, "test_two_components_share_nothing", Faults(declared=one_name)
    ),
    "a secret in clear": Broken(PROVIDER, "test_secrets_stay_secret", Faults(declared=in_clear)),
    "an input that decides": Broken(
        PROVIDER, "test_unknown_inputs_leave_the_identity_unchanged", Faults(also=decides)
    ),
    "an output of a wrong type": Broken(
        PROVIDER, "test_outputs_are_complete_and_typed", Faults(outputs=wrong_type)
    ),
    "a text in place of an output": Broken(
        PROVIDER, "test_outputs_are_complete_and_typed", Faults(outputs=no_output)
    ),
    "a refusal without a remedy": Broken(
        PROVIDER, "test_a_refusal_says_what_to_do", Faults(check=silent_refusal)
    ),
    "a check that is not a function": Broken(
        PROVIDER, "test_planning_is_total_and_pure", Faults(check=moody)
    ),
    "a refused capability without a note": Broken(
        table(BATCH=Support(Level.EMULATED)), "test_declares_every_capability"
    ),
    "a witness of what is refused": Broken(
        table(BATCH_SECRETS=Support(Level.NEVER, "leave it out")),
        "test_every_usable_capability_has_a_witness",
    ),
    "a kind that is claimed and has no adapter": Broken(
        replace(
            PROVIDER,
            adapters={k: v for k, v in PROVIDER.adapters.items() if k != "RetrainingPolicy"},
        ),
        "test_a_kind_without_an_adapter_is_refused_by_the_table",
    ),
    "an extra that nobody has": Broken(
        replace(PROVIDER, extra="acme"), "test_its_extra_is_named_by_its_distribution"
    ),
    "a record that loads its SDK": Broken(
        PROVIDER, NEEDS_NO_SDK, record_at="tests.kit.acme:PROVIDER"
    ),
    "verbs that are not there": Broken(
        replace(PROVIDER, operations="tests.kit.acme:Nothing"),
        "test_what_it_loads_when_used_exists",
    ),
}
"""By what is wrong with it."""
