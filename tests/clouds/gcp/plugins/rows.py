"""How a Pulumi type lives in the cloud: which methods make, read, change and remove it.

Most of a call is known from the discovery document and from the body that the contract's
translation makes of the inputs. A row holds only what these leave open. Texts with braces are
formatted with the view: the inputs, the parts of the id, `project`, `region`, `location`, and
`found`, what the cloud tells.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.gcp.plugins.client import Body, Client

View = Mapping[str, Any]
_FIELD = re.compile(r"\{(\w+)\}")


def _none() -> Mapping[str, str]:
    return {}


def _never(inputs: View) -> bool:
    del inputs
    return False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type with methods of its own."""

    api: str
    """Discovery document, as `aiplatform.v1`."""
    methods: str
    """What stands before the methods' last word, as `projects.locations.endpoints`."""
    id: str
    """The id, as terraform-provider-google spells it. `{made}` is the name that the cloud chose."""
    name: str = ""
    """What the API calls it, where that is not the id."""
    create: str = "create"
    get: str = "get"
    update: str = "patch"
    """Empty when nothing changes in place."""
    delete: str = "delete"
    """Empty when it is only forgotten."""
    params: Mapping[str, str] = field(default_factory=_none)
    """Parameters that are neither `name` nor `parent` nor an input of the same name."""
    wrap: str = ""
    """Member of the creation's request that holds the resource."""
    beside: Mapping[str, str] = field(default_factory=_none)
    """Other members of that request."""
    wrap_update: str = ""
    """Member of the update's request that holds the resource, beside `updateMask`."""
    immutable: str = ""
    """Inputs whose change replaces it, beside those in the id and those that the document calls
    immutable. `*` is all."""
    outputs: Mapping[str, str] = field(default_factory=_none)
    """Outputs that are not members of what the cloud tells."""
    silent: str = ""
    """Inputs that no read of the official provider tells either."""
    gone: Mapping[str, object] = field(default_factory=dict[str, object])
    """Members with values that say that it is as good as deleted."""
    protected: bool = False
    """Whether `deletionProtection` guards it when nothing is said."""
    forgets: Callable[[View], bool] = _never
    """Whether, with these inputs, it stays in the cloud when it goes."""
    prepare: Callable[[View], Body] | None = None
    """Members of the resource that only code can make."""
    make: Callable[[View, Client], Body] | None = None
    """The creation and each change, where they are no method's."""
    settle: Callable[[View, Client], None] | None = None
    """What follows a creation and a change."""
    empty: Callable[[View, Client], None] | None = None
    """What must happen inside before it is deleted."""
    told: Callable[[Body, View], Body] | None = None
    """Inputs of an import that no member is: by what is found and the other inputs."""
    pick: Callable[[Body, View], Body | None] | None = None
    """The part of what `get` answers that is the thing; None when it is not there."""
    put: Callable[[Body, View, Body | None], Body] | None = None
    """For what is part of another thing: that thing's change, by what it is now, the view, and the
    part, None to take it out. Then `create` and `delete` play no role."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of one role in a resource's policy."""

    api: str
    methods: str
    resource: str
    """The resource as the methods take it, formatted with the view."""
    parameter: str = "resource"
    id: str = ""
    """The resource as the id spells it; as the methods take it by default."""


def parts(template: str, text: str) -> dict[str, str]:
    """Return what stands in `text` for the braces of `template`, if it has its form."""
    bare = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    seen: set[str] = set()

    def group(found: re.Match[str]) -> str:
        name = found[1]
        again = name in seen
        seen.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.+)"

    matched = re.fullmatch(_FIELD.sub(group, bare), text)
    return matched.groupdict() if matched else {}


def words(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())
