"""Names that every cloud accepts, that stay the same, and that never meet by accident.

Stable things (endpoint, registry, store) are named from project, stack and component; immutable
things (model, endpoint config, job definition) also from a hash of their content, so that a
replacement is created before the old one goes, and a retried create finds its own.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HASH_LENGTH = 8
"""Hex digits of the hash in a name: 32 bits, against accident, not against malice."""


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What one API accepts as the name of one type of thing."""

    max_length: int
    min_length: int = 1
    separator: str = "-"
    """Joins slug and hash; empty where only letters and digits are taken."""
    lower: bool = True
    pattern: str = r"[a-z][a-z0-9-]*"
    """What the whole name must match."""
    digits_only: bool = False
    """Whether the API wants a number."""
    source: str = ""
    """Where the rule is written."""


def content_hash(content: Any, length: int = HASH_LENGTH) -> str:
    """Return `length` hex digits of the SHA-256 of `content` as canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def physical_name(rule: NameRule, parts: Sequence[str], *, content: Any = None) -> str:
    """Return a legal name for `parts` (project, stack, component, …), stable across runs.

    The readable slug is cut to fit; the hash of all parts keeps distinct things distinct.
    """
    digest = content_hash([list(parts), content], 64)
    if rule.digits_only:
        return _digits(digest, rule.max_length)
    suffix = rule.separator + digest[:HASH_LENGTH]
    slug = _slug(parts, rule)[: rule.max_length - len(suffix)].rstrip(rule.separator or None)
    return slug + suffix


def _slug(parts: Sequence[str], rule: NameRule) -> str:
    text = rule.separator.join(part for part in parts if part)
    text = text.lower() if rule.lower else text
    slug = re.sub(r"[^A-Za-z0-9]+", rule.separator, text).strip(rule.separator or None)
    return slug if slug[:1].isalpha() else f"m{rule.separator}{slug}".rstrip(rule.separator or None)


def _digits(digest: str, length: int) -> str:
    number = int(digest[:16], 16) % (9 * 10 ** (length - 1))
    return str(10 ** (length - 1) + number)
