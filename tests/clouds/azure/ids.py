"""Ids of Azure Resource Manager: what a path is about."""

from dataclasses import dataclass
from urllib.parse import unquote

_PROVIDERS = "providers"
GROUPS = "Microsoft.Resources/resourceGroups"
SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"


@dataclass(frozen=True)
class Address:
    """A resource, a collection or an action below a resource."""

    scope: str = ""
    """The id of what it is in, without its own provider: a group, a subscription, a resource."""
    type: str = ""
    """As `Microsoft.Storage/storageAccounts/blobServices`, as it was written."""
    names: tuple[str, ...] = ()
    """One for each part of the type, but for a collection."""
    tail: str = ""
    """What stands behind a resource where a type would: a collection's, or an action's name."""

    @property
    def id(self) -> str:
        """The resource's id; of a collection, that of what it is in."""
        return _joined(self.scope, self.type, self.names)

    @property
    def key(self) -> str:
        """The id as ids are compared: case means nothing."""
        return self.id.lower()

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1] if self.names else ""

    @property
    def group(self) -> str:
        """The resource group, empty outside one."""
        return part(self.id, "resourceGroups")

    @property
    def is_collection(self) -> bool:
        """Whether this is no resource: a collection, or an action."""
        return bool(self.tail)

    @property
    def kind(self) -> str:
        """The type, of a collection that of its members."""
        if not self.tail:
            return self.type
        return f"{self.type}/{self.tail}" if self.names else self.type


def _joined(scope: str, type_: str, names: tuple[str, ...]) -> str:
    if type_ == GROUPS:
        return f"{scope}/resourceGroups/{names[0]}" if names else scope
    if type_ in {SUBSCRIPTIONS, ""} or not names:
        return scope
    namespace, *types = type_.split("/")
    pairs = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=False))
    return f"{scope}/{_PROVIDERS}/{namespace}/{pairs}"


def parse(path: str) -> Address:
    """Return what a path below Azure Resource Manager is about."""
    parts = [unquote(one) for one in path.strip("/").split("/") if one]
    folded = [one.lower() for one in parts]
    if _PROVIDERS in folded:
        cut = len(folded) - 1 - folded[::-1].index(_PROVIDERS)
        return _provided("/".join(["", *parts[:cut]]), parts[cut + 1 :])
    return _placed(parts)


def _provided(scope: str, parts: list[str]) -> Address:
    if not parts:
        return Address(scope=scope, tail=_PROVIDERS)
    namespace, *rest = parts
    types, names = rest[0::2], rest[1::2]
    if len(types) == len(names):
        return Address(scope, "/".join([namespace, *types]), tuple(names))
    if len(types) == 1:
        return Address(scope, f"{namespace}/{types[0]}", (), types[0])
    return Address(scope, "/".join([namespace, *types[:-1]]), tuple(names), types[-1])


def _placed(parts: list[str]) -> Address:
    """Return a subscription, a group, or what is below one without a provider."""
    if len(parts) < 2:
        return Address(tail=parts[0] if parts else "subscriptions")
    scope = f"/subscriptions/{parts[1]}"
    if len(parts) == 2:
        return Address(scope, SUBSCRIPTIONS, (parts[1],))
    if parts[2].lower() != "resourcegroups":
        return Address(scope, SUBSCRIPTIONS, (parts[1],), parts[2])
    if len(parts) == 3:
        return Address(scope, GROUPS, (), parts[2])
    tail = parts[4] if len(parts) > 4 else ""
    return Address(scope, GROUPS, (parts[3],), tail)


def part(resource: str, type_: str) -> str:
    """Return the name that follows a type in an id, empty when it is not there."""
    parts = resource.split("/")
    folded = [one.lower() for one in parts]
    if type_.lower() not in folded:
        return ""
    found = folded.index(type_.lower()) + 1
    return parts[found] if found < len(parts) else ""


def parent(resource: str) -> str:
    """Return the id of what a resource is in: a resource, a group or a subscription."""
    above = resource.rsplit("/", 2)[0]
    head, _, last = above.rpartition("/")
    # `<scope>/providers/Microsoft.X` is no resource.
    return (
        head.removesuffix(f"/{_PROVIDERS}") if "." in last and head.endswith("providers") else above
    )
