"""Where operations are asked for: `Azure-AsyncOperation` and `Location`."""

import uuid
from collections.abc import Callable
from typing import Any

from tests.clouds.azure.addresses import ARM
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, told
from tests.clouds.azure.ids import Address
from tests.clouds.azure.operations import Operation
from tests.clouds.azure.world import World

_STATUS, _RESULT = "operationStatuses", "operationResults"
_SPACE = uuid.UUID("6f3c9f57-0d5e-4c43-8a5e-7d2f41c6a002")
_AGAIN = {"Retry-After": "0"}


def is_operation(at: Address) -> bool:
    """Tell whether a path is an operation's."""
    return at.type.rpartition("/")[2] in {_STATUS, _RESULT}


def begin(
    world: World,
    call: Call,
    target: str,
    effect: Callable[[], Body | None],
    **more: Any,
) -> Operation:
    """Begin an operation of a call."""
    number = uuid.uuid5(_SPACE, f"{target}/{world.store.number()}")
    namespace = call.at.kind.partition("/")[0]
    place = f"/subscriptions/{world.subscription}/providers/{namespace}/locations/{world.region}"
    operation = Operation(
        f"{place}/{_STATUS}/{number}",
        target.lower(),
        effect,
        world.pace["operations"],
        world.clock.stamp(),
        **more,
    )
    return world.begin_operation(operation)


def headers(world: World, call: Call, operation: Operation) -> dict[str, str]:
    """Return what tells a client where to look."""
    version = call.text("api-version") or "2024-03-01"
    status = f"{world.address}/{ARM}{operation.id}?api-version={version}"
    return {
        "Azure-AsyncOperation": status,
        "Location": status.replace(_STATUS, _RESULT),
        **_AGAIN,
    }


def accepted(world: World, call: Call, operation: Operation, body: object = None) -> Answer:
    """Answer that something has begun, 202."""
    told_headers = headers(world, call, operation)
    return told(body, 202, told_headers) if body else Answer(202, b"", told_headers)


def answer(world: World, call: Call) -> Answer:
    """Answer how an operation stands, moving it on.

    Raises:
        CloudError: 404, or as the operation failed, where its result is asked for.
    """
    wants_result = call.at.type.endswith(_RESULT)
    operation = world.operations.get(call.at.id.replace(_RESULT, _STATUS))
    if operation is None:
        raise CloudError(404, "OperationNotFound", f"No operation `{call.at.name}`.")
    operation.look()
    if not wants_result:
        return told(operation.body(), 200, {} if operation.done else _AGAIN)
    if not operation.done:
        where = headers(world, call, operation)
        return Answer(202, b"", {"Location": where["Location"], **_AGAIN})
    if operation.error is not None:
        raise operation.error
    return told(operation.result) if operation.result is not None else Answer(204)
