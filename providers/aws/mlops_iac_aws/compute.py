"""Which SageMaker machine satisfies a compute request, and what it costs.

Sizes: https://aws.amazon.com/sagemaker/pricing/ and the EC2 instance pages of each family; uses:
botocore's `TrainingInstanceType`, `ProductionVariantInstanceType` and `ProcessingInstanceType`;
prices: US dollars an hour in us-east-1 (hosting) from the project's price book of 2026-11-21,
`None` where it has none.
Burstable types (`t3`) are left out: SageMaker refuses to autoscale them, and they cannot host.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_iac.compute import Use, by_price, cheapest, largest, offers
from mlops_iac.provider import Problem
from mlops_iac.specs.compute import AcceleratorKind, Compute
from mlops_iac_aws.availability import FAMILIES_MISSING

T4, L4, A10G, L40S, V100, A100_40, A100_80, H100, H200, B200 = (
    AcceleratorKind.T4,
    AcceleratorKind.L4,
    AcceleratorKind.A10G,
    AcceleratorKind.L40S,
    AcceleratorKind.V100,
    AcceleratorKind.A100_40GB,
    AcceleratorKind.A100_80GB,
    AcceleratorKind.H100,
    AcceleratorKind.H200,
    AcceleratorKind.B200,
)


ANY = frozenset(Use)
MODELS = frozenset({Use.TRAINING, Use.HOSTING})
"""Not for processing, whose enum in botocore lacks them."""
TRAINING = frozenset({Use.TRAINING})
HOSTING = frozenset({Use.HOSTING})

HOSTING_VOLUME_LIMIT_GB = 512
"""botocore `ProductionVariant.VolumeSizeInGB`."""


@dataclass(frozen=True)
class Machine:
    """A machine type of SageMaker."""

    size: str
    """Family and size, without `ml.`."""
    vcpu: int
    memory_gb: int
    price: float | None = None
    uses: frozenset[Use] = ANY
    accelerator: AcceleratorKind | None = None
    accelerators: int = 0
    local_disk_gb: int = 0
    """NVMe disk inside the machine, which then takes the place of a volume of a chosen size."""

    @property
    def name(self) -> str:
        """Type as SageMaker calls it."""
        return f"ml.{self.size}"

    @property
    def family(self) -> str:
        """Family, such as `m5`."""
        return self.size.partition(".")[0]

    def satisfies(self, compute: Compute, use: Use) -> bool:
        """Whether it offers at least what is asked."""
        return use in self.uses and self.has_disk(compute.disk_gb, use) and offers(self, compute)

    def has_disk(self, disk_gb: int, use: Use) -> bool:
        """Whether its own disk, or a volume beside it, can be that large."""
        if self.local_disk_gb:
            return disk_gb <= self.local_disk_gb
        return use is not Use.HOSTING or disk_gb <= HOSTING_VOLUME_LIMIT_GB


_MACHINES: tuple[Machine, ...] = (
    Machine("c5.large", 2, 4, 0.102, HOSTING),
    Machine("m5.large", 2, 8, 0.115),
    Machine("c5.xlarge", 4, 8, 0.204),
    Machine("m5.xlarge", 4, 16, 0.23),
    Machine("c5.2xlarge", 8, 16, 0.408),
    Machine("m5.2xlarge", 8, 32, 0.461),
    Machine("r5.2xlarge", 8, 64, 0.605),
    Machine("c5.4xlarge", 16, 32, 0.816),
    Machine("m5.4xlarge", 16, 64, 0.922),
    Machine("r5.4xlarge", 16, 128, 1.21),
    Machine("c5.9xlarge", 36, 72, 1.836),
    Machine("m5.12xlarge", 48, 192, 2.765),
    Machine("c5.18xlarge", 72, 144, 3.672),
    Machine("m5.24xlarge", 96, 384, 5.53),
    Machine("r5.large", 2, 16),
    Machine("r5.xlarge", 4, 32),
    Machine("r5.12xlarge", 48, 384),
    Machine("r5.24xlarge", 96, 768),
    Machine("m6i.large", 2, 8),
    Machine("m6i.xlarge", 4, 16),
    Machine("m6i.2xlarge", 8, 32),
    Machine("m6i.4xlarge", 16, 64),
    Machine("m6i.8xlarge", 32, 128),
    Machine("m6i.12xlarge", 48, 192),
    Machine("m6i.16xlarge", 64, 256),
    Machine("m6i.24xlarge", 96, 384),
    Machine("m6i.32xlarge", 128, 512),
    Machine("m7i.large", 2, 8),
    Machine("m7i.xlarge", 4, 16),
    Machine("m7i.2xlarge", 8, 32),
    Machine("m7i.4xlarge", 16, 64),
    Machine("m7i.8xlarge", 32, 128),
    Machine("m7i.12xlarge", 48, 192),
    Machine("m7i.16xlarge", 64, 256),
    Machine("m7i.24xlarge", 96, 384),
    Machine("m7i.48xlarge", 192, 768),
    Machine("r7i.48xlarge", 192, 1536),
    Machine("g4dn.xlarge", 4, 16, 0.736, ANY, T4, 1, 125),
    Machine("g4dn.2xlarge", 8, 32, 0.94, ANY, T4, 1, 225),
    Machine("g4dn.4xlarge", 16, 64, 1.505, ANY, T4, 1, 225),
    Machine("g4dn.8xlarge", 32, 128, 2.72, ANY, T4, 1, 900),
    Machine("g4dn.12xlarge", 48, 192, 4.89, ANY, T4, 4, 900),
    Machine("g4dn.16xlarge", 64, 256, 5.44, ANY, T4, 1, 900),
    Machine("g6.xlarge", 4, 16, 1.1267, ANY, L4, 1, 250),
    Machine("g6.2xlarge", 8, 32, 1.222, ANY, L4, 1, 450),
    Machine("g6.4xlarge", 16, 64, 1.654, ANY, L4, 1, 600),
    Machine("g6.8xlarge", 32, 128, 2.518, ANY, L4, 1, 900),
    Machine("g6.16xlarge", 64, 256, 4.246, ANY, L4, 1, 1880),
    Machine("g6.12xlarge", 48, 192, 5.752, ANY, L4, 4, 3760),
    Machine("g6.24xlarge", 96, 384, 8.344, ANY, L4, 4, 3760),
    Machine("g6.48xlarge", 192, 768, 16.688, ANY, L4, 8, 7520),
    Machine("g5.xlarge", 4, 16, 1.408, ANY, A10G, 1, 250),
    Machine("g5.2xlarge", 8, 32, 1.515, ANY, A10G, 1, 450),
    Machine("g5.4xlarge", 16, 64, 2.03, ANY, A10G, 1, 600),
    Machine("g5.8xlarge", 32, 128, 3.06, ANY, A10G, 1, 900),
    Machine("g5.16xlarge", 64, 256, 5.12, ANY, A10G, 1, 1900),
    Machine("g5.12xlarge", 48, 192, 7.09, ANY, A10G, 4, 3800),
    Machine("g5.24xlarge", 96, 384, 10.18, ANY, A10G, 4, 3800),
    Machine("g5.48xlarge", 192, 768, 20.36, ANY, A10G, 8, 7600),
    Machine("g6e.xlarge", 4, 32, 2.61, ANY, L40S, 1, 250),
    Machine("g6e.2xlarge", 8, 64, 2.8, ANY, L40S, 1, 450),
    Machine("g6e.4xlarge", 16, 128, 3.76, ANY, L40S, 1, 600),
    Machine("g6e.8xlarge", 32, 256, 5.6607, ANY, L40S, 1, 900),
    Machine("g6e.12xlarge", 48, 384, 13.12, ANY, L40S, 4, 3800),
    Machine("g6e.24xlarge", 96, 768, 18.83, ANY, L40S, 4, 3800),
    Machine("g6e.48xlarge", 192, 1536, 37.66, ANY, L40S, 8, 7600),
    Machine("g6e.16xlarge", 64, 512, None, ANY, L40S, 1, 1900),
    # The regions no longer list p3 for hosting (cfn-lint), the training enum still has it.
    Machine("p3.2xlarge", 8, 61, 3.825, TRAINING, V100, 1),
    Machine("p3.8xlarge", 32, 244, 14.688, TRAINING, V100, 4),
    Machine("p3.16xlarge", 64, 488, 28.152, TRAINING, V100, 8),
    Machine("p4d.24xlarge", 96, 1152, 25.251286, MODELS, A100_40, 8, 8000),
    Machine("p4de.24xlarge", 96, 1152, None, MODELS, A100_80, 8, 8000),
    Machine("p5.4xlarge", 16, 256, None, ANY, H100, 1, 3840),
    Machine("p5.48xlarge", 192, 2048, 63.296, MODELS, H100, 8, 30720),
    Machine("p5en.48xlarge", 192, 2048, None, MODELS, H200, 8, 30720),
    Machine("p6-b200.48xlarge", 192, 2048, None, MODELS, B200, 8, 30720),
)


MACHINES = by_price(_MACHINES)


def candidates(use: Use, region: str | None) -> Iterator[Machine]:
    """Yield the machines for `use` that `region` offers, cheapest first."""
    missing = FAMILIES_MISSING.get(region or "", frozenset())
    return (m for m in MACHINES if use in m.uses and m.family not in missing)


def machine(compute: Compute, use: Use, region: str | None) -> Machine | None:
    """Return the cheapest machine that satisfies `compute`, or `None` when none does."""
    offered = candidates(use, region)
    return cheapest(offered, compute, lambda m: m.has_disk(compute.disk_gb, use))


def compute_problems(
    component: str, compute: Compute, use: Use, region: str | None
) -> Iterator[Problem]:
    """Yield a problem when no machine type of the region offers what is asked."""
    if machine(compute, use, region) is not None:
        return
    asked = compute.accelerator
    accelerator = f", {asked.count} x {asked.kind.value}" if asked else ""
    yield Problem(
        code="compute.no-machine-type",
        component=component,
        field="compute",
        value=compute.model_dump(mode="json"),
        message=f"no SageMaker machine for {use} in `{region}` has {compute.cpu} vcpu, "
        f"{compute.memory_gb:g} GiB, {compute.disk_gb} GB of disk{accelerator}",
        rule=_offered(compute, use, region),
        remedy="ask for less, for another accelerator, or choose another region",
    )


def _offered(compute: Compute, use: Use, region: str | None) -> str:
    top = largest(candidates(use, region), compute)
    if top is None:
        offered = sorted({m.accelerator.value for m in candidates(use, region) if m.accelerator})
        return f"none has it; there are {', '.join(f'`{name}`' for name in offered)}"
    disk = top.local_disk_gb or HOSTING_VOLUME_LIMIT_GB
    if compute.disk_gb > disk and not top.has_disk(compute.disk_gb, use):
        return f"`{top.name}` has a disk of {disk} GB at most"
    count = f", {top.accelerators} x {top.accelerator.value}" if top.accelerator else ""
    return f"the largest is `{top.name}`: {top.vcpu} vcpu, {top.memory_gb} GiB{count}"
