"""`python -m mlops_iac_aws.work fill VERSION`: a feature group takes in its data.

The definition and the data are the job's inputs; the history is its output, which trainings read.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.conventions import root_of
from mlops_iac_aws.features import mounts
from mlops_iac_aws.features.document import GROUP, definition_of
from mlops_iac_aws.features.filling import Filling, fill
from mlops_iac_aws.session import Place, clients


def main(arguments: Sequence[str]) -> int:
    """Fill the group with the data that is mounted."""
    (version,) = arguments
    root = root_of(os.environ)
    text = (root / mounts.DEFINITION.lstrip("/") / GROUP).read_text(encoding="utf-8")
    output = root / mounts.HISTORY.lstrip("/")
    output.mkdir(parents=True, exist_ok=True)
    filling = Filling(
        clients=clients(Place(region=os.environ["AWS_REGION"])),
        definition=definition_of(text),
        version=version,
        now=datetime.now(UTC),
    )
    filled = fill(filling, data_files(root / mounts.DATA.lstrip("/")), output)
    sys.stdout.write(f"{filled.definition.values.name} {version}: {filled.rows} rows\n")
    return 0
