"""What tells one of Vertex AI's collections from another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.names import NameRule
from mlops_iac_gcp.resources import shapes

NAME = "name"
"""Output: the full resource name, which is also the id."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One collection, as `CollectionHandler` serves it."""

    title: str
    """How messages call one thing of it."""
    api: str
    collection: str
    """Name of the collection in the discovery document."""
    schema: str
    patched: frozenset[str] = frozenset()
    """Fields that `patch` takes; every other change replaces."""
    parent: str | None = None
    """Input that names the parent; the location when `None`."""
    id_input: str | None = None
    """The input, and parameter, that chooses the id; `None` where the service numbers things."""
    id_rule: NameRule | None = None
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields that are the same in every thing of the kind."""
    outputs: tuple[str, ...] = ()
    """Fields that the service writes and that become outputs."""
    own: frozenset[str] = frozenset()
    """Inputs of ours, which the API does not know; they change without a call."""
    keys: frozenset[str] = frozenset()
    """Inputs of ours by whose change something new is made."""

    @property
    def plural(self) -> str:
        """Last part of the collection, such as `customJobs`."""
        return self.collection.rpartition(".")[2]

    @property
    def fields(self) -> frozenset[str]:
        """The API's fields that a program may declare."""
        return shapes.writable(self.api, self.schema) - {NAME, "etag", *self.constants}

    @property
    def inputs(self) -> frozenset[str]:
        """All that a program may declare."""
        names = {key for key in (self.parent, self.id_input) if key is not None}
        return self.fields | self.own | self.keys | names

    @property
    def has_labels(self) -> bool:
        """Whether things of it carry labels."""
        return "labels" in self.fields

    def fixed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs that a thing keeps for life: its mark is made of them."""
        kept = self.inputs - self.patched - self.own
        return {key: value for key, value in inputs.items() if key in kept}
