"""The metrics of a run: kept in its output folder, told in its output, required by its job."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

from mlops_iac.container_contract import METRIC_LINE, METRICS
from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.files import write_json

_NAME = "metrics.json"


def checked(values: Mapping[str, float]) -> dict[str, float]:
    """Return metrics as plain numbers.

    Raises:
        TrainingError: a value is no finite number.
    """
    numbers = {name: float(value) for name, value in values.items()}
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise TrainingError(
                f"the metric `{name}` is `{number}`, which is no finite number",
                remedy="leave out a metric that has no value",
            )
    return numbers


def add(output_dir: Path, values: Mapping[str, float]) -> None:
    """Record metrics; a later value of a name replaces the earlier."""
    write_json(output_dir / _NAME, {**read(output_dir), **values})


def read(output_dir: Path) -> dict[str, float]:
    """Return the metrics recorded so far."""
    file = output_dir / _NAME
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def tell(values: Mapping[str, float]) -> None:
    """Write one line for each metric, for a platform that reads them from the output."""
    for name, value in values.items():
        sys.stdout.write(f"{METRIC_LINE}{name}={float(value)!r}\n")
    sys.stdout.flush()


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics that are numbers; plain MLflow takes any, JSON and platforms do not."""
    return {name: value for name, value in values.items() if math.isfinite(value)}


def require(environment: Mapping[str, str], values: Mapping[str, float]) -> None:
    """Fail when a metric that the job promises was not logged.

    Raises:
        TrainingError: names every such metric.
    """
    wanted = [name for name in environment.get(METRICS, "").split(",") if name]
    if missing := [name for name in wanted if name not in values]:
        listed = ", ".join(f"`{name}`" for name in missing)
        raise TrainingError(
            f"the script logged no metric {listed}",
            remedy="call `context.log_metrics` or `mlflow.log_metric` with a finite number, "
            "or take it out of `metrics`",
        )
