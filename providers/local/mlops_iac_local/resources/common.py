"""What the handlers of this target share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_local.layout import Layout

DRIFT = "drift"
"""Input that a read adds when the world is not as it was left: the next `up` sees a change."""


class LocalHandler(Handler):
    """A handler whose things lie in one folder of the stack."""

    def layout(self, call: Call) -> Layout:
        """Return the stack's folders, from the explicit provider's configuration."""
        return Layout(Path(call.config["root"]))


def existing(
    resource_id: str, state: Properties, inputs: Properties, drift: str | None
) -> Existing:
    """Return a resource as it is; `drift` says in one line what is not as it was left."""
    marked: Mapping[str, Any] = {DRIFT: drift} if drift else {}
    return Existing(id=resource_id, state={**state, **marked}, inputs={**inputs, **marked})


def declared(handler: Handler, state: Properties, outputs: frozenset[str]) -> dict[str, Any]:
    """Return the inputs that stand in a state: all of it that is not an output."""
    own = outputs | handler.secret_outputs | {DRIFT}
    return {key: value for key, value in state.items() if key not in own}
