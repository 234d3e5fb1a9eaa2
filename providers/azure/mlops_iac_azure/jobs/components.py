"""Components of steps: what a node's container is started with, as `properties.componentSpec`."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.late import KEY, RUN
from mlops_iac_azure import place
from mlops_iac_azure.jobs.foreign import OF_STEP
from mlops_iac_azure.jobs.mounting import FILE, FOLDER, kind_of, mounted
from mlops_iac_azure.jobs.steps import Step

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
        "outputs": {output: {"type": FOLDER} for output in outputs_of(step)},
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


def _input_types(step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
    text = {"type": "string"}
    yield KEY_INPUT, text
    if step.node.own is None:
        yield DOCUMENT, text
        yield IDENTITY, text
    else:
        for variable in step.node.own.files:
            yield given_name(variable), {"type": FILE}
    for name, location in step.node.inputs.items():
        yield input_name(name), {"type": kind_of(location)}
    for number, _ in enumerate(steps_before(step), 1):
        yield f"{AFTER}{number}", {"type": FOLDER}
    for name, drawn in step.node.sweep.space.items() if step.node.sweep else ():
        yield searched(name), text if drawn["type"] == "choice" else {"type": "number"}


def _own_command(step: Step, *, has_key: bool) -> str:
    """Return how a foreign container is started: what only the run tells comes before its program.

    A shell runs the command, so a word may name a variable of Azure ML's own.
    """
    own, key = step.node.own, f"${{{{inputs.{KEY_INPUT}}}}}" if has_key else _ROOT_RUN
    assert own is not None  # noqa: S101  asked for by the caller
    words = {
        **{n: f"${{{{inputs.{given_name(n)}}}}}" for n in own.files},
        **{n: f"${{{{outputs.{output}}}}}/{inside}" for n, (output, inside) in own.places.items()},
        **{n: value for n, value in own.environment.items() if is_late(value)},
    }
    for name, location in step.node.inputs.items():
        inside = mounted(location)[1]
        path = f"${{{{inputs.{input_name(name)}}}}}" + (f"/{inside}" if inside else "")
        words[contract.INPUT + contract.input_suffix(name)] = path
    told = [f'{name}="{text}"' for name, text in sorted(words.items())]
    return " ".join([*told, own.command]).replace(KEY, key).replace(RUN, _ROOT_RUN)


def is_late(value: Any) -> bool:
    """Whether only a run tells a value."""
    return isinstance(value, str) and (KEY in value or RUN in value)


def steps_before(step: Step) -> list[str]:
    """Return the steps that one waits for without taking their data."""
    read = {_step_of(location) for location in step.node.inputs.values()}
    return [name for name in step.after if name not in read]


def _step_of(location: str) -> str | None:
    if not location.startswith(OF_STEP):
        return None
    return location.removeprefix(OF_STEP).partition("/")[0]


def outputs_of(step: Step) -> dict[str, str]:
    """Return the path in the store of each output: the same in every run."""
    if step.node.own is not None:
        return dict(step.node.outputs)
    done = f"{place.run_prefix(step.document['component'], DONE)}/{step.name}/"
    return {DONE: done, **step.node.outputs}


def given_name(variable: str) -> str:
    """Return what the input is called that a foreign container is told by a variable."""
    return f"{GIVEN}{variable.lower()}"
