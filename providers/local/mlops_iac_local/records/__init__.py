"""Everything that a stack on this machine has done, read from its folder and its processes."""

from mlops_iac_local.records.collecting import collect

__all__ = ["collect"]
