"""Where things lie in the stack's bucket: one table of paths, known before anything exists.

It stands on the standard library: whoever starts a job without the engine knows where to look.
Containers see the bucket as the folder `/gcs/<bucket>`.
"""

RUNS, DATA, CHECKPOINTS = "runs/", "data/", "checkpoints/"
MODELS, DEPLOYMENTS, IMAGES = "models/", "deployments/", "images/"
WRITTEN_BY_JOBS = (RUNS, DATA, CHECKPOINTS)
"""Where jobs may write; everything else in the bucket they only read."""


def code_key(job: str, digest: str) -> str:
    """Return where the code of a job lies."""
    return f"code/{job}/{digest}.zip"


def parameters_key(job: str, digest: str) -> str:
    """Return where the parameters of a script lie, with their types."""
    return f"code/{job}/{digest}.json"


def image_key(digest: str) -> str:
    """Return where the folder that an image is built in lies."""
    return f"{IMAGES}{digest}.zip"


def dataset_prefix(dataset: str, version: str) -> str:
    """Return the folder of a version of a dataset."""
    return f"datasets/{dataset}/{version}"


def job_key(component: str, step: str, digest: str) -> str:
    """Return where what a launcher is told of a step lies."""
    return f"jobs/{component}/{step}-{digest}.json"


def template_key(component: str, digest: str) -> str:
    """Return where the compiled pipeline of a component lies."""
    return f"pipelines/{component}/{digest}.json"


def definition_key(component: str) -> str:
    """Return where what a component's runs are started with lies: always the newest."""
    return f"pipelines/{component}.json"


def run_prefix(component: str, run: str) -> str:
    """Return the folder of a run."""
    return f"{RUNS}{component}/{run}"


def step_prefix(component: str, run: str, step: str) -> str:
    """Return the folder in which a step of a run leaves its results."""
    return f"{run_prefix(component, run)}/{step}"


def step_report_key(component: str, run: str, step: str) -> str:
    """Return where the launcher tells how a step has ended."""
    return f"{run_prefix(component, run)}/steps/{step}.json"


def task_key(component: str, run: str, step: str) -> str:
    """Return where a step of a run finds what it is to do."""
    return f"{run_prefix(component, run)}/steps/{step}-task.json"


def data_prefix(job: str, key: str, output: str) -> str:
    """Return the folder in which a run of a job leaves an output."""
    return f"{DATA}{job}/{key}/{output}"


def checkpoints_prefix(job: str, key: str) -> str:
    """Return the folder with what survives an interruption of a run."""
    return f"{CHECKPOINTS}{job}/{key}"


def reports_prefix(monitor: str) -> str:
    """Return the folder with the reports of a monitor."""
    return f"monitors/{monitor}"


def policy_prefix(policy: str) -> str:
    """Return the folder with rules, memory and events of a retraining policy."""
    return f"policies/{policy}"


def async_prefix(endpoint: str) -> str:
    """Return the folder with requests to an asynchronous endpoint, and with its answers."""
    return f"async/{endpoint}"


def truth_prefix(endpoint: str) -> str:
    """Return the folder with the truth of an endpoint's predictions."""
    return f"truth/{endpoint}"


def tracking_prefix(tracker: str) -> str:
    """Return the folder in which the runs of a tracking server leave their files."""
    return f"tracking/{tracker}"


def features_prefix(group: str) -> str:
    """Return the folder of a feature group's own objects."""
    return f"features/{group}"


def uri(bucket: str, path: str) -> str:
    """Return the URI of an object of the bucket."""
    return f"gs://{bucket}/{path}"


def mounted(location: str) -> str:
    """Return where a container finds what lies at a URI; BigQuery tables by their address only."""
    if not location.startswith("gs://"):
        return location
    return f"/gcs/{location.removeprefix('gs://')}".rstrip("*").rstrip("/")


def split(location: str) -> tuple[str, str]:
    """Return bucket and path of a URI."""
    bucket, _, path = location.removeprefix("gs://").partition("/")
    return bucket, path
