"""Values that only a target can spell: regions, networks, keys, images; and where it says them.

A provider package has a module `witnesses` beside the module of its record. There it keeps, as
data, what the kit cannot know: `EXAMPLES`, `WITNESSES` and `STATEFUL`; see `Facts`.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, cast

from mlops_iac.capabilities import Capability
from mlops_iac.discovery import GROUP, provider
from mlops_iac.witness import Differs, Own, Witness

_DIGEST = "@sha256:" + "0123456789abcdef" * 4
_OTHER_DIGEST = "@sha256:" + "fedcba9876543210" * 4

DEFAULTS: Mapping[str, Any] = {
    "region": "moon-1",
    "other_region": "moon-2",
    "account": "one-account",
    "other_account": "other-account",
    "role": "deployer",
    "other_role": "other-deployer",
    "network": "network-1",
    "other_network": "network-2",
    "subnets": ["subnet-1", "subnet-2"],
    "other_subnets": ["subnet-1", "subnet-3"],
    "security_groups": ["group-1"],
    "key": "key-1",
    "other_key": "key-2",
    "image": f"registry.example/mlops{_DIGEST}",
    "other_image": f"registry.example/mlops{_OTHER_DIGEST}",
    "uri": "https://data.example/flights.csv",
}
"""What stands where a provider gives no example of its own."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a provider says of itself to the kit."""

    examples: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Legal values by the keys of `DEFAULTS`; nobody's real ones."""
    witnesses: Mapping[Capability, Witness | tuple[Witness, ...] | Differs] = field(
        default_factory=dict[Capability, Witness | tuple[Witness, ...] | Differs]
    )
    """What shows in a recording that a capability is wired, for each that is usable."""
    stateful: frozenset[str] = frozenset()
    """Type tokens of what holds data: protected under the profile `prod`."""


def location(target: str) -> str:
    """Return where a provider's record is, as `module:NAME`: the value of its entry point."""
    return next(entry.value for entry in entry_points(group=GROUP) if entry.name == target)


def facts(record: str) -> Facts:
    """Return what stands in the module `witnesses` beside a record at `module:NAME`.

    Raises:
        ModuleNotFoundError: the package has no such module.
    """
    package = record.partition(":")[0].rpartition(".")[0]
    module = importlib.import_module(f"{package}.witnesses")
    return Facts(
        examples=module.EXAMPLES, witnesses=module.WITNESSES, stateful=frozenset(module.STATEFUL)
    )


def examples_of(target: str, said: Facts) -> Mapping[str, Any]:
    """Return a value for every key of `DEFAULTS`: the provider's example where it has one."""
    record = provider(target)
    place = {"region": record.example_region, "account": record.example_account}
    known = {key: value for key, value in place.items() if value is not None}
    return {**DEFAULTS, **known, **said.examples}


def place_of(target: str, examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a platform on `target` cannot do without."""
    record = provider(target)
    needed = {"region": record.needs_region, "account": record.needs_account}
    return {"target": target, **{name: examples[name] for name, is_so in needed.items() if is_so}}


def fill(value: Any, examples: Mapping[str, Any]) -> Any:
    """Return `value` with every `Own` in it replaced."""
    if isinstance(value, Own):
        return examples[value.name]
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {key: fill(item, examples) for key, item in items}
    if isinstance(value, list):
        return [fill(item, examples) for item in cast("list[Any]", value)]
    return value


__all__ = ["DEFAULTS", "Facts", "Own", "examples_of", "facts", "fill", "location", "place_of"]
