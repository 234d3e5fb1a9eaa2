"""Machine types of Vertex AI, and the cheapest one that offers what a component asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_iac.compute import by_price, cheapest, largest
from mlops_iac.provider import Problem
from mlops_iac.specs import AcceleratorKind, Compute


@dataclass(frozen=True)
class MachineType:
    """One machine with its accelerators, as training and prediction both take it."""

    name: str
    vcpu: int
    memory_gb: float
    price: float | None = None
    """US dollars an hour in us-central1; `None` where no source was found: chosen last."""
    accelerator: AcceleratorKind | None = None
    accelerators: int = 0

    @property
    def api_type(self) -> str | None:
        """Name of its accelerator in the API."""
        return None if self.accelerator is None else ACCELERATORS[self.accelerator]


# discovery aiplatform.v1, MachineSpec.acceleratorType. Vertex has no A10G and no L40S.
ACCELERATORS = {
    AcceleratorKind.T4: "NVIDIA_TESLA_T4",
    AcceleratorKind.L4: "NVIDIA_L4",
    AcceleratorKind.V100: "NVIDIA_TESLA_V100",
    AcceleratorKind.A100_40GB: "NVIDIA_TESLA_A100",
    AcceleratorKind.A100_80GB: "NVIDIA_A100_80GB",
    AcceleratorKind.H100: "NVIDIA_H100_80GB",
    AcceleratorKind.H200: "NVIDIA_H200_141GB",
    AcceleratorKind.B200: "NVIDIA_B200",
}

# Sizes: https://cloud.google.com/compute/docs/machine-resource ; prices: Compute Engine times 1.15,
# derived in `/work/shared/data/prices/derived-vertex.csv` (2026-11-21), where its README says how.
_CPU = (
    MachineType("n1-standard-2", 2, 7.5, 0.109249),
    MachineType("n1-standard-4", 4, 15, 0.218499),
    MachineType("n1-standard-8", 8, 30, 0.436998),
    MachineType("n1-standard-16", 16, 60, 0.873995),
    MachineType("n1-standard-32", 32, 120, 1.747991),
    MachineType("n1-standard-64", 64, 240),
    MachineType("n1-standard-96", 96, 360),
    MachineType("n1-highmem-2", 2, 13, 0.136048),
    MachineType("n1-highmem-4", 4, 26, 0.272097),
    MachineType("n1-highmem-8", 8, 52, 0.544194),
    MachineType("n1-highmem-16", 16, 104, 1.088388),
    MachineType("n1-highmem-32", 32, 208),
    MachineType("n1-highmem-64", 64, 416),
    MachineType("n1-highmem-96", 96, 624),
    MachineType("n1-highcpu-4", 4, 3.6, 0.162952),
    MachineType("n1-highcpu-16", 16, 14.4, 0.651807),
    MachineType("n1-highcpu-32", 32, 28.8),
    MachineType("e2-standard-2", 2, 8, 0.077063),
    MachineType("e2-standard-4", 4, 16, 0.154126),
    MachineType("e2-standard-8", 8, 32, 0.308253),
    MachineType("e2-standard-16", 16, 64, 0.616505),
    MachineType("e2-highmem-2", 2, 16, 0.10396),
    MachineType("e2-highmem-4", 4, 32, 0.207919),
    MachineType("e2-highmem-8", 8, 64),
    MachineType("e2-highmem-16", 16, 128),
    MachineType("n2-standard-2", 2, 8, 0.111686),
    MachineType("n2-standard-4", 4, 16, 0.223371),
    MachineType("n2-standard-8", 8, 32, 0.446743),
    MachineType("n2-standard-16", 16, 64, 0.893486),
    MachineType("n2-standard-32", 32, 128),
    MachineType("n2-standard-48", 48, 192),
    MachineType("n2-standard-64", 64, 256),
    MachineType("n2-standard-80", 80, 320),
    MachineType("n2-highmem-4", 4, 32, 0.301332),
    MachineType("n2-highmem-8", 8, 64),
    MachineType("n2-highmem-16", 16, 128),
    MachineType("n2-highmem-32", 32, 256),
    MachineType("n2-highmem-48", 48, 384),
    MachineType("n2-highmem-64", 64, 512),
    MachineType("n2-highmem-80", 80, 640),
    MachineType("c2-standard-4", 4, 16, 0.240129),
    MachineType("c2-standard-8", 8, 32, 0.480258),
    MachineType("c2-standard-16", 16, 64, 0.960517),
)
_BUILT_IN = (
    MachineType("g2-standard-4", 4, 16, 0.812857, AcceleratorKind.L4, 1),
    MachineType("g2-standard-8", 8, 32, 0.981668, AcceleratorKind.L4, 1),
    MachineType("g2-standard-12", 12, 48, 1.150479, AcceleratorKind.L4, 1),
    MachineType("g2-standard-16", 16, 64, 1.31929, AcceleratorKind.L4, 1),
    MachineType("g2-standard-32", 32, 128, None, AcceleratorKind.L4, 1),
    MachineType("g2-standard-24", 24, 96, 2.300957, AcceleratorKind.L4, 2),
    MachineType("g2-standard-48", 48, 192, 4.601915, AcceleratorKind.L4, 4),
    MachineType("g2-standard-96", 96, 384, None, AcceleratorKind.L4, 8),
    MachineType("a2-highgpu-1g", 12, 85, 4.224393, AcceleratorKind.A100_40GB, 1),
    MachineType("a2-highgpu-2g", 24, 170, 8.448785, AcceleratorKind.A100_40GB, 2),
    MachineType("a2-highgpu-4g", 48, 340, 16.897571, AcceleratorKind.A100_40GB, 4),
    MachineType("a2-highgpu-8g", 96, 680, 33.795142, AcceleratorKind.A100_40GB, 8),
    MachineType("a2-megagpu-16g", 96, 1360, None, AcceleratorKind.A100_40GB, 16),
    MachineType("a2-ultragpu-1g", 12, 170, None, AcceleratorKind.A100_80GB, 1),
    MachineType("a2-ultragpu-2g", 24, 340, None, AcceleratorKind.A100_80GB, 2),
    MachineType("a2-ultragpu-4g", 48, 680, None, AcceleratorKind.A100_80GB, 4),
    MachineType("a2-ultragpu-8g", 96, 1360, None, AcceleratorKind.A100_80GB, 8),
    MachineType("a3-highgpu-1g", 26, 234, None, AcceleratorKind.H100, 1),
    MachineType("a3-highgpu-2g", 52, 468, None, AcceleratorKind.H100, 2),
    MachineType("a3-highgpu-4g", 104, 936, None, AcceleratorKind.H100, 4),
    MachineType("a3-highgpu-8g", 208, 1872, None, AcceleratorKind.H100, 8),
    MachineType("a3-ultragpu-8g", 224, 2952, None, AcceleratorKind.H200, 8),
    MachineType("a4-highgpu-8g", 224, 3968, None, AcceleratorKind.B200, 8),
)
# N1 takes these as attachments, up to a size: https://cloud.google.com/compute/docs/gpus#n1-gpus
_ATTACHED: tuple[tuple[AcceleratorKind, int, int, float], ...] = (
    (AcceleratorKind.T4, 1, 48, 0.402),
    (AcceleratorKind.T4, 2, 48, 0.402),
    (AcceleratorKind.T4, 4, 96, 0.402),
    (AcceleratorKind.V100, 1, 12, 2.852),
    (AcceleratorKind.V100, 2, 24, 2.852),
    (AcceleratorKind.V100, 4, 48, 2.852),
    (AcceleratorKind.V100, 8, 96, 2.852),
)


def _with_attachments() -> Iterator[MachineType]:
    for kind, count, most_cpu, usd in _ATTACHED:
        for host in _CPU:
            if host.name.startswith("n1-") and host.vcpu <= most_cpu:
                price = None if host.price is None else host.price + usd * count
                yield MachineType(host.name, host.vcpu, host.memory_gb, price, kind, count)


MACHINE_TYPES = by_price((*_CPU, *_BUILT_IN, *_with_attachments()))

SYSTEM_DISK_GB = 100
"""Boot disk that Vertex gives to every machine. discovery aiplatform.v1, DiskSpec."""


def machine_type(compute: Compute) -> MachineType | None:
    """Return the cheapest machine that satisfies `compute`, or `None` when none does."""
    return cheapest(MACHINE_TYPES, compute)


def compute_problems(component: str, compute: Compute) -> Iterator[Problem]:
    """Yield why no machine of Vertex AI offers what is asked."""
    if machine_type(compute) is not None:
        return
    wish = compute.accelerator
    asked = f"{compute.cpu} cpu, {compute.memory_gb:g} GiB"
    if wish is not None and wish.kind not in ACCELERATORS:
        yield Problem(
            code="compute.no-accelerator",
            component=component,
            field="compute.accelerator.kind",
            value=wish.kind.value,
            message=f"Vertex AI rents out no `{wish.kind.value}`",
            rule=f"one of {', '.join(f'`{kind.value}`' for kind in ACCELERATORS)}",
            remedy="`l4` is the nearest in size",
        )
        return
    top = largest(MACHINE_TYPES, compute)
    assert top is not None  # noqa: S101  every kind of `ACCELERATORS` has a row
    extra = "" if wish is None else f" with {wish.count} `{wish.kind.value}`"
    yield Problem(
        code="compute.no-machine-type",
        component=component,
        field="compute",
        value=asked,
        message=f"no machine of Vertex AI has {asked}{extra}",
        rule=f"the largest is {top.name}: {top.vcpu} cpu, {top.memory_gb:g} GiB",
        remedy="ask for less, or use more `instances`",
    )


def machine_spec(machine: MachineType) -> dict[str, object]:
    """Return the API's MachineSpec."""
    if machine.api_type is None:
        return {"machineType": machine.name}
    return {
        "machineType": machine.name,
        "acceleratorType": machine.api_type,
        "acceleratorCount": machine.accelerators,
    }
