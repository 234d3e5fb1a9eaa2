"""`python -m mlops_iac_aws.work join`: the features of a training's data, as they were known.

Data and histories are the job's inputs, so the container needs no network and no permission.
"""

import os
import sys
from collections.abc import Sequence

from mlops_iac.runtime.conventions import root_of
from mlops_iac_aws.features import mounts
from mlops_iac_aws.features.joining import Folders, join


def main(arguments: Sequence[str]) -> int:
    """Join every mounted group to every mounted input that it fits."""
    del arguments
    root = root_of(os.environ)
    joined = join(
        Folders(
            data=root / mounts.DATA.lstrip("/"),
            groups=root / mounts.GROUPS.lstrip("/"),
            contracts=root / mounts.CONTRACTS.lstrip("/"),
            output=root / mounts.JOINED.lstrip("/"),
        )
    )
    for name, rows in joined.items():
        told = "stays as it is" if rows is None else f"{rows} rows with features"
        sys.stdout.write(f"{name}: {told}\n")
    return 0
