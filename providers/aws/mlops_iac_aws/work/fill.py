"""`python -m mlops_iac_aws.work fill VERSION`: a feature group takes in its data.

The definition and the data are the job's inputs; the history is its output, which trainings read.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from mlops_iac.container_contract import OUTPUT_DIR
from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.conventions import local_path, root_of
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.result import RunResult, write_result
from mlops_iac_aws.features import mounts
from mlops_iac_aws.features.document import GROUP, Filled, definition_of
from mlops_iac_aws.features.filling import Filling, fill
from mlops_iac_aws.session import Place, clients


def main(arguments: Sequence[str]) -> int:
    """Fill the group with the data that is mounted."""
    (version,) = arguments
    now, root = datetime.now(UTC), root_of(os.environ)
    text = (root / mounts.INPUTS / mounts.DEFINITION / GROUP).read_text(encoding="utf-8")
    filling = Filling(
        clients=clients(Place(region=os.environ["AWS_REGION"])),
        definition=definition_of(text),
        version=version,
        now=now,
    )
    output = make_private_folder(root / mounts.OUTPUTS / mounts.HISTORY)
    filled = fill(filling, data_files(root / mounts.INPUTS / mounts.DATA), output)
    _tell(filled, now, local_path(os.environ[OUTPUT_DIR], root))
    return 0


def _tell(filled: Filled, started: datetime, folder: Path) -> None:
    sys.stdout.write(f"{filled.definition.values.name}: {filled.rows} rows\n")
    result = RunResult(
        status="finished",
        started=started.isoformat(),
        ended=datetime.now(UTC).isoformat(),
        metrics={"rows": float(filled.rows)},
    )
    write_result(make_private_folder(folder), result)
