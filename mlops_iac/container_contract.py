"""What a target tells the runtime inside its containers: every variable, in one table.

A provider sets these variables in the jobs and servers that it defines; `mlops_iac.runtime` reads
them. A user's own variables never begin with `MLOPS_`. Flags are `1` and `0`, times are seconds,
lists are comma separated, documents are JSON; a form that says `or a file` takes the path of a
file instead where a platform limits the length of a value (SageMaker: 512 characters).

The module stands on the standard library alone: it travels into the containers.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "MLOPS_"
"""Beginning of the names that are ours."""

CODE = "MLOPS_CODE"
SCRIPT = "MLOPS_SCRIPT"
INPUT = "MLOPS_INPUT_"
COLUMNS = "MLOPS_COLUMNS_"
TASK = "MLOPS_TASK"
TASK_PART = "MLOPS_TASK_"
OUTPUTS = "MLOPS_OUTPUTS"
HYPERPARAMETERS = "MLOPS_HYPERPARAMETERS"
METRICS = "MLOPS_METRICS"
MODEL_DIR = "MLOPS_MODEL_DIR"
OUTPUT_DIR = "MLOPS_OUTPUT_DIR"
DATA_DIR = "MLOPS_DATA_DIR"
CHECKPOINT_DIR = "MLOPS_CHECKPOINT_DIR"
EXPECTS_MODEL = "MLOPS_EXPECTS_MODEL"
JOB = "MLOPS_JOB"
EXPERIMENT_NOTE = "MLOPS_EXPERIMENT_NOTE"
RUN_KEY = "MLOPS_RUN_KEY"
RUN_ID = "MLOPS_RUN_ID"
PLATFORM = "MLOPS_PLATFORM"
ROOT = "MLOPS_ROOT"
SECRET = "MLOPS_SECRET_"  # noqa: S105  the beginning of a name

HOST = "MLOPS_HOST"
PORT = "MLOPS_PORT"
LISTEN_FD = "MLOPS_LISTEN_FD"
ADDRESS_FILE = "MLOPS_ADDRESS_FILE"
TOKEN_FILE = "MLOPS_TOKEN_FILE"  # noqa: S105  the name of a variable
TOKEN = "MLOPS_TOKEN"  # noqa: S105  the name of a variable
DEPLOYMENT_FILE = "MLOPS_DEPLOYMENT_FILE"
POLL_SECONDS = "MLOPS_POLL_SECONDS"
MODEL_NAME = "MLOPS_MODEL_NAME"
MODEL_VERSION = "MLOPS_MODEL_VERSION"
MODEL_DIGEST = "MLOPS_MODEL_DIGEST"
TRUST_PICKLE = "MLOPS_TRUST_PICKLE"
TIMEOUT_SECONDS = "MLOPS_TIMEOUT_SECONDS"
BODY_LIMIT = "MLOPS_BODY_LIMIT"
BODY_SECONDS = "MLOPS_BODY_SECONDS"
DRAIN_SECONDS = "MLOPS_DRAIN_SECONDS"
CAPTURE_DIR = "MLOPS_CAPTURE_DIR"
CAPTURE_PERCENT = "MLOPS_CAPTURE_PERCENT"
CAPTURE_ROWS = "MLOPS_CAPTURE_ROWS"
CAPTURE_SECONDS = "MLOPS_CAPTURE_SECONDS"
MAILBOX = "MLOPS_MAILBOX"

METRIC_LINE = "mlops-iac metric "
"""A line of a job's output that begins so, and ends with `NAME=VALUE`, tells a metric."""
METRIC_VALUE = "[-+.0-9eE]+"
"""Regular expression of the value in such a line: a finite number."""


class Reader(StrEnum):
    """Which part of the runtime reads a variable."""

    JOB = "job"
    SERVER = "server"
    BOTH = "job and server"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable; a name that ends with `_` is the beginning of one for each input or secret."""

    name: str
    form: str
    meaning: str
    set_by: str
    """Targets that set it; `supervisor` is the one of `local`, `tests` is nobody else."""
    read_by: Reader


def _row(name: str, read_by: Reader, set_by: str, form: str, meaning: str) -> Variable:
    return Variable(name=name, form=form, meaning=meaning, set_by=set_by, read_by=read_by)


_JOB, _SERVER, _BOTH = Reader.JOB, Reader.SERVER, Reader.BOTH

VARIABLES: tuple[Variable, ...] = (
    _row(CODE, _JOB, "aws, gcp, azure", "path",
         "zip file or folder with the code; else it lies in `.`"),
    _row(SCRIPT, _JOB, "aws, gcp, azure", "path in the code",
         "the script, where no argument can name it"),
    _row(INPUT, _JOB, "aws, gcp, azure, local", "path", "file or folder of an input"),
    _row(COLUMNS, _JOB, "aws, gcp, azure", "JSON object, or a file with it",
         "`format` and `columns` that an input must have; checked before the script starts"),
    _row(HYPERPARAMETERS, _JOB, "aws, gcp, azure, local", "JSON object, or a file with it",
         "the script's parameters with their types; training on SageMaker has a file of its own"),
    _row(TASK, _JOB, "aws, gcp, azure, local", "JSON object, or a file with it",
         "what a job without a script of the user's does"),
    _row(TASK_PART, _JOB, "aws", "JSON value",
         "one part of the task, where the whole is longer than a variable may be"),
    _row(OUTPUTS, _JOB, "aws, gcp, azure, local", "`name=format`, comma separated",
         "folders that the script leaves; a run that leaves one out fails"),
    _row(METRICS, _JOB, "aws, gcp, azure, local", "names, comma separated",
         "a run that logs not all of them fails"),
    _row(MODEL_DIR, _BOTH, "gcp, azure, local", "path", "where the model is to be, or is"),
    _row(OUTPUT_DIR, _JOB, "aws, gcp, azure, local", "path",
         "where `run.json` and other results go"),
    _row(DATA_DIR, _JOB, "aws, gcp, azure", "path",
         "where a folder for each output is, else `outputs` in the output folder"),
    _row(CHECKPOINT_DIR, _JOB, "gcp, azure", "path", "what survives an interruption"),
    _row(EXPECTS_MODEL, _JOB, "aws, gcp, azure, local", "flag", "a run without a model fails"),
    _row(JOB, _JOB, "aws, gcp, azure", "name", "tag `mlops-iac.job` of the MLflow run"),
    _row(EXPERIMENT_NOTE, _JOB, "aws, gcp", "text",
         "description of the experiment that the run is in, where the platform makes none"),
    _row(RUN_KEY, _JOB, "gcp, azure", "digits", "tag `mlops-iac.key` of the MLflow run"),
    _row(RUN_ID, _JOB, "local", "name", "the run, where there is no MLflow"),
    _row(PLATFORM, _JOB, "aws, azure, local", "name", "the layout, instead of finding it out"),
    _row(ROOT, _BOTH, "tests", "path", "what the platforms' own absolute paths start from"),
    _row(SECRET, _BOTH, "aws, gcp, azure", "`scheme:reference`",
         "read at start under the workload's identity; the value becomes the variable of the rest "
         "of the name (`mlops_iac.runtime.secrets` has the schemes)"),
    _row(HOST, _SERVER, "azure, local", "address", "else all in a container, and 127.0.0.1"),
    _row(PORT, _SERVER, "local", "number", "else the platform's own variable, and 8080"),
    _row(LISTEN_FD, _SERVER, "supervisor", "number", "a bound socket, instead of both"),
    _row(ADDRESS_FILE, _SERVER, "tests", "path", "where the server writes `host:port`"),
    _row(TOKEN_FILE, _SERVER, "local", "path of a file of mode 0600", "what callers must bear"),
    _row(TOKEN, _SERVER, "azure", "text",
         "the same, where a store of secrets hands it over (`MLOPS_SECRET_MLOPS_TOKEN`)"),
    _row(DEPLOYMENT_FILE, _SERVER, "local", "path", "which model to serve, watched"),
    _row(POLL_SECONDS, _SERVER, "tests", "seconds", "how often it is looked at"),
    _row(MODEL_NAME, _SERVER, "aws, gcp, azure, local", "name", "the model in KServe's paths"),
    _row(MODEL_VERSION, _SERVER, "aws, gcp, azure", "text",
         "told by status, metrics and captured rows"),
    _row(MODEL_DIGEST, _BOTH, "aws, gcp, azure, local", "`sha256:…`", "nothing else is loaded"),
    _row(TRUST_PICKLE, _BOTH, "aws, gcp, azure, local", "flag", "a pickle of that digest may run"),
    _row(TIMEOUT_SECONDS, _SERVER, "aws, gcp, azure, local", "seconds",
         "a prediction that takes longer: 504"),
    _row(BODY_LIMIT, _SERVER, "tests", "bytes", "largest request, else 25 MiB"),
    _row(BODY_SECONDS, _SERVER, "tests", "seconds", "how long a caller may send, else 30"),
    _row(DRAIN_SECONDS, _SERVER, "local", "seconds", "what running requests have after `SIGTERM`"),
    _row(CAPTURE_DIR, _SERVER, "local", "path", "where requests and answers are kept"),
    _row(CAPTURE_PERCENT, _SERVER, "local", "0 to 100", "the share of them"),
    _row(CAPTURE_ROWS, _SERVER, "tests", "number", "rows of a file, else 1000"),
    _row(CAPTURE_SECONDS, _SERVER, "local", "seconds", "age of a file, else 60"),
    _row(MAILBOX, _SERVER, "gcp", "path",
         "folder with requests that a queue tells of, in which answers and failures are left"),
)  # fmt: skip


def flag(*, value: bool) -> str:
    """Return a flag as a variable holds it."""
    return "1" if value else "0"


def input_suffix(name: str) -> str:
    """Return how the variables of an input end: `raw-flights` becomes `RAW_FLIGHTS`."""
    return name.upper().replace("-", "_").replace(".", "_")


def secret_reference(scheme: str, reference: str) -> str:
    """Return what a `MLOPS_SECRET_…` variable holds: where a secret lies, never its value."""
    return f"{scheme}:{reference}"
