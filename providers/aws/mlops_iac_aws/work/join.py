"""`python -m mlops_iac_aws.work join`: the features of a training's data, as they were known.

Data and histories are the job's inputs, so the container needs no network and no permission.
"""

import os
import sys
from collections.abc import Sequence

from mlops_iac.runtime.conventions import root_of
from mlops_iac_aws.features import mounts
from mlops_iac_aws.features.joining import Mounted, join


def main(arguments: Sequence[str]) -> int:
    """Join every mounted group to every mounted input that it fits."""
    del arguments
    root = root_of(os.environ)
    mounted = Mounted(
        data=mounts.named(root, mounts.DATA_PREFIX),
        groups=mounts.named(root, mounts.GROUP_PREFIX),
        contracts=mounts.named(root, mounts.CONTRACT_PREFIX),
    )
    for name, rows in join(mounted, root / mounts.OUTPUTS / mounts.JOINED).items():
        told = "stays as it is" if rows is None else f"{rows} rows with features"
        sys.stdout.write(f"{name}: {told}\n")
    return 0
