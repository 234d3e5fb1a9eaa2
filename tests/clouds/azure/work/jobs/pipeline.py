"""Pipeline jobs: nodes in the order in which they wait for each other.

https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-pipeline. Limits: one node at
a time, no reuse of earlier results. What it does not know fails the pipeline: other kinds of nodes,
pipelines in pipelines.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.data import DEFAULT_STORE, Data
from tests.clouds.azure.work.failures import UnknownError, WorkError, unknown
from tests.clouds.azure.work.jobs import casing, child, components, wiring
from tests.clouds.azure.work.jobs.command import Command, execute
from tests.clouds.azure.work.jobs.sweep import Sweep, search
from tests.clouds.azure.work.jobs.template import binding
from tests.clouds.azure.work.times import stamp
from tests.clouds.runs import CancelledError

_KINDS = {"command": "Command", "sweep": "Sweep"}
_FAILED = "Pipeline has some failed steps. See child run or execution logs for more details."
Told = Mapping[str, Any]


@dataclass
class Pipeline:
    """One pipeline job."""

    run: Run
    interrupting: Callable[[str], threading.Event]
    """By the name of a job, what takes its machines away."""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """The places of the outputs of nodes that have ended well."""
    failed: list[str] = field(default_factory=list[str])

    @property
    def job(self) -> Told:
        """The job as `get` answers it."""
        return self.run.request["job"]

    @property
    def told(self) -> Told:
        """Its properties."""
        return self.job["properties"]

    @property
    def data(self) -> Data:
        """What the workspace knows."""
        return Data(self.run, self.run.request["workspace"])

    def input_of(self, told: Any, kind: str) -> dict[str, Any] | None:
        """Return an input of a node as a job has it; None where the pipeline was not given it.

        Args:
            told: what the node says.
            kind: the type of the input that the component declares.

        Raises:
            WorkError: it is bound to what is not there.
        """
        value = told.get("value") if isinstance(told, Mapping) else told
        match binding(value).split("."):
            case ["parent", "inputs", name]:
                return self._given(name)
            case ["parent", "jobs", node, "outputs", name]:
                return {"jobInputType": wiring.data_kind(kind), "uri": self._made(node, name)}
            case [""]:
                return wiring.own(told)
            case _:
                raise unknown(f"the binding `{value}`")

    def _given(self, name: str) -> dict[str, Any] | None:
        given = self.inputs.get(name)
        return None if given is None else wiring.own(given)

    @property
    def inputs(self) -> Told:
        """What the pipeline was given, else its component's defaults."""
        given: Told = self.told.get("inputs") or {}
        return components.with_defaults(self.component, given) if self.component else given

    @property
    def component(self) -> Told:
        """The pipeline component that the job is of; empty for one written in its place."""
        known = self.told.get("componentId")
        return self.data.asset(known, "components")["properties"]["componentSpec"] if known else {}

    @property
    def nodes(self) -> Told:
        """The nodes, by their names."""
        return self.told.get("jobs") or self.component.get("jobs") or {}

    @property
    def settings(self) -> Told:
        """How it is done, in snake case."""
        told: Told = self.told.get("settings") or {}
        return {casing.snake(name): value for name, value in told.items()}

    def _made(self, node: str, name: str) -> str:
        if name not in self.outputs.get(node, {}):
            raise WorkError(f"The output '{name}' of the node '{node}' is not there.")
        return self.outputs[node][name]

    def places(self, job: str, node: Told, spec: Told) -> dict[str, dict[str, Any]]:
        """Return the outputs of a node's job, each with its place."""
        own: Told = node.get("outputs") or {}
        return {
            name: {**self._place(job, name, own.get(name)), "jobOutputType": one.get("type")}
            for name, one in (spec.get("outputs") or {}).items()
        }

    def _place(self, job: str, name: str, told: Any) -> dict[str, Any]:
        value = told.get("value") if isinstance(told, Mapping) else told
        mode = told.get("mode") if isinstance(told, Mapping) else None
        match binding(value).split("."):
            case ["parent", "outputs", of_pipeline]:
                return {"uri": self._of_pipeline(of_pipeline), "mode": mode}
            case [""]:
                uri = told.get("uri") or told.get("path") if isinstance(told, Mapping) else value
                return {"uri": uri or self._default(job, name), "mode": mode}
            case _:
                raise unknown(f"the binding `{value}`")

    @property
    def store(self) -> str:
        """Where outputs lie that name no place."""
        store = self.settings.get("default_datastore") or DEFAULT_STORE
        return str(store).rpartition("/")[2].rpartition(":")[2]

    def _default(self, job: str, name: str) -> str:
        return f"azureml://datastores/{self.store}/paths/azureml/{job}/{name}/"

    def _of_pipeline(self, name: str) -> str:
        declared = (self.told.get("outputs") or {}).get(name) or {}
        return declared.get("uri") or self._default(self.run.id, name)


def execute_all(pipeline: Pipeline) -> None:
    """Do a pipeline to its end.

    Raises:
        WorkError: a node has failed.
        CancelledError: it was cancelled.
    """
    nodes = {name: components.normal(one) for name, one in pipeline.nodes.items()}
    goes_on = pipeline.settings.get("continue_on_step_failure", True)
    for name in wiring.ordered(nodes):
        if pipeline.run.stopping.is_set():
            raise CancelledError
        wanted = all(one in pipeline.outputs for one in wiring.before(nodes[name]))
        if wanted and (goes_on or not pipeline.failed):
            _node(pipeline, name, nodes[name])
    if pipeline.failed:
        raise WorkError(_FAILED)


def _node(pipeline: Pipeline, name: str, node: Told) -> None:
    kind = node.get("type", "command")
    if kind not in _KINDS:
        raise unknown(f"nodes of the type `{kind}`")
    job = child.name_of(pipeline.run.id, name)
    shown = child.told(_KINDS[kind], pipeline.job, name, {})
    pipeline.run.child(job, {**shown, "status": "Running", "startTimeUtc": stamp()})
    try:
        properties = _job(pipeline, job, kind, node)
        shown |= {key: properties.get(key) for key in ("inputs", "outputs", "componentId")}
        pipeline.run.child(job, {**shown, "status": "Running", "startTimeUtc": stamp()})
        more = _DO[kind](pipeline, job, properties, {**pipeline.job, "name": job})
    except CancelledError:
        pipeline.run.child(job, {**shown, **child.ending("Canceled")})
        raise
    except WorkError as error:
        pipeline.failed.append(name)
        pipeline.run.child(job, {**shown, **child.ending("Failed", str(error))})
        if isinstance(error, UnknownError):
            raise
        return
    pipeline.outputs[name] = {key: one["uri"] for key, one in properties["outputs"].items()}
    shown["properties"] |= more
    pipeline.run.child(job, {**shown, **child.ending("Completed")})


def _job(pipeline: Pipeline, job: str, kind: str, node: Told) -> dict[str, Any]:
    """Return the properties of a node's job."""
    source = {"componentId": _trial(node)} if kind == "sweep" else node
    spec = components.specification(pipeline.data, source)
    declared: Told = spec.get("inputs") or {}
    given = {
        name: pipeline.input_of(one, (declared.get(name) or {}).get("type", ""))
        for name, one in (node.get("inputs") or {}).items()
    }
    searched = node.get("search_space") or {}
    known = {name: one for name, one in given.items() if one is not None}
    inputs = components.with_defaults(
        spec, {**known, **{name: {"value": None} for name in searched}}
    )
    own = components.command(source if kind == "command" else {}, spec)
    properties = own if kind == "command" else {**components.sweep(node, own), "codeId": None}
    of_pipeline = pipeline.told
    return {
        **properties,
        "componentId": node.get("componentId"),
        "identity": properties.get("identity") or of_pipeline.get("identity"),
        "computeId": properties.get("computeId") or pipeline.settings.get("default_compute", ""),
        "experimentName": of_pipeline.get("experimentName"),
        "inputs": {name: one for name, one in inputs.items() if name not in searched},
        "outputs": pipeline.places(job, node, spec),
    }


def _trial(node: Told) -> Any:
    """Return the component of a sweep's trials: its id, or one written in its place."""
    trial = node.get("trial") or {}
    if isinstance(trial, str):
        return trial
    inline = (trial.get("properties") or {}).get("componentSpec")
    return inline or trial.get("componentId") or trial.get("component")


def _command(pipeline: Pipeline, job: str, told: Told, parent: Told) -> dict[str, str]:
    del parent
    execute(
        Command(
            run=pipeline.run,
            name=job,
            told=told,
            root=pipeline.run.root / job,
            interrupting=pipeline.interrupting(job),
            takes_turn=False,
        )
    )
    return {}


def _sweep(pipeline: Pipeline, job: str, told: Told, parent: Told) -> dict[str, str]:
    own = Sweep(
        run=pipeline.run,
        name=job,
        told=told,
        root=pipeline.run.root / job,
        job=parent,
        interrupting=pipeline.interrupting,
        takes_turn=False,
        store=pipeline.store,
    )
    return search(own)


_DO: Mapping[str, Callable[[Pipeline, str, Told, Told], dict[str, str]]] = {
    "command": _command,
    "sweep": _sweep,
}
