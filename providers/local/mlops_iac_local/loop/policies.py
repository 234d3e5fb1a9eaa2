"""Retraining policies on disk: what is asked, what is remembered, and every decision.

`policies/<name>/` holds `rules.json`, `state.json` and `events.jsonl`. Each decision is written to
`events.jsonl` and synced, and then to `state.json`; both say its number `seq`. A crash in between
repeats the decision: of two lines with one `seq` the later one counts.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.policy import (
    Decision,
    EndpointHealthy,
    Event,
    Notified,
    Rules,
    State,
    Tick,
    decide,
    event_document,
)
from mlops_iac_local.files import FILE_MODE, locked, read_json, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control

RULES, STATE, EVENTS = "rules.json", "state.json", "events.jsonl"

_POLL_SECONDS = 0.5
_EVERY_SECOND = (Tick, EndpointHealthy)
"""Events that are recorded only when they count."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What was declared of a retraining policy."""

    name: str
    monitor: str
    pipeline: str
    endpoint: str
    """Where versions are promoted to."""
    model: str
    """The model that the endpoint serves."""
    rules: Rules

    def document(self) -> dict[str, Any]:
        """Return the policy as a JSON document."""
        names = {key: getattr(self, key) for key in _NAMES}
        return {**names, "rules": self.rules.document()}


_NAMES = ("name", "monitor", "pipeline", "endpoint", "model")


def folder(layout: Layout, name: str) -> Path:
    """Return the folder of a policy."""
    return control.policies_folder(layout) / name


def write_policy(layout: Layout, policy: Policy) -> None:
    """Keep what is declared; what the policy remembers stays as it is."""
    with held(layout, policy.name):
        write_json(folder(layout, policy.name) / RULES, policy.document())


def policy_of(layout: Layout, name: str) -> Policy:
    """Return a declared policy.

    Raises:
        OperationError: there is none of that name in this stack.
    """
    document = read_json(folder(layout, name) / RULES)
    if document is None:
        raise OperationError(
            f"there is no retraining policy `{name}` in this stack",
            remedy="run `mlops-iac up` first, and name a `RetrainingPolicy` of the declaration",
        )
    return Policy(
        rules=Rules.from_document(document["rules"]), **{key: document[key] for key in _NAMES}
    )


def state_of(layout: Layout, name: str) -> State:
    """Return what a policy remembers."""
    return State.from_document(_memory(layout, name)["state"])


def checks_told(layout: Layout, name: str) -> frozenset[str]:
    """Return the ids of the newest checks that the policy was told."""
    return frozenset(_memory(layout, name)["told"])


def tell(layout: Layout, name: str, event: Event, *, told: Iterable[str] | None = None) -> Decision:
    """Tell a policy an event: decide, record, remember. What is to be done is the caller's.

    Args:
        layout: the stack's folders.
        name: the policy.
        event: what happened.
        told: the ids of the checks that it was told from now on; unchanged when left out.
    """
    with held(layout, name):
        policy, memory = policy_of(layout, name), _memory(layout, name)
        before = State.from_document(memory["state"])
        decision = decide(policy.rules, before, event, now=time.time())
        is_news = _is_news(event, decision)
        if is_news:
            _record(layout, name, memory["seq"] + 1, event, decision)
        if is_news or decision.counted or told is not None:
            write_json(
                folder(layout, name) / STATE,
                {
                    "seq": memory["seq"] + int(is_news),
                    "told": sorted(memory["told"] if told is None else told),
                    "state": decision.state.document(),
                },
            )
    return decision


def events(layout: Layout, name: str) -> list[dict[str, Any]]:
    """Return all that was recorded of a policy, oldest first, each decision once."""
    path = folder(layout, name) / EVENTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = {entry["seq"]: entry for line in lines if (entry := _entry(line)) is not None}
    return [found[seq] for seq in sorted(found)]


def decisions(layout: Layout, name: str, *, is_growing: Callable[[], bool]) -> Iterator[str]:
    """Yield each decision of a policy in a line, oldest first; go on while it grows."""
    last = 0
    while True:
        # Asked before the read: what is written before the end is still read.
        goes_on = is_growing()
        for entry in (entry for entry in events(layout, name) if entry["seq"] > last):
            last = entry["seq"]
            yield f"{entry['at']} {entry['phase']}: {entry['reason']}"
        if not goes_on:
            return
        time.sleep(_POLL_SECONDS)


def _is_news(event: Event, decision: Decision) -> bool:
    """Whether a decision is worth a line; that people were told of an earlier one is not."""
    if isinstance(event, Notified):
        return False
    return decision.counted or not isinstance(event, _EVERY_SECOND)


def _entry(line: str) -> dict[str, Any] | None:
    try:
        return json.loads(line)
    except ValueError:
        # A crash in the middle of a write; its decision was never remembered.
        return None


def _record(layout: Layout, name: str, seq: int, event: Event, decision: Decision) -> None:
    entry: Mapping[str, Any] = {
        "seq": seq,
        "at": utc_now(),
        "event": event_document(event),
        "counted": decision.counted,
        "phase": decision.state.phase.value,
        "actions": decision.document()["actions"],
        "reason": decision.reason,
    }
    path = folder(layout, name) / EVENTS
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
    with os.fdopen(handle, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        text = ("\n" if is_torn else "") + json.dumps(entry, sort_keys=True) + "\n"
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _memory(layout: Layout, name: str) -> dict[str, Any]:
    fresh = {"seq": 0, "told": [], "state": State().document()}
    return read_json(folder(layout, name) / STATE) or fresh


def held(layout: Layout, name: str) -> AbstractContextManager[None]:
    """Hold what a policy is and remembers, against every other process."""
    return locked(layout.lock(f"policy-{name}"))
