"""`python -m mlops_iac_azure.work policy`: a retraining policy looks, decides and acts."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from mlops_iac.loop import attending
from mlops_iac_azure.kept import store_of
from mlops_iac_azure.policies.world import world_of
from mlops_iac_azure.work.launch import Launch, perform, read, say


def main(arguments: Sequence[str]) -> int:
    """Look and act; return the exit code."""
    return perform(read(arguments), attended)


def attended(launch: Launch) -> dict[str, Any]:
    """Look and act until nothing more can be done now; return the phase, and why."""
    document = launch.document["policy"]
    store = store_of(launch.where, launch.bucket, document["name"])
    world = partial(world_of, launch.where, launch.bucket, document)
    return attending.attended(document, store, world, pause=launch.pause, say=say)
