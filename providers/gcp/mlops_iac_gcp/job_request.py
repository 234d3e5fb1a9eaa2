"""The CustomJob that a training definition stands for: pure, so that it can be hashed."""

from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac import content
from mlops_iac.provider import Scope, content_hash
from mlops_iac.run_key import input_datasets, run_facts
from mlops_iac.specs import TrainingJob
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.compute import SYSTEM_DISK_GB, machine_spec, machine_type
from mlops_iac_gcp.dataset import manifest_path, mounted_data
from mlops_iac_gcp.identities import RUNS_FOLDER
from mlops_iac_gcp.workload import env_list, pruned, variables

CREATE_JOB = "aiplatform.projects.locations.customJobs.create"
UPLOAD_MODEL = "aiplatform.projects.locations.models.upload"
API = "aiplatform.v1"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the platform made and a job names; Outputs, or text while it is hashed."""

    service_account: Any = "service account"
    tensorboard: Any = "tensorboard"
    key: Any = None
    network_attachment: Any = None


def run_key(job: TrainingJob, scope: Scope) -> str:
    """Return the hash of code, data version, parameters and environment."""
    facts_of_run = run_facts(job, scope.project_dir, scope.specs)
    return content_hash({**facts_of_run, "runtime_image": scope.platform.runtime_image}, 16)


def input_variable(name: str) -> str:
    """Return how the variables of an input end."""
    return contract.input_suffix(name)


def code_digest(job: TrainingJob, scope: Scope) -> str | None:
    """Return the digest of the code that travels; `None` for a job from an image."""
    return content.code_digest(job, scope.project_dir, scope.specs.values())


def code_path(job: TrainingJob, scope: Scope) -> str:
    """Return where in the artifact bucket the code is."""
    return f"code/{job.name}/{code_digest(job, scope)}.zip"


def hyperparameters_path(job: TrainingJob) -> str:
    """Return where in the artifact bucket the hyperparameters are: typed, unlike variables."""
    return f"hyperparameters/{job.name}/{content_hash(dict(job.hyperparameters), 16)}.json"


def output_folder(job: TrainingJob, scope: Scope) -> str:
    """Return where in the artifact bucket a run writes."""
    return f"{RUNS_FOLDER}{job.name}/{run_key(job, scope)}"


def image(job: TrainingJob, scope: Scope) -> Any:
    """Return the image; unknown while it still has to be built for this job."""
    ready = None if job.requirements else scope.platform.runtime_image
    return job.image or ready or facts.UNKNOWN


def create_job(job: TrainingJob, scope: Scope, around: Surroundings) -> dict[str, Any]:
    """Return the request that starts a run."""
    body = pruned(
        {
            "displayName": scope.physical_name(
                names.DISPLAY, job.name, content=run_key(job, scope)
            ),
            "labels": {**facts.labels(scope), "mlops-iac-key": run_key(job, scope)},
            "encryptionSpec": None if around.key is None else {"kmsKeyName": around.key},
            "jobSpec": _job_spec(job, scope, around),
        }
    )
    return {
        "api": API,
        "operation": CREATE_JOB,
        "params": {"parent": facts.location(scope)},
        "body": body,
    }


def _job_spec(job: TrainingJob, scope: Scope, around: Surroundings) -> dict[str, Any]:
    attachment = around.network_attachment
    return pruned(
        {
            "workerPoolSpecs": _worker_pools(job, scope),
            "scheduling": _scheduling(job),
            "serviceAccount": around.service_account,
            "baseOutputDirectory": {
                "outputUriPrefix": facts.address(scope, output_folder(job, scope))
            },
            "tensorboard": around.tensorboard,
            "pscInterfaceConfig": None if attachment is None else {"networkAttachment": attachment},
        }
    )


def _worker_pools(job: TrainingJob, scope: Scope) -> list[dict[str, Any]]:
    machine = machine_type(job.compute)
    pool = {
        "machineSpec": {} if machine is None else machine_spec(machine),
        # The image and the system take the first part of the boot disk, scratch space the rest.
        "diskSpec": {
            "bootDiskType": "pd-ssd",
            "bootDiskSizeGb": SYSTEM_DISK_GB + job.compute.disk_gb,
        },
        "containerSpec": _container(job, scope),
    }
    # The first pool is the chief: Vertex AI lets it have one replica only.
    chief = {**pool, "replicaCount": "1"}
    if job.instances == 1:
        return [chief]
    return [chief, {**pool, "replicaCount": str(job.instances - 1)}]


def _container(job: TrainingJob, scope: Scope) -> dict[str, Any]:
    container = {"imageUri": image(job, scope), "env": env_list(_environment(job, scope))}
    if job.script is None:
        return container
    script = job.script.rpartition("/")[2]
    return {**container, "command": ["python", "-m", "mlops_iac.runtime.train"], "args": [script]}


def _environment(job: TrainingJob, scope: Scope) -> dict[str, str]:
    values = {
        **variables(job.environment, scope),
        contract.HYPERPARAMETERS: facts.mounted(scope, hyperparameters_path(job)),
        contract.METRICS: ",".join(job.metrics),
        contract.OUTPUT_DIR: facts.mounted(scope, f"{output_folder(job, scope)}/output"),
        contract.EXPECTS_MODEL: contract.flag(value=job.model is not None),
        contract.RUN_KEY: run_key(job, scope),
    }
    if job.script is not None:
        values[contract.CODE] = facts.mounted(scope, code_path(job, scope))
    for name, dataset in input_datasets(job, scope.specs).items():
        variable = input_variable(name)
        values[contract.INPUT + variable] = mounted_data(dataset, scope)
        values[contract.COLUMNS + variable] = facts.mounted(scope, manifest_path(dataset, scope))
    return values


def _scheduling(job: TrainingJob) -> dict[str, Any]:
    timeout = int(job.timeout.total_seconds())
    schedule = {"timeout": f"{timeout}s", "strategy": "STANDARD"}
    if job.spot is None:
        return schedule
    wait = int(job.spot.max_wait.total_seconds()) - timeout
    # An interrupted machine restarts the run, which resumes from AIP_CHECKPOINT_DIR.
    return {
        **schedule,
        "strategy": "SPOT",
        "maxWaitDuration": f"{wait}s",
        "restartJobOnWorkerRestart": True,
    }
