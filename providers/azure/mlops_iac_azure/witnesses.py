"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Witness

_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
_SHARED = f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/shared/providers"
_NETWORK = f"{_SHARED}/Microsoft.Network/virtualNetworks/corporate"
_VAULT = f"{_SHARED}/Microsoft.KeyVault/vaults/corporate"

EXAMPLES: Mapping[str, Any] = {
    "region": "eastus",
    "other_region": "westeurope",
    "account": _SUBSCRIPTION,
    "other_account": _SUBSCRIPTION.replace("1", "2"),
    "role": _SUBSCRIPTION.replace("1", "3"),
    "other_role": _SUBSCRIPTION.replace("1", "4"),
    "network": _NETWORK,
    "other_network": f"{_NETWORK}-other",
    "subnets": [f"{_NETWORK}/subnets/jobs", f"{_NETWORK}/subnets/ends"],
    "other_subnets": [f"{_NETWORK}/subnets/jobs", f"{_NETWORK}/subnets/others"],
    "security_groups": ["group"],
    "key": f"{_VAULT}/keys/ml",
    "other_key": f"{_VAULT}/keys/other",
    "image": f"kit.azurecr.io/runtime@sha256:{'0' * 64}",
    "other_image": f"kit.azurecr.io/runtime@sha256:{'1' * 64}",
    "uri": "azureml://datastores/kit/paths/flights",
}
"""Legal values of this target; nobody's real ones."""

WITNESSES: Mapping[Capability, Witness | Differs] = {}

STATEFUL: frozenset[str] = frozenset()
