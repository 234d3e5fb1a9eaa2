"""The graph of a pipeline, task by task: which are done, with what, and how they end.

The document: https://github.com/kubeflow/pipelines/blob/master/api/v2alpha1/pipeline_spec.proto.
Limits: one task at a time, no caches. What it does not know fails the pipeline: artifacts, loops,
importers, `{{$}}`, exit handlers that read a final status.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.work.container import Machines
from tests.clouds.gcp.work.failures import UnknownError, WorkError, unknown
from tests.clouds.gcp.work.pipelines import values
from tests.clouds.gcp.work.pipelines.conditions import holds
from tests.clouds.gcp.work.pipelines.task import Task, run_task
from tests.clouds.gcp.work.pools import stamp
from tests.clouds.runs import CancelledError

SUCCEEDED, FAILED, CANCELLED, NOT_TRIGGERED = "SUCCEEDED", "FAILED", "CANCELLED", "NOT_TRIGGERED"
_KNOWN = frozenset(
    {"taskInfo", "inputs", "dependentTasks", "cachingOptions", "componentRef"}
    | {"retryPolicy", "triggerPolicy"}
)
_AFTER_ALL = "ALL_UPSTREAM_TASKS_COMPLETED"
_FAST = "PIPELINE_FAILURE_POLICY_FAIL_FAST"
_NUMBERS = itertools.count(1)


@dataclass
class _Graph:
    """What is known of the tasks of one dag."""

    inputs: Mapping[str, Any]
    states: dict[str, str] = field(default_factory=dict[str, str])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


@dataclass
class Pipeline:
    """One pipeline job."""

    run: Run
    machines: Machines
    details: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    failed: list[str] = field(default_factory=list[str])

    @property
    def document(self) -> Mapping[str, Any]:
        """The compiled pipeline."""
        if "pipelineSpec" not in self.run.request:
            raise unknown("pipelines by a `templateUri`")
        return self.run.request["pipelineSpec"]

    def component(self, name: str) -> Mapping[str, Any]:
        """Return a component by its name."""
        return self.document["components"][name]

    def dag(self, component: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Do a component that is a graph; return its outputs.

        Raises:
            WorkError: a task has failed.
        """
        graph = _Graph(values.with_defaults(component, given))
        tasks: Mapping[str, Any] = component["dag"]["tasks"]
        for name in _ordered(tasks):
            self._task(graph, name, tasks[name])
        broken = [name for name, state in graph.states.items() if state == FAILED]
        if broken:
            raise WorkError(
                "The DAG failed because some tasks failed. The failed tasks are: "
                f"[{', '.join(broken)}]."
            )
        return _dag_outputs(component, graph)

    def _task(self, graph: _Graph, name: str, spec: Mapping[str, Any]) -> None:
        if strange := spec.keys() - _KNOWN:
            raise unknown(f"{sorted(strange)} of the task `{name}`")
        detail = self._begin(name, spec)
        try:
            state = self._done(graph, name, spec, detail)
        except CancelledError:
            self._end(detail, CANCELLED)
            raise
        except UnknownError:
            self._end(detail, FAILED)
            raise
        except WorkError as error:
            detail["error"] = {"code": 9, "message": str(error)}
            state = FAILED
        graph.states[name] = state
        self._end(detail, state)

    def _done(
        self, graph: _Graph, name: str, spec: Mapping[str, Any], detail: dict[str, Any]
    ) -> str:
        if not self._is_wanted(graph, spec):
            return NOT_TRIGGERED
        inputs = self._inputs(graph, spec)
        trigger = spec.get("triggerPolicy", {})
        if "condition" in trigger and not holds(trigger["condition"], inputs):
            return NOT_TRIGGERED
        detail.update(state="RUNNING", startTime=stamp())
        self._tell()
        component = self.component(spec["componentRef"]["name"])
        graph.outputs[name] = self._component(component, inputs, spec, detail)
        return SUCCEEDED

    def _is_wanted(self, graph: _Graph, spec: Mapping[str, Any]) -> bool:
        policy = self.run.request["runtimeConfig"].get("failurePolicy")
        if policy == _FAST and self.failed:
            return False
        strategy = spec.get("triggerPolicy", {}).get("strategy")
        before = [graph.states[one] for one in _before(spec)]
        return strategy == _AFTER_ALL or all(state == SUCCEEDED for state in before)

    def _component(
        self,
        component: Mapping[str, Any],
        inputs: Mapping[str, Any],
        spec: Mapping[str, Any],
        detail: dict[str, Any],
    ) -> dict[str, Any]:
        if "dag" in component:
            return self.dag(component, inputs)
        executors = self.document["deploymentSpec"]["executors"]
        executor = executors[component["executorLabel"]]
        if "container" not in executor:
            raise unknown(f"an executor with {sorted(executor)}")
        location = self.run.name.rsplit("/", 2)[0]
        job = f"{location}/customJobs/{detail['taskId']}"
        detail["executorDetail"] = {"containerDetail": {"mainJob": job}}
        return run_task(
            Task(
                run=self.run,
                machines=self.machines,
                name=detail["taskName"],
                number=detail["taskId"],
                component=component,
                container=executor["container"],
                inputs=values.with_defaults(component, inputs),
                retries=int(spec.get("retryPolicy", {}).get("maxRetryCount", 0)),
            )
        )

    def _inputs(self, graph: _Graph, spec: Mapping[str, Any]) -> dict[str, Any]:
        given = spec.get("inputs", {})
        if given.get("artifacts"):
            raise unknown("inputs that are artifacts")
        told: Mapping[str, Any] = given.get("parameters", {})
        found = {name: _input(graph, one) for name, one in told.items()}
        # A text of the task is made of what else the task is given.
        return {
            name: values.filled(value, found, {}, str) if "runtimeValue" in told[name] else value
            for name, value in found.items()
            if value is not None
        }

    def _begin(self, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        if self.run.stopping.is_set():
            raise CancelledError
        detail: dict[str, Any] = {
            "taskId": str(4_000_000_000 + next(_NUMBERS)),
            "taskName": spec.get("taskInfo", {}).get("name", name),
            "createTime": stamp(),
            "state": "PENDING",
        }
        self.details.append(detail)
        return detail

    def _end(self, detail: dict[str, Any], state: str) -> None:
        detail.update(state=state, endTime=stamp())
        if state == FAILED:
            self.failed.append(detail["taskName"])
        self._tell()

    def _tell(self) -> None:
        self.run.update(jobDetail={"taskDetails": [dict(one) for one in self.details]})


def execute(run: Run, machines: Machines) -> None:
    """Do a pipeline job to its end."""
    run.update()
    pipeline = Pipeline(run, machines)
    given = run.request["runtimeConfig"].get("parameterValues", {})
    try:
        _judge(pipeline.document["root"], given)
        pipeline.dag(pipeline.document["root"], given)
    except CancelledError:
        run.finish(RunState.CANCELLED, "The pipeline job was cancelled.")
    else:
        run.finish(RunState.SUCCEEDED)


def _judge(root: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    declared = root.get("inputDefinitions", {}).get("parameters", {})
    if strange := given.keys() - declared.keys():
        raise WorkError(f"Unknown parameters: {sorted(strange)}.")


def _ordered(tasks: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tasks, each after those that it waits for; else in the document's order."""
    done: set[str] = set()
    while len(done) < len(tasks):
        ready = [n for n, spec in tasks.items() if n not in done and done.issuperset(_before(spec))]
        if not ready:
            raise WorkError(f"The tasks {sorted(tasks.keys() - done)} wait for each other.")
        yield ready[0]
        done.add(ready[0])


def _before(spec: Mapping[str, Any]) -> Sequence[str]:
    given = spec.get("inputs", {}).get("parameters", {}).values()
    producers = (one.get("taskOutputParameter", {}).get("producerTask") for one in given)
    return [*spec.get("dependentTasks", ()), *filter(None, producers)]


def _input(graph: _Graph, source: Mapping[str, Any]) -> Any:
    match source:
        case {"componentInputParameter": name} if len(source) == 1:
            return graph.inputs.get(name)
        case {"runtimeValue": {"constant": value}}:
            return value
        case {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}:
            return graph.outputs[task][key]
        case _:
            raise unknown(f"the input `{dict(source)}`")


def _dag_outputs(component: Mapping[str, Any], graph: _Graph) -> dict[str, Any]:
    wanted = component["dag"].get("outputs", {})
    if wanted.get("artifacts"):
        raise unknown("outputs that are artifacts")
    return {name: _dag_output(graph, one) for name, one in wanted.get("parameters", {}).items()}


def _dag_output(graph: _Graph, source: Mapping[str, Any]) -> Any:
    match source:
        case {"valueFromParameter": {"producerSubtask": task, "outputParameterKey": key}}:
            return graph.outputs[task][key]
        case _:
            raise unknown(f"the output `{dict(source)}`")
