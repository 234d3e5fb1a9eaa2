"""What all kinds have in common: created, described, listed, deleted, tagged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.clouds.aws.calls import Call, CloudError
from tests.clouds.aws.store import Kind, Members, Record, tags_of
from tests.clouds.aws.world import Handler, World

PAGE = 10
"""Items in an answer where the caller names no number; SageMaker's own for most lists."""


def operations(
    kind: Kind,
    *,
    create: Handler | None = None,
    delete: Handler | None = None,
    describe: Handler | None = None,
) -> dict[str, Handler]:
    """Return the four operations of a kind, some of them with rules of their own."""
    return {
        f"Create{kind.name}": create or creating(kind),
        f"Describe{kind.name}": describe or describing(kind),
        kind.list_operation: listing(kind),
        f"Delete{kind.name}": delete or deleting(kind),
    }


def creating(
    kind: Kind,
    check: Callable[[World, Call], None] | None = None,
    defaults: Callable[[World, Call], Members] | None = None,
) -> Handler:
    """Return the operation that makes one."""

    def handle(world: World, call: Call) -> Members:
        if check is not None:
            check(world, call)
        more = defaults(world, call) if defaults is not None else {}
        record = add(world, call, kind, call.params[kind.key], more)
        return {kind.arn_member: record.arn}

    return handle


def add(world: World, call: Call, kind: Kind, key: str, more: Mapping[str, Any]) -> Record:
    """Make a record of a request, in the state that its kind begins in."""
    record = world.store.add(kind, call.region, key, {**more, **call.params})
    begin(world, record)
    return record


def begin(world: World, record: Record) -> None:
    """Put a new record into its first state."""
    kind = record.kind
    if kind.creating:
        record.become(kind.creating)
        settle_later(world, record, lambda: record.become(kind.created or ""))
    elif kind.created:
        record.become(kind.created)


def settle_later(world: World, record: Record, settle: Callable[[], None]) -> None:
    """Let a passing state be shown as often as the cloud's pace says, then settle it."""
    record.settle, record.shown = settle, world.pace.get(record.kind.name, 0)
    if record.shown == 0:
        glance(record)


def glance(record: Record) -> None:
    """Count one description of a passing state; settle it when it was shown enough."""
    if record.settle is None:
        return
    if record.shown > 0:
        record.shown -= 1
        return
    settle, record.settle = record.settle, None
    settle()


def asked(world: World, call: Call, kind: Kind) -> Record:
    """Return the record that a call asks for."""
    return world.store.get(kind, call.region, call.params[kind.asked or kind.key])


def describing(kind: Kind) -> Handler:
    """Return the operation that describes one."""

    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, kind)
        glance(record)
        return record.described()

    return handle


def deleting(kind: Kind, check: Callable[[World, Record], None] | None = None) -> Handler:
    """Return the operation that removes one."""

    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, kind)
        if check is not None:
            check(world, record)
        world.store.remove(record)
        return arn_if_told(call, record)

    return handle


def updating(kind: Kind, status: str | None = None) -> Handler:
    """Return the operation that replaces the members that are named."""

    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, kind)
        named = {kind.key, kind.asked}
        record.change(**{name: value for name, value in call.params.items() if name not in named})
        if status is not None:
            record.become(status)
        return arn_if_told(call, record)

    return handle


def arn_if_told(call: Call, record: Record) -> Members:
    """Return the ARN where the operation answers it, else nothing."""
    member = record.kind.arn_member
    return {member: record.arn} if member in call.answer_members else {}


# How lists are asked for; any other parameter is a member that must be equal.
_PAGING = frozenset({"MaxResults", "NextToken", "SortBy", "SortOrder", "CrossAccountFilterOption"})


def listing(kind: Kind) -> Handler:
    """Return the operation that lists them, newest first unless it is asked otherwise."""

    def handle(world: World, call: Call) -> Members:
        return listed(call, kind, world.store.all(kind, call.region))

    return handle


def listed(call: Call, kind: Kind, records: Sequence[Record]) -> Members:
    """Answer a list operation with those of `records` that it asks for."""
    return page(
        call, [_summary(call, one) for one in _ordered(call, kind, _asked(call, kind, records))]
    )


def page(call: Call, items: Sequence[Members]) -> Members:
    """Return one page of a list, under the name that the operation has for it."""
    start = int(call.params.get("NextToken") or 0)
    end = start + int(call.params.get("MaxResults") or PAGE)
    rest = {"NextToken": str(end)} if end < len(items) else {}
    return {_list_member(call): list(items[start:end]), **rest}


def _list_member(call: Call) -> str:
    members = call.answer_members.items()
    return next(name for name, shape in members if shape.type_name == "list")


def _asked(call: Call, kind: Kind, records: Sequence[Record]) -> Iterator[Record]:
    wishes = {name: value for name, value in call.params.items() if name not in _PAGING}
    for record in records:
        if all(_grants(kind, record, name, value) for name, value in wishes.items()):
            yield record


def _grants(kind: Kind, record: Record, name: str, value: Any) -> bool:
    if name == "NameContains":
        return value.lower() in record.key.lower()
    if name == "SourceUri":
        return record.members["Source"]["SourceUri"] == value
    if name.endswith("Prefix"):
        return record.key.startswith(value)
    if name.endswith(("After", "Before")):
        member = "CreationTime" if name.startswith("Creat") else "LastModifiedTime"
        moment = record.members[member].timestamp()
        return moment > value if name.endswith("After") else moment < value
    member = kind.status if name == "StatusEquals" else name.removesuffix("Equals")
    return record.members.get(kind.aliases.get(member or "", member or "")) == value


def _ordered(call: Call, kind: Kind, records: Iterator[Record]) -> list[Record]:
    found = list(records)
    by = call.params.get("SortBy", "CreationTime")
    if by == "Name":
        found.sort(key=lambda record: record.key)
    elif by == "Status":
        found.sort(key=lambda record: record.members.get(kind.status or "", ""))
    elif by == "LastModifiedTime":
        found.sort(key=lambda record: record.members["LastModifiedTime"])
    return found if call.params.get("SortOrder") == "Ascending" else found[::-1]


def _summary(call: Call, record: Record) -> Members:
    known = call.answer_members[_list_member(call)].member.members
    names = {name: record.kind.aliases.get(name, name) for name in known}
    return {name: record.members[of] for name, of in names.items() if of in record.members}


def add_tags(world: World, call: Call) -> Any:
    """Tag whatever has the ARN; moto does for what moto keeps."""
    record = world.store.by_arn(call.params["ResourceArn"])
    if record is None:
        return world.forward(call)
    record.tags.update(tags_of(call.params["Tags"]))
    return {"Tags": _tag_list(record)}


def list_tags(world: World, call: Call) -> Any:
    """List the tags of whatever has the ARN."""
    record = world.store.by_arn(call.params["ResourceArn"])
    if record is None:
        return world.forward(call)
    return page(call, _tag_list(record))


def delete_tags(world: World, call: Call) -> Any:
    """Take tags from whatever has the ARN."""
    record = world.store.by_arn(call.params["ResourceArn"])
    if record is None:
        return world.forward(call)
    for key in call.params["TagKeys"]:
        record.tags.pop(key, None)
    return {}


def _tag_list(record: Record) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in record.tags.items()]


def invalid(message: str) -> CloudError:
    """Return SageMaker's refusal of a request."""
    return CloudError("ValidationException", message)
