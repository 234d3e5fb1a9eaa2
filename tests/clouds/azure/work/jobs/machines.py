"""The machines of a job: which processes run, and whether machines may be taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.failures import unknown

_HOST, _PORT = "127.0.0.1", "29500"


@dataclass(frozen=True)
class Process:
    """One process of a job."""

    log: str
    variables: Mapping[str, str]


def processes(told: Mapping[str, Any]) -> list[Process]:
    """Return the processes of a job, the first one first.

    https://learn.microsoft.com/azure/machine-learning/how-to-train-distributed-gpu

    Raises:
        WorkError: for frameworks that the test cloud does not play.
    """
    nodes = int((told.get("resources") or {}).get("instanceCount") or 1)
    spread = told.get("distribution")
    if not spread:
        return [Process("std_log.txt", _node(0, nodes))]
    kind = str(spread.get("distributionType") or spread.get("type") or "").lower()
    if kind not in _RANKS:
        raise unknown(f"the distribution `{kind}`")
    each = int(spread.get("processCountPerInstance") or 1)
    return [
        Process(f"std_log_process_{rank}.txt", _RANKS[kind](rank, each, nodes))
        for rank in range(nodes * each)
    ]


def _node(node: int, nodes: int) -> dict[str, str]:
    return {"AZUREML_NODE_COUNT": str(nodes), "AZ_BATCHAI_NODE_RANK": str(node)}


def _pytorch(rank: int, each: int, nodes: int) -> dict[str, str]:
    return {
        **_node(rank // each, nodes),
        "RANK": str(rank),
        "LOCAL_RANK": str(rank % each),
        "NODE_RANK": str(rank // each),
        "WORLD_SIZE": str(each * nodes),
        "MASTER_ADDR": _HOST,
        "MASTER_PORT": _PORT,
    }


def _mpi(rank: int, each: int, nodes: int) -> dict[str, str]:
    return {
        **_node(rank // each, nodes),
        "OMPI_COMM_WORLD_RANK": str(rank),
        "OMPI_COMM_WORLD_LOCAL_RANK": str(rank % each),
        "OMPI_COMM_WORLD_SIZE": str(each * nodes),
        "OMPI_COMM_WORLD_LOCAL_SIZE": str(each),
    }


_RANKS = {"pytorch": _pytorch, "mpi": _mpi}


def compute_of(run: Run, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the compute of a job, named by its id or its name; empty for serverless machines."""
    known = str(told.get("computeId") or "").removeprefix("azureml:")
    if known and "/" not in known:
        known = f"{run.request['workspace']['id']}/computes/{known}"
    return run.resource(known) or {}


def are_low_priority(run: Run, told: Mapping[str, Any]) -> bool:
    """Tell whether a job's machines may be taken away; then it starts anew on others."""
    tier = str((told.get("queueSettings") or {}).get("jobTier", ""))
    compute = compute_of(run, told)
    sizes = (compute.get("properties") or {}).get("properties") or {}
    return tier.lower() == "spot" or sizes.get("vmPriority") == "LowPriority"
