"""Retraining policies on Azure: an executor that events wake, and what it follows.

The executor is a pipeline job of one step; Event Grid's events and a schedule start it, so nothing
runs while nothing happens: see decision 0015.
"""

from __future__ import annotations

from collections.abc import Iterable

from mlops_iac.loop.following import retraining_problems
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import RetrainingPolicy


class RetrainingPolicyAdapter:
    """Maps `RetrainingPolicy`; see `docs/mappings/azure/retraining_policy.md`."""

    def check(self, spec: RetrainingPolicy, scope: Scope) -> Iterable[Problem]:
        """Find an approval that nobody would ever be asked for, and times without length."""
        return retraining_problems(spec, scope.specs)

    def build(self, spec: RetrainingPolicy, context: BuildContext) -> RetrainingPolicyOutputs:
        """Register the executor, what it follows, and what wakes it."""
        from mlops_iac_azure.frame.retraining_policy import build_policy

        return build_policy(spec, context)
