"""Where things lie in a stack's store: one table of paths, known before anything exists.

It stands on the standard library: whoever starts a job without the engine knows where to look.
"""

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


def history_key(group: str, version: str, name: str = "") -> str:
    """Return where a file of one version of a group's history lies; its folder without a name."""
    return f"{features_prefix(group)}/history/{version}/{name}"


def filled_key(group: str) -> str:
    """Return where it is told how a group was filled last."""
    return f"{features_prefix(group)}/current.json"
