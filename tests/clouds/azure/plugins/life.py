"""Making, reading, changing and removing resources of Resource Manager, by their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.clouds.azure.plugins.bodies import Bodies, Body, version
from tests.clouds.azure.plugins.client import Client, RefusedError
from tests.clouds.azure.plugins.rows import Row, words
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values

VAULT_API = "7.4"


@dataclass(frozen=True, kw_only=True)
class ResourceLife:
    """One type in one subscription."""

    token: str
    row: Row
    client: Client

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Make it; return id and state.

        Raises:
            FailedThingError: it is there already; the official provider adopts nothing.
        """
        resource_id = self.row.id(inputs, self.client.subscription)
        if self.row.defaults is None and self._found(resource_id) is not None:
            raise FailedThingError(f"cannot create already existing resource '{resource_id}'")
        body = self._bodies.body(inputs)
        for member in self.row.kept.values():
            body.setdefault("properties", {}).setdefault(member, [])
        found = self._put(resource_id, body, inputs)
        return str(found.get("id") or resource_id), self._bodies.outputs(found)

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Change it in place; return the state."""
        del state, old
        body = self._bodies.body(inputs)
        if any(name not in inputs for name in self.row.kept):
            found = self.client.get(resource_id, self._version)
            for name, member in self.row.kept.items():
                if name not in inputs and member in found["properties"]:
                    body.setdefault("properties", {})[member] = found["properties"][member]
        return self._bodies.outputs(self._put(resource_id, body, inputs))

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs as they are in the cloud; None when it is gone.

        As the official provider: what has changed since it was last looked at is taken over into
        the inputs; without inputs, as for an import, all that the cloud tells are the inputs.
        """
        found = self._found(resource_id)
        if found is None:
            return None
        outputs = self._bodies.outputs(found)
        now = self._bodies.inputs(outputs)
        if not inputs:
            return outputs, {**now, **self.row.named(resource_id)}
        before = self._bodies.inputs(state)
        own = {name for name in self.row.kept if name not in inputs} | self.row.parameters
        changed = {name: value for name, value in now.items() if name not in own}
        known = {name: value for name, value in before.items() if name not in own}
        return outputs, merged(inputs, known, changed)

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Remove it, if it is there."""
        del state
        try:
            if self.row.vault:
                self._delete_from_vault(inputs)
            elif self.row.defaults is not None:
                self._put(resource_id, dict(self.row.defaults), {})
            else:
                self.client.delete(resource_id, self._version)
        except RefusedError as error:
            if not error.is_missing:
                raise

    def _delete_from_vault(self, inputs: Values) -> None:
        # Resource Manager cannot delete keys and secrets: the official provider asks the vault.
        name = next(iter(self.row.parameters - {"resourceGroupName", "vaultName"}))
        path = f"{self.row.vault}/{inputs[name]}?api-version={VAULT_API}"
        self.client.data("vault", inputs["vaultName"], "DELETE", path)

    def _found(self, resource_id: str) -> Body | None:
        try:
            return self.client.get(resource_id, self._version)
        except RefusedError as error:
            if error.is_missing:
                return None
            raise

    def _put(self, resource_id: str, body: Body, inputs: Values) -> Body:
        query = {
            name: str(inputs[name]).lower() for name in words(self.row.query) if name in inputs
        }
        return self.client.put(resource_id, self._version, body, query)

    @cached_property
    def _bodies(self) -> Bodies:
        return Bodies(self.token, self.row)

    @property
    def _version(self) -> str:
        return version(self.token)


def merged(inputs: Values, before: Mapping[str, Any], now: Mapping[str, Any]) -> Values:
    """Return the inputs with what differs between what was found before and what is found now."""
    result = dict(inputs)
    for name in before.keys() | now.keys():
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if new is None:
            result.pop(name, None)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            given = result.get(name)
            result[name] = merged(given if isinstance(given, dict) else {}, old, new)
        else:
            result[name] = new
    return result
