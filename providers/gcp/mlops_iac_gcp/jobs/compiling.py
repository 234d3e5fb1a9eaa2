"""A pipeline of launchers, compiled by KFP to the document that Vertex AI runs.

The document's schema: https://github.com/kubeflow/pipelines/blob/master/api/v2alpha1/pipeline_spec.proto
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from mlops_iac_gcp.jobs import kfp_language
from mlops_iac_gcp.jobs.steps import Step, Verb

RUN_KEY = "run_key"
"""Parameter of every pipeline: the key of the run; empty where its id is its key."""
YES, NO = "true", "false"
"""What a judging step says."""
IMAGE = "mlops-iac-image"
"""Stands for the image of the launchers while the pipeline is compiled."""
_WORK = ("python", "-m", "mlops_iac_gcp.work")
_CPU, _MEMORY = "1", "2G"
"""What a launcher gets: it waits."""


def compiled(
    name: str, description: str, steps: Sequence[Step], documents: Mapping[str, str]
) -> dict[str, Any]:
    """Return the pipeline of some steps, as JSON-like values.

    Args:
        name: name of the pipeline.
        description: what it is, for people.
        steps: each after those that it names.
        documents: by step, where its launcher reads what it is told.
    """
    from google.protobuf.json_format import MessageToDict

    dsl = kfp_language.dsl()
    launchers = {step.name: _launcher(dsl, step) for step in steps}

    def whole(run_key: str = "") -> None:
        tasks: dict[str, Any] = {}
        for step in steps:
            with _condition(dsl, tasks, step):
                task = launchers[step.name](document=documents[step.name], run_key=run_key)
            tasks[step.name] = _settled(task, step, tasks)

    made: Any = dsl.pipeline(name=name, description=description)(whole)
    return MessageToDict(made.pipeline_spec)


def with_image(value: Any, image: Any) -> Any:
    """Return a compiled pipeline whose launchers have an image."""
    if isinstance(value, Mapping):
        return {name: with_image(item, image) for name, item in value.items()}
    if isinstance(value, list):
        return [with_image(item, image) for item in value]
    return image if value == IMAGE else value


def _settled(task: Any, step: Step, made: Mapping[str, Any]) -> Any:
    # No retries: KFP's cannot tell a job that has failed, which is final, from a lost launcher.
    # A launcher whose machine is lost Vertex AI starts again by itself, and it adopts its job:
    # discovery aiplatform.v1, Scheduling.disableRetries; a task is a custom job.
    task.set_display_name(step.name)
    task.set_caching_options(enable_caching=False)
    task.set_cpu_limit(_CPU).set_memory_limit(_MEMORY)
    before = [made[name] for name in step.after if name != step.passed]
    # A task inside a condition may not name tasks outside of it; the condition's judge does.
    return task if step.passed or not before else task.after(*before)


def _condition(dsl: Any, made: Mapping[str, Any], step: Step) -> Any:
    if step.passed is None:
        return nullcontext()
    return dsl.If(made[step.passed].outputs["passed"] == YES, name=f"{step.name}-if-passed")


def _launcher(dsl: Any, step: Step) -> Callable[..., Any]:
    """Return the component of a step: tasks are called after it."""
    if not step.judges:

        def launch(document: Any, run_key: Any) -> Any:
            return _container(dsl, step.verb, document, run_key)

        return _component(dsl, launch, step.name)

    def judge(document: Any, run_key: Any, passed: Any) -> Any:
        return _container(dsl, step.verb, document, run_key, "--passed", passed)

    return _component(dsl, judge, step.name, passed=dsl.OutputPath(str))


def _container(dsl: Any, verb: Verb, document: Any, run_key: Any, *more: Any) -> Any:
    run = dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER
    arguments = [verb.value, "--document", document, "--key", run_key, "--run", run, *more]
    return dsl.ContainerSpec(image=IMAGE, command=[*_WORK], args=arguments)


def _component(dsl: Any, make: Callable[..., Any], name: str, **outputs: Any) -> Callable[..., Any]:
    # KFP reads name and annotations, whose classes are known only once KFP is loaded.
    make.__name__ = name
    make.__annotations__ = {"document": str, "run_key": str, **outputs}
    return dsl.container_component(make)
