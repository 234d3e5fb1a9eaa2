"""The metrics of a run, kept in its output folder."""

import json
from collections.abc import Mapping
from pathlib import Path

from mlops_iac.runtime.files import write_json

_NAME = "metrics.json"


def add(output_dir: Path, values: Mapping[str, float]) -> None:
    """Record metrics; a later value of a name replaces the earlier."""
    write_json(output_dir / _NAME, {**read(output_dir), **values})


def read(output_dir: Path) -> dict[str, float]:
    """Return the metrics recorded so far."""
    file = output_dir / _NAME
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
