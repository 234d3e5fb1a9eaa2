"""Choosing a machine: the cheapest row of a provider's table that offers what is asked.

Portable code asks for processors, memory, disk and an accelerator; each provider has a table of
what its service rents out. The tables and what is special in them stay with the providers.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from mlops_iac.specs.compute import AcceleratorKind, Compute


class Use(StrEnum):
    """What a machine is used for; some services have a list of types for each."""

    TRAINING = "training"
    HOSTING = "hosting"
    PROCESSING = "processing"
    """Jobs that train nothing: of data, of predictions."""


class Machine(Protocol):
    """What every row of a table of machines says."""

    @property
    def vcpu(self) -> int:
        """Virtual processors."""
        ...

    @property
    def memory_gb(self) -> float:
        """Memory in GiB."""
        ...

    @property
    def price(self) -> float | None:
        """US dollars an hour; `None` where no source was found."""
        ...

    @property
    def accelerator(self) -> AcceleratorKind | None:
        """Kind of its accelerators."""
        ...

    @property
    def accelerators(self) -> int:
        """How many of them it has."""
        ...


M = TypeVar("M", bound=Machine)


def by_price(machines: Iterable[M]) -> tuple[M, ...]:
    """Return machines cheapest first; those without a known price after the others, by size."""
    return tuple(sorted(machines, key=_dearness))


def offers(machine: Machine, compute: Compute) -> bool:
    """Whether a machine has at least the processors, memory and accelerators that are asked.

    A machine with an accelerator that nobody asked for does not count: it costs more than it looks.
    """
    asked = compute.accelerator
    if machine.vcpu < compute.cpu or machine.memory_gb < compute.memory_gb:
        return False
    if asked is None:
        return machine.accelerator is None
    return machine.accelerator is asked.kind and machine.accelerators >= asked.count


def cheapest(
    machines: Iterable[M], compute: Compute, fits: Callable[[M], bool] | None = None
) -> M | None:
    """Return the first machine that offers what is asked, or `None` when none does.

    Args:
        machines: cheapest first, see `by_price`.
        compute: what is asked.
        fits: what else must hold on this provider, such as room on its disk.
    """
    return next((m for m in machines if offers(m, compute) and (fits is None or fits(m))), None)


def largest(machines: Iterable[M], compute: Compute) -> M | None:
    """Return the largest machine with the kind of accelerator that is asked; `None` if none has it.

    For the message that says what there is.
    """
    kind = compute.accelerator.kind if compute.accelerator else None
    of_kind = (m for m in machines if m.accelerator is kind)
    return max(of_kind, key=lambda m: (m.accelerators, m.memory_gb, m.vcpu), default=None)


def _dearness(machine: Machine) -> tuple[bool, float, int, float, int]:
    size = (machine.accelerators, machine.memory_gb, machine.vcpu)
    return (machine.price is None, machine.price or 0.0, *size)
