"""Transactions of Table Storage: one changeset in one batch, as `multipart/mixed`.

https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.clouds.azure.calls import Answer, Request
from tests.clouds.azure.services.planes import Asked, Refusal

_BOUNDARY = re.compile(r'boundary="?([^";\s]+)')
_KEYS = re.compile(r"\((PartitionKey='.*?'),\s*(RowKey='.*')\)$")
_MOST = 100
_BATCH, _CHANGES = "batchresponse_1", "changesetresponse_1"


def changes(asked: Asked) -> list[Asked]:
    """Return the requests of a transaction, in their order.

    Raises:
        Refusal: when it is none that Table Storage takes.
    """
    whole = [*_pieces(asked.header("content-type"), asked.body)]
    inner = [request for kind, content in whole for request in _requests(asked, kind, content)]
    if not 0 < len(inner) <= _MOST:
        message = "99:The batch request operation exceeds the maximum 100 changes per change set."
        raise Refusal(400, "InvalidInput", message)
    keys = [_key(one) for one in inner]
    if len({partition for partition, _ in keys}) > 1:
        message = "1:All commands in a batch must operate on same entity group."
        raise Refusal(400, "CommandsInBatchActOnDifferentPartitions", message)
    if len({*keys}) < len(keys):
        message = "0:The batch request contains multiple changes with same row key."
        raise Refusal(400, "InvalidDuplicateRow", message)
    return inner


def _pieces(kind: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield type and content of each part."""
    found = _BOUNDARY.search(kind)
    if found is None:
        raise Refusal(400, "InvalidInput", "The batch has no boundary.")
    for piece in content.split(b"--" + found[1].encode())[1:-1]:
        head, _, inside = piece.lstrip(b"\r\n").partition(b"\r\n\r\n")
        own = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
        yield (own[1].decode() if own else ""), inside.removesuffix(b"\r\n")


def _requests(asked: Asked, kind: str, content: bytes) -> Iterator[Asked]:
    if kind.startswith("multipart/mixed"):
        for inner, inside in _pieces(kind, content):
            yield from _requests(asked, inner, inside)
        return
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    verb, address, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    headers.setdefault("prefer", "return-no-content")
    parts = urlsplit(address)
    path = unquote(parts.path.partition(f"/table/{asked.name}/")[2] or parts.path.lstrip("/"))
    request = Request(verb, parts.path, parse_qsl(parts.query), headers, body.strip())
    yield replace(asked, request=request, path=path, query={})


def _key(one: Asked) -> tuple[str, str]:
    found = _KEYS.search(one.path)
    if found:
        return found[1].partition("=")[2].strip("'"), found[2].partition("=")[2].strip("'")
    sent = one.request.json()
    return sent.get("PartitionKey", ""), sent.get("RowKey", "")


def answered(answers: Sequence[Answer]) -> Answer:
    """Return the answer to a transaction: one for each change, or one for what failed."""
    inside = "".join(f"--{_CHANGES}\r\n{_one(one)}" for one in answers)
    body = (
        f"--{_BATCH}\r\nContent-Type: multipart/mixed; boundary={_CHANGES}\r\n\r\n"
        f"{inside}--{_CHANGES}--\r\n--{_BATCH}--\r\n"
    )
    kind = {"Content-Type": f"multipart/mixed; boundary={_BATCH}"}
    return Answer(202, body.encode(), kind)


def _one(answer: Answer) -> str:
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    word = HTTPStatus(answer.status).phrase
    text = answer.body.decode()
    return f"{head}HTTP/1.1 {answer.status} {word}\r\n{headers}\r\n{text}\r\n"
