"""The one face that a processing script sees on every platform."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlops_iac.runtime import metrics
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.layout import Inputs, read_layout
from mlops_iac.runtime.task import output_formats


@dataclass(frozen=True, kw_only=True)
class ProcessingContext:
    """What a job was given and where it leaves what it makes."""

    platform: str
    """The platform whose layout was found, such as `sagemaker`."""
    inputs: Inputs
    """Path of the folder or file of each input, by the name in the declaration."""
    outputs: Mapping[str, Path]
    """Folder for the files of each declared output, by its name; it is there and empty."""
    parameters: Mapping[str, Any]
    """Typed values: a number is a number, also where the platform carries strings."""
    output_dir: Path
    """Where any other results go; the platform keeps them with the run."""
    run_id: str | None
    """The platform's name of the run; `None` when it has none."""
    _tells_metrics: bool = field(default=False, repr=False)

    def log_metrics(self, values: Mapping[str, float]) -> None:
        """Record metrics in the run's result; the last value of each name counts.

        Raises:
            TrainingError: a value is no finite number.
        """
        numbers = metrics.checked(values)
        metrics.add(self.output_dir, numbers)
        if self._tells_metrics:
            metrics.tell(numbers)


def processing_context(environment: Mapping[str, str] | None = None) -> ProcessingContext:
    """Return this job's context, read from `environment` (the process's when left out)."""
    variables = os.environ if environment is None else environment
    layout = read_layout(variables)
    make_private_folder(layout.output_dir)
    folders = output_folders(variables, layout.data_dir)
    return ProcessingContext(
        platform=layout.platform,
        inputs=layout.inputs,
        outputs={name: make_private_folder(folder) for name, folder in folders.items()},
        parameters=MappingProxyType(dict(layout.hyperparameters)),
        output_dir=layout.output_dir,
        run_id=layout.run_id,
        _tells_metrics=layout.scrapes_metrics,
    )


def output_folders(environment: Mapping[str, str], data_dir: Path) -> dict[str, Path]:
    """Return where each declared output of a job lies, by its name."""
    return {name: data_dir / name for name in output_formats(environment)}
