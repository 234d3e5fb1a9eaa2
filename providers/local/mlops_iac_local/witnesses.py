"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Witness

EXAMPLES: Mapping[str, Any] = {
    "uri": "file://{project}/data/a.csv",
}
"""Legal values of this target; nobody's real ones."""

WITNESSES: Mapping[Capability, Witness | Differs] = {}

STATEFUL: frozenset[str] = frozenset()
