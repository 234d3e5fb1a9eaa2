"""What a job without a script of the user's is told, and the folders that it is to leave."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.container_contract import OUTPUTS, TASK
from mlops_iac.runtime.errors import RuntimeSettingError


def read_task(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the task: the object in `MLOPS_TASK`, or in the file that it names.

    Raises:
        RuntimeSettingError: there is none, or it is no JSON object.
    """
    text = environment.get(TASK, "")
    try:
        document = json.loads(
            text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        )
    except (OSError, ValueError) as error:
        raise RuntimeSettingError(
            f"`{TASK}` cannot be read: {error}",
            remedy="it is a JSON object, or the path of a file with one",
        ) from error
    if not isinstance(document, dict):
        raise RuntimeSettingError(f"`{TASK}` is no JSON object")
    return document


def output_folders(environment: Mapping[str, str], output_dir: Path) -> dict[str, Path]:
    """Return the folder of each declared output of a job, by name."""
    names = [name for name in environment.get(OUTPUTS, "").split(",") if name]
    return {name: output_dir / "outputs" / name for name in names}
