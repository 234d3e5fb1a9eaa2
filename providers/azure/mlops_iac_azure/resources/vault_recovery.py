"""`mlops-iac:azure:VaultRecovery`: how a Key Vault of this name is to be made.

A vault that was deleted keeps its name for the days of its soft delete, and one with purge
protection cannot be removed for good before. A stack that is made anew recovers it, keys and all.
https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import rest
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.faults import found
from mlops_iac_azure.session import Place, place_of

DEFAULT, RECOVER = "default", "recover"
_TAGS = ("mlops-iac-project", "mlops-iac-stack")


class VaultRecoveryHandler(Handler):
    """Tells whether a vault is made or recovered; makes nothing itself."""

    token = "mlops-iac:azure:VaultRecovery"  # noqa: S105
    replace_on = frozenset({"vault"})
    ignore = frozenset({"tags"})
    stable_outputs = frozenset({"vault", "createMode"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Look for a deleted vault of the name; refuse one that another stack has had."""
        where = place_of(call.config)
        deleted = found(rest.call, where, "GET", _deleted(where, inputs["vault"]), pause=call.wait)
        if deleted is not None:
            _refuse_foreign(deleted, inputs)
            call.log(f"vault `{inputs['vault']}` was deleted before: it is recovered")
        mode = DEFAULT if deleted is None else RECOVER
        return inputs["vault"], {**inputs, "createMode": mode}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what was found when the vault was made."""
        inputs = {"vault": resource_id, **{k: v for k, v in state.items() if k != "createMode"}}
        mode = state.get("createMode", DEFAULT)
        return Existing(id=resource_id, state={**inputs, "createMode": mode}, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Keep what was found."""
        return {**inputs, "createMode": state["createMode"]}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Nothing was made."""


def _deleted(where: Place, vault: str) -> str:
    at = f"/subscriptions/{where.subscription}/providers/Microsoft.KeyVault"
    return f"{at}/locations/{where.region}/deletedVaults/{vault}"


def _refuse_foreign(deleted: Mapping[str, Any], inputs: Properties) -> None:
    tags: Mapping[str, Any] = deleted.get("properties", {}).get("tags") or {}
    wished = inputs.get("tags") or {}
    if any(tags.get(key) != wished.get(key) for key in _TAGS):
        raise NotOursError(
            f"a deleted vault `{inputs['vault']}` is somebody else's",
            remedy="purge it (`az keyvault purge`), or rename project, stack or platform",
        )
