"""Where things lie in the stack's store: one table of paths, known before anything exists.

It stands on the standard library: whoever starts a job without the engine knows where to look.
Everything is in one storage account; a *bucket* is named by the account (its container
`artifacts`), or as `account/container`. The workspace's datastore `mlops_iac` names the same
container: a job's inputs and outputs are mounted from there.
"""

CONTAINER = "artifacts"
"""The container that is meant when only the account is named."""
CAPTURES = "captures"
"""The container that endpoints' data collectors write to."""
DATASTORE = "mlops_iac"
"""The workspace's name for the container of artifacts."""
HOST = ".blob.core.windows.net"

RUNS, DATA, CHECKPOINTS = "runs/", "data/", "checkpoints/"
MODELS, DEPLOYMENTS = "models/", "deployments/"
WRITTEN_BY_JOBS = (RUNS, DATA, CHECKPOINTS)
"""Where jobs may write; everything else they only read."""


def code_key(job: str, digest: str) -> str:
    """Return where the code of a job lies."""
    return f"code/{job}/{digest}.zip"


def parameters_key(job: str, digest: str) -> str:
    """Return where the parameters of a script lie, with their types."""
    return f"code/{job}/{digest}.json"


def dataset_prefix(dataset: str, version: str) -> str:
    """Return the folder of a version of a dataset."""
    return f"datasets/{dataset}/{version}"


def job_key(component: str, step: str, digest: str) -> str:
    """Return where what a launcher is told of a step lies."""
    return f"jobs/{component}/{step}-{digest}.json"


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


def truth_prefix(endpoint: str) -> str:
    """Return the folder with the truth of an endpoint's predictions."""
    return f"truth/{endpoint}"


def features_prefix(group: str) -> str:
    """Return the folder of a feature group's own objects."""
    return f"features/{group}"


def uri(bucket: str, path: str) -> str:
    """Return the address of a blob of the bucket."""
    account, _, container = bucket.partition("/")
    return f"https://{account}{HOST}/{container or CONTAINER}/{path}"


def is_ours(location: str) -> bool:
    """Whether an address is one that `uri` gives."""
    return location.startswith("https://") and HOST in location.partition("://")[2].split("/")[0]


def datastore_uri(path: str) -> str:
    """Return how a job's inputs and outputs name a path of the container of artifacts."""
    return f"azureml://datastores/{DATASTORE}/paths/{path}"


def split(location: str) -> tuple[str, str]:
    """Return bucket and path of an address."""
    host, _, rest = location.removeprefix("https://").partition("/")
    account, container, path = host.removesuffix(HOST), *_first(rest)
    return (account if container == CONTAINER else f"{account}/{container}"), path


def container_of(bucket: str) -> tuple[str, str]:
    """Return account and container of a bucket."""
    account, _, container = bucket.partition("/")
    return account, container or CONTAINER


def _first(path: str) -> tuple[str, str]:
    head, _, tail = path.partition("/")
    return head, tail
