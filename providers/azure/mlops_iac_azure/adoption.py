"""Which resource of the official plugin a killed `up` has made: its id, told from its inputs.

The plugin adopts nothing: what was made and not recorded would be refused as existing. All names
are ours and stable, so every id is known.
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac_azure.arm_types import PATHS

Inputs = Mapping[str, Any]
KNOWN = frozenset(PATHS)
"""Types whose id can be told."""


def made_id(token: str, inputs: Inputs, provider: Inputs) -> str | None:
    """Return the id of the resource that these inputs made; `None` when that cannot be told.

    It may never have been made: whoever reads it by the id sees.

    Args:
        token: type of the resource.
        inputs: its inputs.
        provider: inputs of its Pulumi provider, as they stand in the state.
    """
    form = PATHS.get(token)
    if form is None:
        return None
    return form.format_map({"subscriptionId": provider.get("subscriptionId"), **inputs})
