"""What a scenario is: one declaration, numbered once, that every provider is held to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Stack
from mlops_iac.testing.cast import company, member, spec
from mlops_iac.testing.examples import Own, fill
from mlops_iac.testing.flips import platform

SUBJECT = "subject"
"""Name of the component that a scenario is about."""


class ScenarioError(ValueError):
    """A suite names a scenario, or a test, that there is not."""


@dataclass(frozen=True)
class Scenario:
    """A declaration of one component, and what it asks for that the one beside it does not."""

    id: str
    """Number, such as `TJ-03`: it never changes its meaning."""
    title: str
    """What it is about, in the user's words."""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields of the component beside those of its kind's table, as `mlops.yaml` holds them."""
    asks: Capability | None = None
    """The capability that it asks for; none when it only must be possible."""
    without: Mapping[str, Any] | None = field(default_factory=dict[str, Any])
    """Such fields of the same component when it does not ask; `None`: it is not there at all."""
    beside: tuple[str, ...] = ()
    """Members of the cast that stand on a platform, where only they show what it asks for."""

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, kw_only=True)
class Table:
    """The scenarios of one kind, the plainest first."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What all its scenarios declare; a scenario's own fields win."""
    scenarios: tuple[Scenario, ...]

    @property
    def is_platform(self) -> bool:
        """Whether the subject is the platform itself."""
        return self.kind == Platform.kind

    def subject(self, fields: Mapping[str, Any], name: str, examples: Mapping[str, Any]) -> Spec:
        """Return the component; a field that is `None` is left out."""
        return spec(self.kind, name, fill({**self.fields, **fields}, examples))

    def stack(
        self,
        subjects: Mapping[str, Mapping[str, Any]],
        place: Mapping[str, Any],
        examples: Mapping[str, Any],
        foundation: Mapping[str, Any],
        beside: Iterable[str] = (),
    ) -> Stack:
        """Return a stack with the subjects by name, and with all that they need.

        Args:
            subjects: own fields of each; of the platform there is one.
            place: fields of the platform that say where it runs.
            examples: what an `Own` stands for.
            foundation: further fields of the platform.
            beside: members of the cast that stand on it.
        """
        if self.is_platform:
            own = {name: value for fields in subjects.values() for name, value in fields.items()}
            here = platform(place, fill({**own, **foundation, "name": SUBJECT}, examples))
            readers = [member(name) for name in beside]
            return Stack("kit", platform=here, components=[*readers, *company(readers)])
        made = [self.subject(fields, name, examples) for name, fields in subjects.items()]
        here = platform(place, fill(foundation, examples))
        return Stack("kit", platform=here, components=[*made, *company(made)])


def wired(value: Any) -> Iterator[Own]:
    """Yield what in `value` stands for an `Input` of a spec."""
    if isinstance(value, Own) and value.wired:
        yield value
    if isinstance(value, Mapping):
        for item in value.values():
            yield from wired(item)
