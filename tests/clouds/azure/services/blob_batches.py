"""Many deletions of blobs in one request: each has its own answer.

https://learn.microsoft.com/rest/api/storageservices/blob-batch
"""

from email.parser import BytesParser
from typing import Any

from tests.clouds.azure.calls import Answer, CloudError, Request
from tests.clouds.azure.services import blob_calls, markup
from tests.clouds.azure.services.blob_place import XML
from tests.clouds.azure.services.planes import Asked


def batch(asked: Asked) -> Answer:
    """Do many deletions at once: each has its own answer."""
    kind = asked.header("content-type")
    whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
    mark = "batchresponse_1"
    pieces: list[bytes] = []
    for number, part in enumerate(whole.get_payload()):
        content: Any = part.get_payload(decode=True)  # pyright: ignore[reportAttributeAccessIssue]
        answered = _one_of_batch(asked, content)
        head = f"--{mark}\r\nContent-Type: application/http\r\nContent-ID: {number}\r\n\r\n"
        pieces.append(head.encode() + answered + b"\r\n")
    body = b"".join([*pieces, f"--{mark}--\r\n".encode()])
    return Answer(202, body, {"Content-Type": f"multipart/mixed; boundary={mark}"})


def _one_of_batch(asked: Asked, content: bytes) -> bytes:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    verb, path, _ = first.split(" ")
    headers = {
        name.lower().strip(): value.strip()
        for name, _, value in (one.partition(":") for one in lines)
    }
    inner = Request(verb, path.partition("?")[0], [], headers, body)
    bare = inner.path.removeprefix(f"/blob/{asked.name}").lstrip("/")
    one = Asked(asked.world, inner, asked.name, bare, {}, asked.caller)
    try:
        answer = blob_calls.operation(one).do(one)
        assert isinstance(answer, Answer)
    except CloudError as error:
        answer = refused(error)
    told = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    return f"HTTP/1.1 {answer.status} Told\r\n{told}\r\n".encode() + answer.body


def refused(error: CloudError) -> Answer:
    """Return a refusal as the storage services write it."""
    body = markup.element("Error", markup.texts({"Code": error.code, "Message": error.message}))
    headers = {**XML, "x-ms-error-code": error.code, **error.headers}
    return Answer(error.status, markup.document(body), headers)
