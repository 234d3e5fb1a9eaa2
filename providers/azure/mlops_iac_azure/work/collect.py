"""`python -m mlops_iac_azure.work collect`: keeps what a container of a user's image has left."""

from collections.abc import Sequence
from typing import Any

from mlops_iac_azure.jobs.foreign import LEFT
from mlops_iac_azure.work import results
from mlops_iac_azure.work.launch import Launch, perform, read


def main(arguments: Sequence[str]) -> int:
    """Keep what is there; return the exit code."""
    return perform(read(arguments), collected)


def collected(launch: Launch) -> dict[str, Any]:
    """Keep results, model and data of the container before; return what they are."""
    return results.keep(launch, launch.inputs[LEFT] / launch.run, 0)
