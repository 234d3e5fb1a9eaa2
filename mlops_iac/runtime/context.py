"""The one face that a training script sees on every platform."""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlops_iac.runtime import metrics, saving, tracking
from mlops_iac.runtime.digest import BASELINE_FILE
from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.files import make_private_folder, write_atomically
from mlops_iac.runtime.layout import Inputs, read_layout

BASELINE_ROWS = 10_000


@dataclass(frozen=True, kw_only=True)
class TrainingContext:
    """What a job was given and where it leaves what it made."""

    platform: str
    """The platform whose layout was found, such as `sagemaker`."""
    inputs: Inputs
    """Path of the folder or file of each input, by the name in the declaration."""
    hyperparameters: Mapping[str, Any]
    """Typed values: a number is a number, also where the platform carries strings."""
    model_dir: Path
    """Where an MLflow model may be saved by hand; the platform keeps what is in it."""
    output_dir: Path
    """Where any other results go; the platform keeps them with the run."""
    checkpoint_dir: Path | None
    """Folder that survives an interruption; `None` when the job has none."""
    run_id: str | None
    """The MLflow run's id, else the platform's name of the job, else `None`."""
    _is_tracked: bool = field(default=False, repr=False)
    _tells_metrics: bool = field(default=False, repr=False)

    def log_metrics(self, values: Mapping[str, float], *, step: int | None = None) -> None:
        """Record metrics in the run's result, and in MLflow when a server is set.

        The last value of each name is the result's.

        Raises:
            TrainingError: a value is no finite number.
        """
        numbers = metrics.checked(values)
        metrics.add(self.output_dir, numbers)
        if self._tells_metrics:
            metrics.tell(numbers)
        if self._is_tracked:
            import mlflow

            mlflow.log_metrics(numbers, step=step)

    def log_baseline(self, rows: Any) -> None:
        """Hand over the rows that the model learned from: a monitor compares traffic with them.

        At most `BASELINE_ROWS` are kept, drawn with a fixed seed. Without a baseline a monitor
        takes the job's whole input.

        Args:
            rows: a data frame with the columns that the model takes.
        """
        kept = rows.sample(BASELINE_ROWS, random_state=0) if len(rows) > BASELINE_ROWS else rows
        content = io.BytesIO()
        kept.to_parquet(content, index=False)
        write_atomically(self.output_dir / BASELINE_FILE, content.getvalue())

    def log_model(
        self,
        model: Any,
        *,
        example: Any = None,
        signature: Any = None,
        flavor: str | None = None,
        **options: Any,
    ) -> None:
        """Hand over the trained model: sklearn as skops, XGBoost as UBJSON, and so on.

        Args:
            model: the fitted model.
            example: some rows of input, from which the signature is inferred.
            signature: an MLflow signature, instead of an example.
            flavor: MLflow's flavor; found from the model's class when left out.
            **options: passed to MLflow, such as `pyfunc_predict_fn` or `pip_requirements`.

        Raises:
            TrainingError: no flavor is known, or neither example nor signature is given.
        """
        if signature is None and example is None:
            raise TrainingError(
                "the model has neither `example` nor `signature`",
                remedy="give some rows of input as `example=`: the server checks requests by them",
            )
        if signature is None:
            signature = saving.infer_model_signature(model, example, options)
        saving.save_model(
            model,
            flavor or saving.flavor_of(model),
            folder=None if self._is_tracked else self.model_dir,
            signature=signature,
            options=options,
        )


def training_context(environment: Mapping[str, str] | None = None) -> TrainingContext:
    """Return this job's context, read from `environment` (the process's when left out).

    When `MLFLOW_TRACKING_URI` is set, the run of `MLFLOW_RUN_ID` (or a new one) becomes
    MLflow's active run, so plain MLflow calls in the script go to it as well.
    """
    variables = os.environ if environment is None else environment
    layout = read_layout(variables)
    is_tracked = bool(variables.get("MLFLOW_TRACKING_URI"))
    run_id = tracking.activate_run() if is_tracked else layout.run_id
    make_private_folder(layout.output_dir)
    make_private_folder(layout.model_dir.parent)
    return TrainingContext(
        platform=layout.platform,
        inputs=layout.inputs,
        hyperparameters=MappingProxyType(dict(layout.hyperparameters)),
        model_dir=layout.model_dir,
        output_dir=layout.output_dir,
        checkpoint_dir=layout.checkpoint_dir,
        run_id=run_id,
        _is_tracked=is_tracked,
        _tells_metrics=layout.scrapes_metrics,
    )
