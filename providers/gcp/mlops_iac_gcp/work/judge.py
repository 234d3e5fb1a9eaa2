"""`python -m mlops_iac_gcp.work judge`: the judgement of one check, in a job of its own."""

from collections.abc import Sequence

from mlops_iac.loop.judging import judge
from mlops_iac.runtime.task import run_task


def main(arguments: Sequence[str]) -> int:
    """Judge the traffic that the task names; return the exit code."""
    del arguments
    return run_task(judge)
