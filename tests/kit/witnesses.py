"""What the kit must know of `acme`. Not a test."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import Capability
from mlops_iac.witness import Differs, Witness
from tests.kit.target import REFUSED

EXAMPLES: Mapping[str, Any] = {}
_ENDPOINT = "acme:index:ModelEndpoint"
_SAID: Mapping[Capability, Witness] = {
    Capability.ENDPOINT_ACCELERATOR: Witness(_ENDPOINT, "declared.compute.accelerator"),
    Capability.ENDPOINT_CAPTURE: Witness(_ENDPOINT, "declared.capture.percent", 50),
    Capability.ENDPOINT_PINNED: Witness(_ENDPOINT, "declared.model", "late/3"),
}
WITNESSES: Mapping[Capability, Witness | Differs] = {
    each: _SAID.get(each, Differs("it writes down all that was declared"))
    for each in Capability
    if each not in REFUSED
}
STATEFUL = frozenset({"acme:index:Platform", "acme:index:RegisteredModel"})
