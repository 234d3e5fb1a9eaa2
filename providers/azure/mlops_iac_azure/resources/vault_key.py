"""`mlops-iac:azure:VaultKey`: the stack's encryption key, and how often it is rotated.

Resource Manager makes a key once and never changes it: neither can a recovered vault be given the
key that it holds already, nor a key another rotation. Here the key is adopted, and its rotation is
changed in the vault itself.
https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/create-if-not-exist
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import ids, rest
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import found, is_unsettled
from mlops_iac_azure.session import Place, place_of

OPERATIONS = ("encrypt", "decrypt", "wrapKey", "unwrapKey")
_DATA_API = "7.4"
_OUTPUTS = ("uri", "versionUri")
_SETTLE_SECONDS = 15.0
_SETTLE_TRIES = 40
"""Ten minutes: so long a role that was just assigned may not hold yet."""


class VaultKeyHandler(Handler):
    """Makes or adopts the key of a vault."""

    token = "mlops-iac:azure:VaultKey"  # noqa: S105
    replace_on = frozenset({"vaultId", "key", "type", "size"})
    stable_outputs = frozenset({"vaultId", "key", *_OUTPUTS})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make the key, or take the one that a recovered vault holds; set its rotation."""
        where, path = place_of(call.config), _path(inputs)
        call.journal("key", key=inputs["key"])
        there = _settled(
            call, rest.call, where, "PUT", path, {"properties": _wish(inputs)}, pause=call.wait
        )
        _rotate(where, inputs, there, call)
        return path, _state(inputs, there)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the key as it is now."""
        there = found(rest.call, place_of(call.config), "GET", resource_id, pause=call.wait)
        if there is None:
            return None
        known = {key: value for key, value in state.items() if key not in _OUTPUTS}
        days = _days(there)
        fresh = {
            "vaultId": resource_id.partition("/keys/")[0],
            "key": resource_id.rpartition("/")[2],
            "type": there["properties"].get("kty"),
            "size": there["properties"].get("keySize"),
            **known,
            **({} if days is None else {"rotationDays": days}),
        }
        return Existing(id=resource_id, state=_state(fresh, there), inputs=fresh)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Change the rotation."""
        where = place_of(call.config)
        there = rest.call(where, "GET", resource_id, pause=call.wait)
        _rotate(where, inputs, there, call)
        return _state(inputs, there)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Leave the key to its vault: with it, it can be recovered, and what it encrypts read."""
        call.log("the key goes with its vault")


def _path(inputs: Properties) -> str:
    return f"{inputs['vaultId']}/keys/{inputs['key']}"


def _wish(inputs: Properties) -> dict[str, Any]:
    return {
        "kty": inputs["type"],
        "keySize": inputs["size"],
        "keyOps": list(OPERATIONS),
        "rotationPolicy": {"lifetimeActions": [_action(inputs["rotationDays"])]},
    }


def _action(days: int) -> dict[str, Any]:
    return {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": f"P{days}D"}}


def _days(there: Mapping[str, Any]) -> int | None:
    """Return after how many days a key is rotated; `None` when it is not."""
    policy: Mapping[str, Any] = there["properties"].get("rotationPolicy") or {}
    for action in policy.get("lifetimeActions") or ():
        after = str(action.get("trigger", {}).get("timeAfterCreate") or "")
        if str(action.get("action", {}).get("type")).lower() == "rotate" and after[1:-1].isdigit():
            return int(after[1:-1])
    return None


def _rotate(where: Place, inputs: Properties, there: Mapping[str, Any], call: Call) -> None:
    """Set the rotation in the vault itself, when Resource Manager tells another."""
    days = inputs["rotationDays"]
    if _days(there) == days:
        return
    vault = ids.name_of(inputs["vaultId"])
    address = f"{where.address('vault', vault)}/keys/{inputs['key']}/rotationpolicy"
    policy = {"type": "Rotate"}
    body = {"lifetimeActions": [{"trigger": {"timeAfterCreate": f"P{days}D"}, "action": policy}]}
    _settled(
        call, rest.call, where, "PUT", address, body,
        service="vault", api_version=_DATA_API, pause=call.wait, doing="set the key's rotation",
    )  # fmt: skip


def _settled(call: Call, asked: Any, *arguments: Any, **parameters: Any) -> Any:
    """Call, again while a role that was just assigned does not hold yet."""
    for _ in range(_SETTLE_TRIES):
        try:
            return asked(*arguments, **parameters)
        except AzureError as error:
            if not is_unsettled(error):
                raise
            call.log("waiting for the right to use the vault")
        call.wait(_SETTLE_SECONDS)
    return asked(*arguments, **parameters)


def _state(inputs: Properties, there: Mapping[str, Any]) -> dict[str, Any]:
    properties = there["properties"]
    return {
        **inputs,
        "uri": properties["keyUri"],
        "versionUri": properties["keyUriWithVersion"],
    }
