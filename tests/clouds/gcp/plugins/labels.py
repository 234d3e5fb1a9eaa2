"""Labels: those that a resource names, and those that the provider's configuration adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.plugins.wire import Values

ATTRIBUTION: Mapping[str, str] = {"goog-pulumi-provisioned": "true"}
"""What pulumi-gcp adds unless `addPulumiAttributionLabel` is false."""


@dataclass(frozen=True)
class Labels:
    """What the configuration adds to each resource that takes labels."""

    defaults: Mapping[str, str] = field(default_factory=dict[str, str])

    def effective(self, inputs: Values) -> dict[str, str]:
        """Return all labels of a resource."""
        return {**self.defaults, **(inputs.get("labels") or {})}

    def declared(self, inputs: Values, have: Mapping[str, str] | None) -> dict[str, str]:
        """Return what is found of the labels that the resource names; others are not its own."""
        found = have or {}
        return {key: found[key] for key in inputs.get("labels") or {} if key in found}

    def outputs(self, inputs: Values, have: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the outputs that the provider gives beside `labels`."""
        return {"effectiveLabels": dict(have), "pulumiLabels": self.effective(inputs)}
