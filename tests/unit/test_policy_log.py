"""The log of a retraining policy: each decision once, oldest first, and the new ones as they come.

Limit: the store is a mapping; the engine's stories read the same log through the clouds' stores.
"""

from typing import Any, cast

import pytest

from mlops_iac.runtime.policy.memory import EVENTS
from mlops_iac.verbs import logs
from mlops_iac.verbs.site import Site


class Store:
    """The decisions of a policy, as a site's store tells them."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}

    def decide(self, phase: str) -> None:
        """Add a decision."""
        at = f"2026-01-01T00:0{len(self.entries)}:00"
        path = f"{self.policy_folder('renew')}/{EVENTS}/{at}.json"
        self.entries[path] = {"at": at, "phase": phase, "reason": "so"}

    def policy_folder(self, policy: str) -> str:
        """Return where the decisions of a policy lie."""
        return f"policies/{policy}"

    def paths(self, prefix: str) -> list[str]:
        """Return what lies there."""
        return sorted(path for path in self.entries if path.startswith(prefix))

    def read(self, path: str) -> Any:
        """Return a decision."""
        return self.entries.get(path)


@pytest.fixture
def store() -> Store:
    made = Store()
    made.decide("watching")
    made.decide("running")
    return made


def test_it_ends_when_nobody_follows(store: Store) -> None:
    assert list(logs.decisions(cast("Site", store), "renew", follow=False)) == [
        "2026-01-01T00:00:00 watching: so",
        "2026-01-01T00:01:00 running: so",
    ]


def test_who_follows_is_told_each_new_decision_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs.time, "sleep", lambda _: store.decide("promoted"))
    lines = logs.decisions(cast("Site", store), "renew", follow=True)
    assert [next(lines).split()[1] for _ in range(4)] == [
        "watching:",
        "running:",
        "promoted:",
        "promoted:",
    ]
