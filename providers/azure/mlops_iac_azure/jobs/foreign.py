"""Steps of a user's own image: one container in which nothing of ours runs, one that collects.

The image is told where everything is by the variables of the container's contract, and is started
by its program `train` or `process`, as Azure ML starts nothing by itself. It leaves `output`,
`model` and `data` in a folder of the store, which the step after it keeps with the run.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.late import RUN
from mlops_iac.provider import Scope
from mlops_iac_azure import place
from mlops_iac_azure.job_request import CHECKPOINTS, Program, node_of
from mlops_iac_azure.jobs.documents import step_document
from mlops_iac_azure.jobs.steps import Node, OwnImage, Step, Verb
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.workload import CLIENT, pruned

TRAIN, PROCESS = "train", "process"
"""Programs of an image, by what it does."""
LEFT = "left"
"""Output of such a container, and the input of the step that collects it."""
OF_STEP = "step://"
"""Beginning of the address of an output of a step of the same run."""


def foreign_steps(
    program: Program, command: str, scope: Scope, wiring: Wiring, told: Mapping[str, Any]
) -> tuple[Step, ...]:
    """Return the step that runs the image, and the one that keeps what it leaves.

    Args:
        program: what is run.
        command: the image's program.
        scope: the stack.
        wiring: values from elsewhere.
        told: what the collecting step is told beside its own.
    """
    name = f"{program.step}-image"
    own = OwnImage(
        command=command,
        environment={CLIENT: wiring.clients[program.purpose], **program.environment},
        files=program.files,
        places=_places(program),
    )
    node = node_of(program, own=own)
    left = f"{place.run_prefix(wiring.component, LEFT)}/{name}/"
    runs = Step(
        name=name,
        document=step_document(name, scope, wiring),
        node=replace(node, outputs={**node.outputs, LEFT: left}),
    )
    document = {
        **step_document(program.step, scope, wiring),
        **pruned({"data": program.data}),
        **told,
    }
    collects = Step(
        name=program.step,
        document=document,
        verb=Verb.COLLECT,
        node=Node(purpose=program.purpose, inputs={LEFT: f"{OF_STEP}{name}/{LEFT}"}),
    )
    return runs, collects


def _places(program: Program) -> dict[str, tuple[str, str]]:
    """Return, by variable, the output that is meant, and the folder in it: one for each run."""
    found = {
        contract.MODEL_DIR: (LEFT, f"{RUN}/model"),
        contract.OUTPUT_DIR: (LEFT, f"{RUN}/output"),
        contract.DATA_DIR: (LEFT, f"{RUN}/data"),
    }
    if program.checkpoints is not None:
        found[contract.CHECKPOINT_DIR] = (CHECKPOINTS, program.checkpoints[1])
    return found
