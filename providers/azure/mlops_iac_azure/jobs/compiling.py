"""A pipeline job of some steps, as Azure ML's own client sends it.

Inside a node members are written with underscores, as `azure-ai-ml` writes them; beside it they
are Resource Manager's. Azure ML orders nodes by their data alone: each leaves `done`, which those
after it take in.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_iac_azure import place
from mlops_iac_azure.jobs.components import (
    AFTER,
    DOCUMENT,
    DONE,
    IDENTITY,
    KEY_INPUT,
    NO_KEY,
    given_name,
    input_name,
    is_late,
    outputs_of,
    searched,
    steps_before,
)
from mlops_iac_azure.jobs.foreign import OF_STEP
from mlops_iac_azure.jobs.mounting import FILE, FOLDER, kind_of, mounted
from mlops_iac_azure.jobs.steps import Node, Step, Sweep
from mlops_iac_azure.workload import pruned


def pipeline_job(
    name: str,
    description: str,
    steps: Sequence[Step],
    told: Mapping[str, Mapping[str, Any]],
    **members: Any,
) -> dict[str, Any]:
    """Return the properties of a pipeline job.

    Args:
        name: what people see.
        description: what it is, for people.
        steps: each after those that it names.
        told: by step: `document` (its address), `component` and `compute` (ids), and `client` (the
            client id of its identity).
        members: further ones: `experimentName`, `tags`, `key`, `client` (of the training identity).
    """
    key = members.pop("key") or NO_KEY
    identity = {"identityType": "Managed", "clientId": members.pop("client")}
    return {
        "jobType": "Pipeline",
        "displayName": name,
        "description": description,
        "inputs": {KEY_INPUT: {"jobInputType": "literal", "value": key}},
        "outputs": {},
        "settings": {
            "default_datastore": place.DATASTORE,
            "continue_on_step_failure": False,
            "force_rerun": True,
        },
        "jobs": {node_name(step.name): _node(step, told[step.name]) for step in steps},
        "identity": identity,
        "isArchived": False,
        **members,
    }


def node_name(step: str) -> str:
    """Return what a step is called in its pipeline: azure-ai-ml takes `_`, and no `-`."""
    return step.replace("-", "_")


def _node(step: Step, told: Mapping[str, Any]) -> dict[str, Any]:
    node = step.node
    common = {
        "name": node_name(step.name),
        "type": "command" if node.sweep is None else "sweep",
        "computeId": told["compute"],
        "inputs": dict(_inputs(step, told)),
        "outputs": {name: _output(path) for name, path in outputs_of(step).items()},
        "resources": {"instance_count": node.instances},
        "_source": "REMOTE.WORKSPACE.COMPONENT",
    }
    if node.sweep is not None:
        trial = {"componentId": told["component"]}
        return {**common, "trial": trial, **_swept(node.sweep, node)}
    return pruned(
        {
            **common,
            "componentId": told["component"],
            # A sweep's node takes none: its trials have the pipeline's.
            "identity": {"identity_type": "Managed", "client_id": told["client"]},
            "limits": {
                "job_limits_type": "Command",
                "timeout": f"PT{int(node.timeout.total_seconds())}S",
            },
            "distribution": _distribution(node),
            "environment_variables": _plain(node),
        }
    )


def _swept(sweep: Sweep, node: Node) -> dict[str, Any]:
    return {
        "search_space": {searched(name): drawn for name, drawn in sweep.space.items()},
        "sampling_algorithm": dict(sweep.sampling),
        "objective": {"goal": sweep.goal, "primary_metric": sweep.metric},
        "limits": {
            "max_total_trials": sweep.trials,
            "max_concurrent_trials": sweep.parallel,
            "timeout": sweep.timeout_seconds,
            "trial_timeout": int(node.timeout.total_seconds()),
        },
    }


def _distribution(node: Node) -> dict[str, Any] | None:
    """Return how machines train together: one process an accelerator for PyTorch, else MPI."""
    if node.instances == 1:
        return None
    kind = "PyTorch" if node.is_pytorch else "Mpi"
    return {"distribution_type": kind, "process_count_per_instance": node.processes}


def _inputs(step: Step, told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield KEY_INPUT, _literal(f"${{{{parent.inputs.{KEY_INPUT}}}}}")
    if step.node.own is None:
        yield DOCUMENT, _literal(told["document"])
        yield IDENTITY, _literal(told["client"])
    else:
        for variable, path in step.node.own.files.items():
            yield given_name(variable), _mount(FILE, place.datastore_uri(path))
    for name, location in step.node.inputs.items():
        yield input_name(name), _bound(location)
    for number, before in enumerate(steps_before(step), 1):
        yield f"{AFTER}{number}", _of_node(before, DONE)


def _bound(location: str) -> dict[str, Any]:
    if location.startswith(OF_STEP):
        step, _, output = location.removeprefix(OF_STEP).partition("/")
        return _of_node(step, output)
    return _mount(kind_of(location), mounted(location)[0])


def _of_node(step: str, output: str) -> dict[str, Any]:
    return _literal(f"${{{{parent.jobs.{node_name(step)}.outputs.{output}}}}}")


def _mount(kind: str, location: str) -> dict[str, Any]:
    return {"job_input_type": kind, "uri": location, "mode": "ReadOnlyMount"}


def _literal(value: Any) -> dict[str, Any]:
    return {"job_input_type": "literal", "value": value}


def _output(path: str) -> dict[str, Any]:
    uri = place.datastore_uri(path)
    return {"job_output_type": FOLDER, "mode": "ReadWriteMount", "uri": uri}


def _plain(node: Node) -> dict[str, Any] | None:
    """Return the variables of a foreign container that are the same in every run."""
    if node.own is None:
        return None
    return {name: value for name, value in node.own.environment.items() if not is_late(value)}
