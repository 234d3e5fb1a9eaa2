"""Versions of models as registries keep them: what is known of each, and who decides of it.

Where versions lie and how they are made is each cloud's own. The package stands on the standard
library: it travels into the containers.
"""

from mlops_iac.registry.parts import (
    PENDING,
    REGULATED,
    REJECTED,
    Listed,
    Model,
    ModelPolicy,
    Record,
    Version,
    run_label,
)
from mlops_iac.registry.records import Records, policy_path, record_path
from mlops_iac.registry.rules import Registry, check_decision
from mlops_iac.wishes import APPROVED, CHAMPION

__all__ = [
    "APPROVED",
    "CHAMPION",
    "PENDING",
    "REGULATED",
    "REJECTED",
    "Listed",
    "Model",
    "ModelPolicy",
    "Record",
    "Records",
    "Registry",
    "Version",
    "check_decision",
    "policy_path",
    "record_path",
    "run_label",
]
