"""Retraining policies: where they are, and every decision that changed something."""

from collections.abc import Iterator

from mlops_iac.records import PolicyRecord
from mlops_iac.reports import policy_event
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies


def policy_records(layout: Layout) -> Iterator[PolicyRecord]:
    """Yield each policy."""
    for name in control.policy_names(layout):
        state = policies.state_of(layout, name)
        counted = (entry for entry in policies.events(layout, name) if entry["counted"])
        yield PolicyRecord(
            name=name,
            phase=state.phase.value,
            reason=state.reason,
            events=tuple(map(policy_event, counted)),
        )
