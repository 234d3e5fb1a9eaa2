"""The CustomJob that does a step's work: pools of machines with one container each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import Compute, Spot
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.compute import SYSTEM_DISK_GB, machine_spec, machine_type
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.workload import env_list, pruned

SCRATCH = "/tmp/mlops/worker"  # noqa: S108  in a container that has one process
"""Where machines beside the chief leave what only the chief's counts of."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the machines of a job run."""

    step: str
    command: Sequence[str] = ()
    """What is started; the image's own entry point when empty."""
    arguments: Sequence[str] = ()
    image: Any
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of each input."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI by variable: the variable tells where the container has the file."""
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    timeout: timedelta = timedelta(hours=1)
    spot: Spot | None = None
    purpose: Purpose = Purpose.TRAINING
    """The identity under which it runs."""


def job_labels(scope: Scope, wiring: Wiring, step: str) -> dict[str, str]:
    """Return the labels of what a step starts: an interrupted launcher finds it by them."""
    return {
        **facts.labels(scope),
        "mlops-iac-component": wiring.component,
        "mlops-iac-run": wiring.run,
        "mlops-iac-step": step,
    }


def custom_job(program: Program, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    """Return the body of `customJobs.create`."""
    return pruned(
        {
            "displayName": f"{wiring.run}.{program.step}",
            "labels": job_labels(scope, wiring, program.step),
            "encryptionSpec": encryption(wiring),
            "jobSpec": job_spec(program, wiring),
        }
    )


def encryption(wiring: Wiring) -> dict[str, Any] | None:
    """Return the key that a job's disks are encrypted with; `None` while Google owns it."""
    return None if wiring.key is None else {"kmsKeyName": wiring.key}


def job_spec(program: Program, wiring: Wiring) -> dict[str, Any]:
    """Return a CustomJobSpec: also what each trial of a search is."""
    attachment = wiring.network_attachment
    return pruned(
        {
            "workerPoolSpecs": _worker_pools(program),
            "scheduling": _scheduling(program),
            "serviceAccount": wiring.identities[program.purpose],
            "baseOutputDirectory": {"outputUriPrefix": wiring.base(program.step)},
            "tensorboard": wiring.tensorboard,
            "pscInterfaceConfig": None if attachment is None else {"networkAttachment": attachment},
        }
    )


def _worker_pools(program: Program) -> list[dict[str, Any]]:
    # The first pool is the chief: Vertex AI lets it have one replica only.
    chief = _pool(program, program.environment, 1)
    if program.instances == 1:
        return [chief]
    # What the others leave would lie in the chief's way: the bucket is one for all.
    aside = {
        contract.MODEL_DIR: f"{SCRATCH}/model",
        contract.OUTPUT_DIR: f"{SCRATCH}/output",
        contract.EXPECTS_MODEL: contract.flag(value=False),
        contract.METRICS: "",
    }
    return [chief, _pool(program, {**program.environment, **aside}, program.instances - 1)]


def _pool(program: Program, environment: Mapping[str, Any], replicas: int) -> dict[str, Any]:
    machine = machine_type(program.compute)
    return {
        "machineSpec": {} if machine is None else machine_spec(machine),
        "replicaCount": str(replicas),
        # The image and the system take the first part of the boot disk, scratch space the rest.
        "diskSpec": {
            "bootDiskType": "pd-ssd",
            "bootDiskSizeGb": SYSTEM_DISK_GB + program.compute.disk_gb,
        },
        "containerSpec": _container(program, environment),
    }


def _container(program: Program, environment: Mapping[str, Any]) -> dict[str, Any]:
    mounts = {
        contract.INPUT + contract.input_suffix(name): place.mounted(uri)
        for name, uri in program.inputs.items()
    }
    files = {name: place.mounted(uri) for name, uri in program.files.items()}
    return pruned(
        {
            "imageUri": program.image,
            "command": [*program.command] or None,
            "args": [*program.arguments] or None,
            "env": env_list({**mounts, **environment, **files}),
        }
    )


def _scheduling(program: Program) -> dict[str, Any]:
    timeout = int(program.timeout.total_seconds())
    schedule = {"timeout": f"{timeout}s", "strategy": "STANDARD"}
    if program.spot is None:
        return schedule
    wait = int(program.spot.max_wait.total_seconds()) - timeout
    # An interrupted machine restarts the run, which resumes from its checkpoint.
    return {
        **schedule,
        "strategy": "SPOT",
        "maxWaitDuration": f"{wait}s",
        "restartJobOnWorkerRestart": True,
    }
