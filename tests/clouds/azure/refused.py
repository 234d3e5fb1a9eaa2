"""What the cloud answers, as a test reads it."""

import json
from typing import Any


def read(content: bytes) -> Any:
    """Return JSON, or the bytes themselves."""
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content


class Refused(Exception):  # noqa: N818 - it is what the cloud did
    """A refusal, as Azure's JSON has it."""

    def __init__(self, status: int, content: bytes) -> None:
        body = read(content)
        error: Any = body.get("error", body) if isinstance(body, dict) else {}
        self.status = status
        self.code: str = error.get("code", "")
        self.message: str = error.get("message", "") or str(body)
        super().__init__(f"{status} {self.code}: {self.message}")
