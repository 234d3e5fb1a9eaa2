"""Outputs whose values are known although their resource does not exist yet."""

from typing import TypeVar

import pulumi

T = TypeVar("T")


def known(value: T, *resources: pulumi.Resource) -> pulumi.Output[T]:
    """Return `value` as an output of `resources`.

    We choose names, so ids and addresses can be shown and checked in a plan; the output still
    carries the dependency, so that nothing is made before what it names.
    """
    return pulumi.Output(set(resources), _ready(value), _ready(True))


async def _ready(value: T) -> T:
    return value
