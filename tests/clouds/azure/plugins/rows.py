"""How a Pulumi type lives in Azure Resource Manager: its path, and what its inputs are called.

pulumi-azure-native reads both from Azure's own OpenAPI documents: it lifts the members of
`properties` to the resource, unless the document has a resource whose `properties` are a type of
their own; a row holds what cannot be told from the SDK.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.clouds.plugins.wire import Values

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
PROVIDERS = f"{GROUP}/providers"
_FIELD = re.compile(r"\{(\w+)\}")
_SCOPES = frozenset({"scope", "resourceUri"})
"""Inputs that are ids."""
ENVELOPE = frozenset(
    {"etag", "eTag", "extendedLocation", "id", "identity", "kind", "location", "managedBy"}
    | {"name", "plan", "scale", "sku", "tags", "type", "zones"}
)
"""Members of every resource that stand beside `properties`."""


def _none() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type."""

    path: str
    """Its id. Names in braces are inputs, or the subscription."""
    names: Mapping[str, str] = field(default_factory=_none)
    """Member of the API by the input's dotted place, where they are called differently.

    `[]` is any index.
    """
    inside: str = ""
    """Members of the envelope that this type has in `properties`."""
    wrapped: Mapping[str, str] = field(default_factory=_none)
    """Nested objects, by place, whose members are in a `properties` of their own but for these."""
    immutable: str = ""
    """Inputs whose change makes a new thing, beside those of the path."""
    defaults: Values | None = None
    """Body that stands for `not there` of what always is there."""
    kept: Mapping[str, str] = field(default_factory=_none)
    """Lists of parts that live for themselves too: by input, the member of `properties`. An input
    that is not given leaves them as they are."""
    query: str = ""
    """Inputs that are parameters of the query."""
    vault: str = ""
    """Collection of the vault's own API that deletes it, where Resource Manager cannot."""

    @property
    def parameters(self) -> frozenset[str]:
        """Inputs that stand in the path."""
        return frozenset(_FIELD.findall(self.path)) - {"subscriptionId"}

    def id(self, inputs: Values, subscription: str) -> str:
        """Return the id of what has these inputs."""
        view = {**inputs, "subscriptionId": subscription}
        return "/" + _FIELD.sub(lambda found: str(view[found[1]]).strip("/"), self.path).strip("/")

    def named(self, resource_id: str) -> dict[str, str]:
        """Return the inputs that an id tells."""
        bare = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        pattern = _FIELD.sub(_group, bare)
        matched = re.fullmatch(pattern, resource_id, re.IGNORECASE)
        found = matched.groupdict() if matched else {}
        ids = {name: f"/{found[name]}" for name in _SCOPES & found.keys()}
        return {name: text for name, text in {**found, **ids}.items() if name != "subscriptionId"}


def _group(found: re.Match[str]) -> str:
    # A scope is an id of its own; any other name is one step of the path.
    return f"(?P<{found[1]}>{'.+' if found[1] in _SCOPES else '[^/]+'})"


def words(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())
