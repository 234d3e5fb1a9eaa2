"""Feature groups on Azure: histories in the store, the newest values in Table Storage."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_iac.outputs import FeatureGroupOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import FeatureGroup
from mlops_iac_azure.feature_checks import feature_problems


class FeatureGroupAdapter:
    """Maps `FeatureGroup`; see `docs/mappings/azure/feature_group.md`."""

    def check(self, spec: FeatureGroup, scope: Scope) -> Iterable[Problem]:
        """Return what Azure would refuse, or could never change."""
        return feature_problems(spec, scope)

    def build(self, spec: FeatureGroup, context: BuildContext) -> FeatureGroupOutputs:
        """Register the stores, what fills them, and the filling with the data of now."""
        from mlops_iac_azure.frame.feature_group import build_feature_group

        return build_feature_group(spec, context)
