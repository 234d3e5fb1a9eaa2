"""The write-ahead journal: what was about to be done outside, on disk before it was done.

One file per resource (its URN). The engine learns of a new resource only from our answer; whoever
dies in between leaves an object that nobody has written down. The journal has.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.plugin.folders import append

CREATED = "created"
"""Operation of the record that says: the create ended well, but the engine may not know it yet."""


class Journal:
    """Intents of one resource.

    A create that ended well does not erase them: the engine may die before it records the answer.
    The next call that names the resource's id proves that it did, and erases.
    """

    def __init__(self, folder: Path, urn: str) -> None:
        digest = hashlib.sha256(urn.encode()).hexdigest()[:32]
        self._path = folder / "journal" / f"{digest}.jsonl"
        self._urn = urn

    def write(self, operation: str, name: str, token: str, facts: Mapping[str, Any]) -> None:
        """Append one intent; returns when the disk has it."""
        record = {
            "operation": operation,
            "urn": self._urn,
            "name": name,
            "token": token,
            "time": time.time(),
            "facts": facts,
        }
        append(self._path, json.dumps(record, default=str) + "\n", durable=True)

    def read(self) -> Sequence[Mapping[str, Any]]:
        """Return the intents of earlier calls, oldest first."""
        if not self._path.exists():
            return ()
        records = map(_parsed, self._path.read_text().splitlines())
        return tuple(record for record in records if record is not None)

    def confirm(self, resource_id: str) -> None:
        """Erase when the intents led to `resource_id`, which the engine now names itself."""
        records = self.read()
        last = records[-1] if records else {}
        if last.get("operation") == CREATED and last["facts"]["id"] == resource_id:
            self.clear()

    def clear(self) -> None:
        """Erase the intents."""
        self._path.unlink(missing_ok=True)


def _parsed(line: str) -> Mapping[str, Any] | None:
    # The last line may be torn by a crash while it was written: then its outside call was not made.
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
