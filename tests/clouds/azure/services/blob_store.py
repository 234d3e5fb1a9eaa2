"""What the storage accounts hold: blobs, their blocks, conditions and leases; all in memory."""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from tests.clouds.azure.services.planes import Refusal
from tests.clouds.azure.world import World

BLOCK, APPEND = "BlockBlob", "AppendBlob"
_TAG = re.compile(r"""(?:"([^"]+)"|(@?\w+))\s*(=|<>|>=|<=|>|<)\s*'([^']*)'""")


@dataclass
class Lease:
    """Who alone may write; `until` is None for one without end."""

    id: str
    until: datetime | None = None


@dataclass
class Blob:
    """One blob."""

    name: str
    created: datetime
    kind: str = BLOCK
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """`content-type` and the like, as given."""
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    etag: str = ""
    tier: str = "Hot"
    copied: dict[str, str] = field(default_factory=dict[str, str])
    """What is told of the copy that made it."""
    blocks: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    """Committed ones, in their order."""
    lease: Lease | None = None

    @property
    def md5(self) -> str:
        """The check sum that is told with it: given, or that of the content."""
        return self.headers.get("content-md5") or digest(self.content)


def digest(content: bytes) -> str:
    """Return a content's check sum as HTTP has it."""
    return base64.b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324 - the protocol's


def http_time(moment: datetime) -> str:
    """Return a time as HTTP has it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


class Shelf:
    """Blobs of all accounts and containers."""

    def __init__(self) -> None:
        self.blobs: dict[tuple[str, str], dict[str, Blob]] = {}
        self.staged: dict[tuple[str, str, str], dict[str, bytes]] = {}
        self.leases: dict[tuple[str, str], Lease] = {}
        self._etags = 0x8DC0000000000000

    def of(self, account: str, container: str) -> dict[str, Blob]:
        """Return a container's blobs by their names."""
        return self.blobs.setdefault((account, container), {})

    def get(self, account: str, container: str, name: str) -> Blob | None:
        """Return a blob."""
        return self.of(account, container).get(name)

    def find(self, account: str, container: str, name: str) -> Blob:
        """Return a blob.

        Raises:
            Refusal: 404.
        """
        found = self.get(account, container, name)
        if found is None:
            raise Refusal(404, "BlobNotFound", "The specified blob does not exist.")
        return found

    def put(self, account: str, container: str, blob: Blob, now: datetime) -> Blob:
        """Keep a blob, in the place of one of its name."""
        self.of(account, container)[blob.name] = blob
        self.staged.pop((account, container, blob.name), None)
        self.touch(blob, now)
        return blob

    def touch(self, blob: Blob, now: datetime) -> None:
        """Give a blob a new etag."""
        self._etags += 1
        blob.etag, blob.modified = f'"0x{self._etags:X}"', now.replace(microsecond=0)

    def drop(self, account: str, container: str, name: str) -> None:
        """Delete a blob."""
        self.of(account, container).pop(name, None)

    def drop_container(self, account: str, container: str) -> None:
        """Delete what a container holds."""
        self.blobs.pop((account, container), None)

    def under(self, account: str, container: str, prefix: str = "") -> Iterator[Blob]:
        """Yield blobs in the order of their names."""
        kept = self.of(account, container)
        for name in sorted(kept):
            if name.startswith(prefix):
                yield kept[name]


def shelf(world: World) -> Shelf:
    """Return the cloud's blobs."""
    return world.state("blobs", Shelf)


def keep(world: World, account: str, container: str, name: str, content: bytes) -> Blob:
    """Put a blob, for what writes inside the cloud."""
    now = world.clock.now()
    return shelf(world).put(account, container, Blob(name, now, content=content), now)


# Conditions


def judge(headers: Mapping[str, str], blob: Blob | None) -> None:
    """Refuse a request whose conditions do not hold.

    Raises:
        Refusal: 409 for what must not be there, else 412.
    """
    match, other = headers.get("if-match"), headers.get("if-none-match")
    if other == "*" and blob is not None:
        raise Refusal(409, "BlobAlreadyExists", "The specified blob already exists.")
    failed = match is not None and (blob is None or match not in {"*", blob.etag})
    failed |= other is not None and blob is not None and other == blob.etag
    if failed or (blob is not None and not _in_time(headers, blob)):
        raise unmet()
    asked = headers.get("x-ms-if-tags")
    if asked and not has_tags(blob.tags if blob else {}, asked):
        raise unmet()


def unmet() -> Refusal:
    """Return the refusal of a condition that does not hold."""
    message = "The condition specified using HTTP conditional header(s) is not met."
    return Refusal(412, "ConditionNotMet", message)


def _in_time(headers: Mapping[str, str], blob: Blob) -> bool:
    since, until = headers.get("if-modified-since"), headers.get("if-unmodified-since")
    if since and blob.modified <= parsedate_to_datetime(since):
        return False
    return not (until and blob.modified > parsedate_to_datetime(until))


_COMPARE = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
}


def has_tags(tags: Mapping[str, str], asked: str) -> bool:
    """Tell whether tags are as a condition has them; its terms are joined by AND.

    Raises:
        Refusal: when it is no such condition.
    """
    terms = re.split(r"\s+AND\s+", asked, flags=re.IGNORECASE)
    found = [_TAG.fullmatch(term.strip()) for term in terms]
    if not all(found):
        raise Refusal(400, "InvalidQueryParameterValue", f"`{asked}` is no condition of tags.")
    return all(
        (one[1] or one[2]) in tags and _COMPARE[one[3]](tags[one[1] or one[2]], one[4])
        for one in found
        if one
    )


# Leases


def judge_lease(headers: Mapping[str, str], blob: Blob | None, now: datetime) -> None:
    """Refuse a write to what somebody else has leased.

    Raises:
        Refusal: 412.
    """
    held, given = live_lease(blob.lease if blob else None, now), headers.get("x-ms-lease-id")
    if held and not given:
        message = "There is currently a lease on the blob and no lease ID was specified."
        raise Refusal(412, "LeaseIdMissing", message)
    if given and (held is None or held.id != given):
        code = "LeaseIdMismatchWithBlobOperation" if held else "LeaseNotPresentWithBlobOperation"
        raise Refusal(412, code, "The lease ID specified did not match the lease ID for the blob.")


def live_lease(lease: Lease | None, now: datetime) -> Lease | None:
    """Return a lease that holds now."""
    return lease if lease and (lease.until is None or lease.until > now) else None


def leased(headers: Mapping[str, str], held: Lease | None, now: datetime) -> Lease | None:
    """Return the lease after what was asked for it.

    Raises:
        Refusal: 409.
    """
    action, given = headers.get("x-ms-lease-action", "").lower(), headers.get("x-ms-lease-id")
    held = live_lease(held, now)
    if action == "acquire":
        asked = headers.get("x-ms-proposed-lease-id") or str(uuid.uuid4())
        if held and held.id != asked:
            raise Refusal(409, "LeaseAlreadyPresent", "There is already a lease present.")
        seconds = int(headers.get("x-ms-lease-duration", "-1"))
        return Lease(asked, None if seconds < 0 else now + timedelta(seconds=seconds))
    if held is None and action == "break":
        raise Refusal(409, "LeaseNotPresentWithLeaseOperation", "There is no lease.")
    if action != "break" and (held is None or held.id != given):
        code = "LeaseIdMismatchWithLeaseOperation"
        raise Refusal(409, code, "The lease ID specified did not match the lease ID.")
    if action == "change":
        return Lease(headers.get("x-ms-proposed-lease-id", ""), held.until if held else None)
    return held if action == "renew" else None
