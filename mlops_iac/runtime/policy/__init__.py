"""The decision logic of a retraining policy: one for every target.

`decide(rules, state, event, now=…)` is a function of its arguments: no clock, no file, no network.
All four are JSON documents, so a process, a cloud function and a workflow step can share it. What
it returns is a new state, and what to do. The caller saves the state *before* it does anything; an
action stays in the state until an event says that it is completed, and `Tick` returns it again.

The executor may do an action any number of times: its `id` says whether it is done already. An
event may be repeated, lost, late or out of order. Whatever happens:

* No version is promoted that failed a gate, that was rolled back once, or that nobody approved
  where promotion is manual.
* Runs never start closer together than the cooldown, never more than `max_runs` in a period, and
  never when the machine seconds of the period are used up.
* At most one retraining is under way; one check starts at most one run.
* An endpoint that dies in the watch period is rolled back to what it served before, once.
* When nothing more happens and every action is completed, the policy comes to rest in `idle`.

Every decision carries its reason in words.
"""

from mlops_iac.runtime.policy.actions import (
    Action,
    Notify,
    Promote,
    RequestApproval,
    RollBack,
    StartRun,
    Watch,
)
from mlops_iac.runtime.policy.deciding import decide
from mlops_iac.runtime.policy.events import (
    Approved,
    Checked,
    EndpointDead,
    EndpointHealthy,
    Event,
    Gate,
    Notified,
    Promoted,
    PromotionFailed,
    Rejected,
    RollBackFailed,
    RolledBack,
    RunEnded,
    RunStarted,
    Tick,
    event_document,
    event_from,
)
from mlops_iac.runtime.policy.rules import Rules
from mlops_iac.runtime.policy.state import Decision, Phase, Start, State

__all__ = [
    "Action",
    "Approved",
    "Checked",
    "Decision",
    "EndpointDead",
    "EndpointHealthy",
    "Event",
    "Gate",
    "Notified",
    "Notify",
    "Phase",
    "Promote",
    "Promoted",
    "PromotionFailed",
    "Rejected",
    "RequestApproval",
    "RollBack",
    "RollBackFailed",
    "RolledBack",
    "Rules",
    "RunEnded",
    "RunStarted",
    "Start",
    "StartRun",
    "State",
    "Tick",
    "Watch",
    "decide",
    "event_document",
    "event_from",
]
