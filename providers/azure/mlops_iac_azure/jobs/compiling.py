"""A pipeline job of some steps, and the component of each: as Azure ML's own client sends them.

Inside a node members are written with underscores, as `azure-ai-ml` writes them; beside it they
are Resource Manager's. Azure ML orders nodes by their data alone: each leaves `done`, which those
after it take in.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.late import KEY, RUN
from mlops_iac_azure import place
from mlops_iac_azure.jobs.foreign import OF_STEP
from mlops_iac_azure.jobs.mounting import FILE, FOLDER, kind_of, mounted
from mlops_iac_azure.jobs.steps import Node, Step, Sweep
from mlops_iac_azure.workload import pruned

KEY_INPUT, DOCUMENT, IDENTITY = "mlops_key", "mlops_document", "mlops_identity"
AFTER, INPUT, GIVEN = "mlops_after_", "input_", "file_"
DONE = "done"
NO_KEY = "-"
"""What a run is told as its key where its id is its key."""
RESERVED = ("mlops_", INPUT, GIVEN)
"""Beginnings of names that a parameter of a search cannot have: they are inputs of ours."""
_WORK = ("python", "-m", "mlops_iac_azure.work")
_ROOT_RUN = "$AZUREML_ROOT_RUN_ID"
"""Id of the pipeline job, in a shell of one of its nodes."""


def component_spec(name: str, step: Step, environment: Any, *, has_key: bool) -> dict[str, Any]:
    """Return a step's component, as `properties.componentSpec` of a component version.

    Args:
        name: of the component.
        step: the step.
        environment: id of the environment that its image is.
        has_key: whether its runs are told a key.
    """
    own = step.node.own is not None
    return {
        "$schema": "https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json",
        "name": name,
        "display_name": step.name,
        "type": "command",
        "command": _own_command(step, has_key=has_key) if own else command(step),
        "environment": environment,
        "inputs": dict(_input_types(step)),
        "outputs": {output: {"type": FOLDER} for output in _outputs(step)},
        # The same inputs may stand for other data: nothing that ran before is taken instead.
        "is_deterministic": False,
    }


def command(step: Step) -> str:
    """Return the command line of a step."""
    words = [
        *_WORK,
        step.verb.value,
        *("--document", f"${{{{inputs.{DOCUMENT}}}}}"),
        *("--key", f"${{{{inputs.{KEY_INPUT}}}}}"),
        *("--identity", f"${{{{inputs.{IDENTITY}}}}}"),
        *("--done", f"${{{{outputs.{DONE}}}}}"),
    ]
    for name in step.node.inputs:
        words += ["--input", f"{name}=${{{{inputs.{input_name(name)}}}}}"]
    for name in step.node.outputs:
        words += ["--output", f"{name}=${{{{outputs.{name}}}}}"]
    for name in step.node.sweep.space if step.node.sweep else ():
        words += ["--value", f"{name}=${{{{inputs.{searched(name)}}}}}"]
    return " ".join(words)


def input_name(name: str) -> str:
    """Return what an input of a program is called in its component."""
    return f"{INPUT}{contract.input_suffix(name).lower()}"


def searched(name: str) -> str:
    """Return what a parameter that is searched is called among the inputs of its component."""
    return name.replace("-", "_").replace(".", "_")


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


def pipeline_component(name: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pipeline job as a component, whose jobs are told no key: their id is it."""
    return {
        "$schema": "https://azuremlschemas.azureedge.net/latest/pipelineComponent.schema.json",
        "name": name,
        "display_name": job["displayName"],
        "type": "pipeline",
        "inputs": {KEY_INPUT: {"type": "string", "default": NO_KEY}},
        "outputs": {},
        "jobs": job["jobs"],
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
        "outputs": {name: _output(path) for name, path in _outputs(step).items()},
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


def _input_types(step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
    text = {"type": "string"}
    yield KEY_INPUT, text
    if step.node.own is None:
        yield DOCUMENT, text
        yield IDENTITY, text
    else:
        for variable in step.node.own.files:
            yield _given(variable), {"type": FILE}
    for name, location in step.node.inputs.items():
        yield input_name(name), {"type": kind_of(location)}
    for number, _ in enumerate(_before(step), 1):
        yield f"{AFTER}{number}", {"type": FOLDER}
    for name, drawn in step.node.sweep.space.items() if step.node.sweep else ():
        yield searched(name), text if drawn["type"] == "choice" else {"type": "number"}


def _inputs(step: Step, told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield KEY_INPUT, _literal(f"${{{{parent.inputs.{KEY_INPUT}}}}}")
    if step.node.own is None:
        yield DOCUMENT, _literal(told["document"])
        yield IDENTITY, _literal(told["client"])
    else:
        for variable, path in step.node.own.files.items():
            yield _given(variable), _mount(FILE, place.datastore_uri(path))
    for name, location in step.node.inputs.items():
        yield input_name(name), _bound(location)
    for number, before in enumerate(_before(step), 1):
        yield f"{AFTER}{number}", _of_node(before, DONE)


def _before(step: Step) -> list[str]:
    """Return the steps that one waits for without taking their data."""
    read = {_step_of(location) for location in step.node.inputs.values()}
    return [name for name in step.after if name not in read]


def _step_of(location: str) -> str | None:
    if not location.startswith(OF_STEP):
        return None
    return location.removeprefix(OF_STEP).partition("/")[0]


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


def _outputs(step: Step) -> dict[str, str]:
    """Return the path in the store of each output: the same in every run."""
    if step.node.own is not None:
        return dict(step.node.outputs)
    done = f"{place.run_prefix(step.document['component'], DONE)}/{step.name}/"
    return {DONE: done, **step.node.outputs}


def _output(path: str) -> dict[str, Any]:
    uri = place.datastore_uri(path)
    return {"job_output_type": FOLDER, "mode": "ReadWriteMount", "uri": uri}


def _plain(node: Node) -> dict[str, Any] | None:
    """Return the variables of a foreign container that are the same in every run."""
    if node.own is None:
        return None
    return {name: value for name, value in node.own.environment.items() if not _is_late(value)}


def _own_command(step: Step, *, has_key: bool) -> str:
    """Return how a foreign container is started: what only the run tells comes before its program.

    A shell runs the command, so a word may name a variable of Azure ML's own.
    """
    own, key = step.node.own, f"${{{{inputs.{KEY_INPUT}}}}}" if has_key else _ROOT_RUN
    assert own is not None  # noqa: S101  asked for by the caller
    words = {
        **{n: f"${{{{inputs.{_given(n)}}}}}" for n in own.files},
        **{n: f"${{{{outputs.{output}}}}}/{inside}" for n, (output, inside) in own.places.items()},
        **{n: value for n, value in own.environment.items() if _is_late(value)},
    }
    for name, location in step.node.inputs.items():
        inside = mounted(location)[1]
        path = f"${{{{inputs.{input_name(name)}}}}}" + (f"/{inside}" if inside else "")
        words[contract.INPUT + contract.input_suffix(name)] = path
    told = [f'{name}="{text}"' for name, text in sorted(words.items())]
    return " ".join([*told, own.command]).replace(KEY, key).replace(RUN, _ROOT_RUN)


def _is_late(value: Any) -> bool:
    return isinstance(value, str) and (KEY in value or RUN in value)


def _given(variable: str) -> str:
    return f"{GIVEN}{variable.lower()}"
