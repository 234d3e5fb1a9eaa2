"""Where each platform puts a training script's inputs and expects its outputs, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.container_contract import PLATFORM, ROOT


@dataclass(frozen=True, kw_only=True)
class Convention:
    """One platform's layout. Paths are relative to `MLOPS_ROOT`, which is `/` on a platform.

    Our own `MLOPS_*` variables come first on every platform; these are what stands in for
    those that an adapter cannot set.
    """

    name: str
    marks: tuple[str, ...] = ()
    """Variables of which any one tells the platform."""
    mark_path: str | None = None
    """A path whose existence tells the platform."""
    input_prefixes: tuple[str, ...] = ()
    """Prefixes of variables that each hold an input's path; the rest is the input's name."""
    inputs: str | None = None
    """Folder with one entry per input."""
    hyperparameters_file: str | None = None
    """JSON file of strings."""
    hyperparameters_variable: str | None = None
    """Variable with a JSON object."""
    model_variables: tuple[str, ...] = ()
    model: str = "tmp/mlops/model"
    output_variables: tuple[str, ...] = ()
    output_beside_model: bool = False
    """Whether results go to the folder `output` beside the model's, where no variable names it."""
    database: str | None = None
    """Folder for a database, where the output folder is a bucket: that one locks no file."""
    output: str = "tmp/mlops/output"
    checkpoint_variables: tuple[str, ...] = ()
    checkpoint: str | None = None
    """Folder that survives a spot interruption, used when it exists."""
    run_id_variables: tuple[str, ...] = ()
    trial_variables: tuple[str, ...] = ()
    """With the number of the trial of a search, whose parameters come as arguments."""
    trial_metrics_variables: tuple[str, ...] = ()
    trial_metrics: str = ""
    """File in which a trial tells its metrics, where no variable names it."""
    failure: str | None = None
    """File that the platform shows as the reason of a failure."""
    scrapes_metrics: bool = False
    """Whether the platform reads metrics from a job's output."""


SAGEMAKER = Convention(
    name="sagemaker",
    marks=("SM_TRAINING_ENV", "SM_MODEL_DIR", "TRAINING_JOB_NAME"),
    mark_path="opt/ml/input/config/resourceconfig.json",
    input_prefixes=("SM_CHANNEL_",),
    inputs="opt/ml/input/data",
    hyperparameters_file="opt/ml/input/config/hyperparameters.json",
    hyperparameters_variable="SM_HPS",
    model_variables=("SM_MODEL_DIR",),
    model="opt/ml/model",
    output_variables=("SM_OUTPUT_DATA_DIR",),
    output="opt/ml/output/data",
    checkpoint="opt/ml/checkpoints",
    run_id_variables=("TRAINING_JOB_NAME",),
    failure="opt/ml/output/failure",
    scrapes_metrics=True,
)
SAGEMAKER_PROCESSING = Convention(
    name="sagemaker-processing",
    # https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
    mark_path="opt/ml/config/processingjobconfig.json",
    output="opt/ml/processing/output/report",
    failure="opt/ml/output/message",
)
VERTEX = Convention(
    name="vertex",
    marks=("CLOUD_ML_JOB_ID", "AIP_MODEL_DIR", "AIP_CHECKPOINT_DIR"),
    model_variables=("AIP_MODEL_DIR",),
    output_beside_model=True,
    database="tmp/mlops/database",
    checkpoint_variables=("AIP_CHECKPOINT_DIR",),
    run_id_variables=("CLOUD_ML_JOB_ID",),
    trial_variables=("CLOUD_ML_TRIAL_ID",),
    # cloudml-hypertune, `hypertune/hypertune.py`
    trial_metrics_variables=("CLOUD_ML_HP_METRIC_FILE",),
    trial_metrics="tmp/hypertune/output.metrics",
)
AZURE = Convention(
    name="azure",
    marks=("AZUREML_RUN_ID", "AZUREML_ROOT_RUN_ID"),
    input_prefixes=("AZURE_ML_INPUT_",),
    model_variables=("AZURE_ML_OUTPUT_MODEL",),
    output_variables=("AZURE_ML_OUTPUT_OUTPUT",),
    run_id_variables=("AZUREML_RUN_ID",),
)
KUBERNETES = Convention(
    name="kubernetes",
    marks=("KUBERNETES_SERVICE_HOST", "JOB_COMPLETION_INDEX"),
    inputs="workspace/dataset",
    model="workspace/model",
    output="workspace/output",
    run_id_variables=("TRAINJOB_NAME", "JOB_NAME"),
)
OWN = Convention(name="mlops-iac")

CONVENTIONS: tuple[Convention, ...] = (
    SAGEMAKER,
    SAGEMAKER_PROCESSING,
    VERTEX,
    AZURE,
    KUBERNETES,
    OWN,
)
"""In the order of their trial: jobs of the clouds may run in pods, `OWN` takes the rest."""


def detect(environment: Mapping[str, str]) -> Convention:
    """Return the platform that `environment` shows; `MLOPS_PLATFORM` names it outright."""
    named = environment.get(PLATFORM)
    root = root_of(environment)
    for row in CONVENTIONS:
        if row.name == named or (named is None and _is_shown(row, environment, root)):
            return row
    return OWN


def root_of(environment: Mapping[str, str]) -> Path:
    """Return the folder that a platform's absolute paths start from; tests move it."""
    return Path(environment.get(ROOT, "/"))


def _is_shown(row: Convention, environment: Mapping[str, str], root: Path) -> bool:
    if any(environment.get(mark) for mark in row.marks):
        return True
    return row.mark_path is not None and (root / row.mark_path).exists()


def local_path(location: str, root: Path) -> Path:
    """Return the path under which a location is mounted.

    Vertex AI mounts every bucket under `/gcs`:
    https://cloud.google.com/vertex-ai/docs/training/cloud-storage-file-system
    """
    if location.startswith("gs://"):
        return root / "gcs" / location.removeprefix("gs://").rstrip("/")
    return Path(location.removeprefix("file://"))
