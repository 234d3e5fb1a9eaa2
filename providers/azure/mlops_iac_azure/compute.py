"""Virtual machine sizes of Azure ML, and the cheapest one that satisfies a request."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_iac.compute import Use, largest
from mlops_iac.compute import cheapest as cheapest_of
from mlops_iac.provider import Problem
from mlops_iac.specs import AcceleratorKind, Compute

BOTH = frozenset(Use)
TRAINING = frozenset({Use.TRAINING, Use.PROCESSING})


@dataclass(frozen=True)
class MachineType:
    """One size, with the list price that orders the table."""

    name: str
    vcpu: int
    memory_gb: float
    disk_gb: int
    """Local scratch; where the size's own temporary disk is smaller, the 120 GiB system disk."""
    price: float
    """List price, East US, on demand."""
    accelerator: AcceleratorKind | None = None
    accelerators: int = 0
    uses: frozenset[Use] = BOTH


_K = AcceleratorKind

MACHINE_TYPES: tuple[MachineType, ...] = (
    MachineType("Standard_F2s_v2", 2, 4, 120, 0.0846),
    MachineType("Standard_D2as_v4", 2, 8, 120, 0.096),
    MachineType("Standard_E2s_v3", 2, 16, 120, 0.126),
    MachineType("Standard_F4s_v2", 4, 8, 120, 0.169),
    MachineType("Standard_D4as_v4", 4, 16, 120, 0.192),
    MachineType("Standard_E4s_v3", 4, 32, 120, 0.252),
    MachineType("Standard_F8s_v2", 8, 16, 120, 0.338),
    MachineType("Standard_D8as_v4", 8, 32, 120, 0.384),
    MachineType("Standard_E8s_v3", 8, 64, 128, 0.504),
    MachineType("Standard_NC4as_T4_v3", 4, 28, 180, 0.526, _K.T4, 1),
    MachineType("Standard_F16s_v2", 16, 32, 128, 0.677),
    MachineType("Standard_NC8as_T4_v3", 8, 56, 360, 0.752, _K.T4, 1),
    MachineType("Standard_D16as_v4", 16, 64, 128, 0.768),
    MachineType("Standard_E16s_v3", 16, 128, 256, 1.008),
    MachineType("Standard_NC16as_T4_v3", 16, 110, 360, 1.204, _K.T4, 1),
    MachineType("Standard_F32s_v2", 32, 64, 256, 1.353),
    MachineType("Standard_D32as_v4", 32, 128, 256, 1.536),
    MachineType("Standard_E32s_v3", 32, 256, 512, 2.016),
    MachineType("Standard_D48as_v4", 48, 192, 384, 2.304),
    MachineType("Standard_E48s_v3", 48, 384, 768, 3.024),
    MachineType("Standard_F72s_v2", 72, 144, 576, 3.045),
    MachineType("Standard_D64as_v4", 64, 256, 512, 3.072),
    MachineType("Standard_E64s_v3", 64, 432, 864, 3.629),
    MachineType("Standard_NC24ads_A100_v4", 24, 220, 958, 3.673, _K.A100_80GB, 1),
    MachineType("Standard_NC64as_T4_v3", 64, 440, 2816, 4.352, _K.T4, 4),
    MachineType("Standard_D96as_v4", 96, 384, 768, 4.608),
    MachineType("Standard_NC40ads_H100_v5", 40, 320, 3576, 6.98, _K.H100, 1),
    MachineType("Standard_NC48ads_A100_v4", 48, 440, 1916, 7.346, _K.A100_80GB, 2),
    MachineType("Standard_NC80adis_H100_v5", 80, 640, 7152, 13.96, _K.H100, 2),
    MachineType("Standard_NC96ads_A100_v4", 96, 880, 3832, 14.692, _K.A100_80GB, 4),
    MachineType("Standard_ND96asr_v4", 96, 900, 6000, 27.197, _K.A100_40GB, 8),
    MachineType("Standard_ND96amsr_A100_v4", 96, 1900, 6400, 32.77, _K.A100_80GB, 8),
    MachineType("Standard_ND96isr_H100_v5", 96, 1900, 28000, 98.32, _K.H100, 8),
    MachineType("Standard_ND96isr_H200_v5", 96, 1850, 28000, 110.0, _K.H200, 8, TRAINING),
)
"""By price, cheapest first.

Prices: `prices.csv` of 2026-11 where it has the size; the rest (`D4as` to `D96as_v4`, `E32s` to
`E64s_v3`) follow their series' price per processor, and H200 stands last. Sizes, memory, scratch
and what managed online endpoints take: Microsoft's size and "managed online endpoints SKU list"
pages, from memory. V100 sizes (NCv3) were retired in September 2025; A10 sizes are not taken by
endpoints.
"""


def cheapest(compute: Compute, use: Use) -> MachineType | None:
    """Return the cheapest size that offers what is asked, or `None` when none does."""
    return cheapest_of(
        MACHINE_TYPES, compute, lambda m: use in m.uses and m.disk_gb >= compute.disk_gb
    )


def chosen(compute: Compute, use: Use) -> MachineType:
    """Return the size for a request that has been checked."""
    size = cheapest(compute, use)
    if size is None:
        raise LookupError(f"no size offers {compute.canonical()}; planning refuses this before")
    return size


def asked(compute: Compute) -> str:
    """Return the request as one line, kept beside what it became."""
    gpu = compute.accelerator
    parts = [f"cpu={compute.cpu}", f"memory_gb={compute.memory_gb:g}", f"disk_gb={compute.disk_gb}"]
    return ",".join([*parts, f"{gpu.kind}x{gpu.count}"] if gpu else parts)


def compute_problems(component: str, compute: Compute, use: Use) -> Iterator[Problem]:
    """Yield the problem of a request that no size satisfies, with the nearest that one does."""
    if cheapest(compute, use) is not None:
        return
    gpu = compute.accelerator
    kinds = {size.accelerator for size in MACHINE_TYPES if use in size.uses and size.accelerator}
    if gpu and gpu.kind not in kinds:
        names = ", ".join(f"`{kind}`" for kind in sorted(kinds))
        yield _no_size(component, "compute.accelerator.kind", gpu.kind.value, use, f"use {names}")
        return
    field = "compute.accelerator.count" if gpu else "compute"
    yield _no_size(
        component, field, asked(compute), use, f"the largest is {_largest(compute, use)}"
    )


def _largest(compute: Compute, use: Use) -> str:
    size = largest((m for m in MACHINE_TYPES if use in m.uses), compute)
    assert size is not None  # noqa: S101  that the kind is there has been checked
    gpus = f", {size.accelerators} accelerators" if size.accelerators else ""
    return f"{size.vcpu} cpu, {size.memory_gb:g} GiB memory, {size.disk_gb} GiB disk{gpus}"


def _no_size(component: str, field: str, value: str, use: Use, remedy: str) -> Problem:
    return Problem(
        code="compute.no-machine-type",
        component=component,
        field=field,
        value=value,
        message=f"no Azure ML size for {use} offers `{value}`",
        rule="one machine offers all of cpu, memory, disk and accelerator",
        remedy=remedy,
    )
