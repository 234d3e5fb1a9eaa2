"""What a step's container runs: a program of the runtime, and the node that it runs on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mlops_iac.provider import Purpose
from mlops_iac.specs import Compute, Spot
from mlops_iac_azure.jobs.mounting import mounted
from mlops_iac_azure.jobs.steps import Node, OwnImage
from mlops_iac_azure.workload import pruned

CHECKPOINTS = "checkpoints"
"""Output of a step that resumes: a folder of the store, mounted while it runs."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the machines of a step run."""

    step: str
    command: Sequence[str] = ()
    """What is started; the image's own program when empty."""
    arguments: Sequence[str] = ()
    image: Any
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of each input."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the store by variable: the variable tells where the container has the file."""
    data: str | None = None
    """Path in the store at which the folders of data that it leaves are kept."""
    checkpoints: tuple[str, str] | None = None
    """Folder in the store that is mounted, and the folder in it that is this run's own."""
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    processes: int = 1
    """Of each machine, where several work together."""
    is_pytorch: bool = False
    timeout: timedelta = timedelta(hours=1)
    spot: Spot | None = None
    purpose: Purpose = Purpose.TRAINING
    """The identity under which it runs."""


def node_of(program: Program, *, own: OwnImage | None = None) -> Node:
    """Return where a program runs."""
    return Node(
        purpose=program.purpose,
        image=program.image,
        compute=program.compute,
        is_spot=program.spot is not None,
        instances=program.instances,
        processes=program.processes,
        is_pytorch=program.is_pytorch,
        timeout=program.timeout,
        inputs=program.inputs,
        outputs={CHECKPOINTS: program.checkpoints[0]} if program.checkpoints else {},
        own=own,
    )


def program_document(program: Program) -> dict[str, Any]:
    """Return what a step is told of its program."""
    return pruned(
        {
            "command": [*program.command, *program.arguments],
            "environment": dict(program.environment),
            "files": dict(program.files),
            "within": {name: mounted(uri)[1] for name, uri in program.inputs.items()},
            "data": program.data,
            "checkpoints": program.checkpoints[1] if program.checkpoints else None,
        }
    )
