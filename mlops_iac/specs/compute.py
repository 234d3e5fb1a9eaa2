"""Compute by capability: what the work needs, never the name of a machine."""

from enum import StrEnum

from pydantic import Field

from mlops_iac.specs.base import Part


class AcceleratorKind(StrEnum):
    """Accelerators that at least one cloud rents out."""

    T4 = "t4"
    L4 = "l4"
    A10G = "a10g"
    L40S = "l40s"
    V100 = "v100"
    A100_40GB = "a100-40gb"
    A100_80GB = "a100-80gb"
    H100 = "h100"
    H200 = "h200"
    B200 = "b200"


class Accelerator(Part):
    """A kind of accelerator and how many of them one machine must have."""

    kind: AcceleratorKind
    """Which accelerator."""
    count: int = Field(default=1, ge=1, le=16)
    """How many per machine."""


class Compute(Part):
    """The least that one machine must offer; the target picks its cheapest type that does."""

    cpu: int = Field(default=2, ge=1, le=256)
    """Virtual processors."""
    memory_gb: float = Field(default=8, ge=0.5, le=24_576)
    """Memory in GiB."""
    accelerator: Accelerator | None = None
    """No accelerator when left out."""
    disk_gb: int = Field(default=30, ge=10, le=16_000)
    """Scratch disk in GiB."""
