"""Monitors on Azure: a scheduled pipeline job that judges captured traffic, a metric, an alert.

The judgement is the runtime's, the same as on every target; Azure ML's own model monitoring has
other distances, no truth and no baseline of the served version: see decision 0018.
"""

from __future__ import annotations

from collections.abc import Iterable

from mlops_iac.outputs import ModelMonitorOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ModelMonitor
from mlops_iac_azure.monitor_checks import monitor_problems


class ModelMonitorAdapter:
    """Maps `ModelMonitor`; see `docs/mappings/azure/model_monitor.md`."""

    def check(self, spec: ModelMonitor, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse."""
        return monitor_problems(spec, scope)

    def build(self, spec: ModelMonitor, context: BuildContext) -> ModelMonitorOutputs:
        """Register the job that checks, its schedule, the alert, and who hears of it."""
        from mlops_iac_azure.frame.model_monitor import build_monitor

        return build_monitor(spec, context)
