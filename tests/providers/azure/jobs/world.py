"""A stack's jobs in the test cloud: steps run here, their programs are played. Not a test.

The pipeline that is done is the one that was sent to the cloud, node by node.
"""

import json
import os
import re
import shlex
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from mlops_iac_azure import documents, facts, lro, rest, tracking
from mlops_iac_azure.frame.assets import content_version
from mlops_iac_azure.jobs import defining, runs
from mlops_iac_azure.place import definition_key, task_key
from mlops_iac_azure.resources.asset import AssetHandler
from mlops_iac_azure.resources.job_run import JobRunHandler
from mlops_iac_azure.resources.upload import UploadHandler
from mlops_iac_azure.session import Place, blobs, place_of
from mlops_iac_azure.work import child
from mlops_iac_azure.work.__main__ import main

from mlops_iac.custom import Properties
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.registry import Model
from mlops_iac.specs import Dataset, RegisteredModel, Spec, TrainingJob
from tests.clouds.azure.hooks import Run, RunKind, RunState, Simulated
from tests.clouds.azure.running import Cloud
from tests.providers.azure.harness import DIGEST, IMAGE, Recording, planned, record
from tests.providers.local.world import FakeCall


def made(kind: Any, name: str, **fields: Any) -> Any:
    """Return a component; a declaration's own texts stand for references."""
    return kind(name, **fields)


DATA = made(Dataset, "departures", source="data/*.csv", format="csv")
MODEL = RegisteredModel("late")
JOB = made(TrainingJob, "delay", script="train.py", data="departures", model="late")
_EXPRESSION = re.compile(r"\$\{\{(inputs|outputs)\.([^}]+)\}\}")
_BOUND = re.compile(r"\$\{\{parent\.(inputs|jobs)\.([^.}]+)(?:\.outputs\.([^}]+))?\}\}")


FILES = {"train.py": "print(1)\n", "data/a.csv": "x,y\n1,0\n"}


class Killed(BaseException):
    """The step's machine is gone."""


@dataclass
class Program:
    """What a step's program was started with."""

    step: str
    command: Sequence[str]
    environment: Mapping[str, str]

    def leave(self, result: Mapping[str, Any], **files: Any) -> None:
        """Leave what a program leaves: `run.json`, a model, and other documents by name."""
        output, model = (
            Path(self.environment[f"MLOPS_{name}_DIR"]) for name in ("OUTPUT", "MODEL")
        )
        output.mkdir(parents=True, exist_ok=True)
        whole = {"status": "finished", "metrics": {}, "error": None, **result}
        if whole.pop("makes_model", False):
            (model / "kept").mkdir(parents=True)
            (model / "kept" / "MLmodel").write_text("flavors: {}\n")
            whole["model"] = {"path": f"{model}/kept", "digest": DIGEST}
        for name, document in {"run": whole, **files}.items():
            (output / f"{name}.json").write_text(json.dumps(document))

    def task(self) -> Any:
        """Return what the program was told to do."""
        return json.loads(Path(self.environment["MLOPS_TASK"]).read_text())


class Nodes(Simulated):
    """Pipeline jobs end when the world has done their nodes."""

    def __init__(self) -> None:
        super().__init__(looks=1)
        self.pipelines: dict[str, Run] = {}

    def start(self, run: Run) -> None:
        if run.kind is RunKind.JOB:
            self.pipelines[run.id] = run
        else:
            super().start(run)

    def look(self, run: Run) -> None:
        if run.kind is not RunKind.JOB:
            super().look(run)
        elif run.stopping.is_set():
            run.finish(RunState.CANCELLED)


@dataclass
class Call(FakeCall):
    """A call whose waits let the pipeline go on."""

    at_wait: Callable[[], None] | None = None

    def wait(self, seconds: float) -> None:
        del seconds
        self.check_cancelled()
        if self.at_wait is not None:
            self.at_wait()

    def exists(self, resource_id: str, state: Properties) -> None:
        """Nothing is told of: the call ends well or not at all."""


@dataclass
class Shop:
    """A stack whose jobs are in the cloud's workspace."""

    cloud: Cloud
    nodes: Nodes
    folder: Path
    leave: Callable[[Program], int] = lambda _: 0
    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    programs: list[Program] = field(default_factory=list[Program])
    tracked: dict[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]])
    """Metrics and parameters that a job has told the experiment."""
    recording: Recording = field(default_factory=lambda: Recording(()))
    scope: BuildContext | None = None
    where: Place | None = None
    bucket: str = ""

    @property
    def place(self) -> Place:
        assert self.where is not None
        return self.where

    def call(self, at_wait: Callable[[], None] | None = None) -> Call:
        config = {
            "region": self.cloud.region,
            "account": self.cloud.subscription,
            "group": self.place.group,
            "workspace": self.place.workspace,
        }
        assert place_of(config) == self.place
        return Call("urn:run", config, at_wait=at_wait)

    @contextmanager
    def played(self) -> Generator["Shop"]:
        """Let steps' programs be what a test says."""

        def run(
            command: Sequence[str], environment: Mapping[str, str], folder: Path, **_: Any
        ) -> int:
            del folder
            program = Program(environment["STEP"], command, environment)
            self.programs.append(program)
            return self.leave(program)

        def log(_: Place, own: str, metrics: Any, parameters: Any, **__: Any) -> None:
            self.tracked[own] = (metrics, parameters)

        # MLflow's server takes seconds to load: `test_tracking` asks it.
        with patch.object(child, "run", run), patch.object(tracking, "log", log):
            yield self

    def declare(self, *components: Spec) -> None:
        """Put what the components register into the cloud, as the engine would."""
        project = self.folder / "project"
        for name, text in self.files.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(text)
        drawn = planned(
            components,
            project,
            account=self.cloud.subscription,
            region=self.cloud.region,
            runtime_image=IMAGE,
        )
        with ExitStack() as patched:
            for name, known in (
                ("in_definition", self._grounded(defining.in_definition)),
                ("add_environment", _kept(defining.add_environment, "environments")),
                ("add_component", _kept(defining.add_component, "components")),
                ("asset_path", self._path),
            ):
                patched.enter_context(patch.object(defining, name, known))
            self.recording = record(drawn)
        for made in self.recording.of("Compute"):
            path = self.place.in_workspace("computes", made.inputs["computeName"])
            body = {"location": self.cloud.region, "properties": made.inputs["properties"]}
            lro.run(self.place, "PUT", path, body)
        for made in self.recording.of("Asset"):
            AssetHandler().create(_plain(made.inputs), self.call())
        for made in self.recording.of("Upload"):
            UploadHandler().create({**_plain(made.inputs), "bucket": self.bucket}, self.call())

    def _grounded(self, whole: Callable[..., Any]) -> Callable[..., Any]:
        def in_definition(context: BuildContext, own: Mapping[str, Any]) -> Any:
            if self.where is None:
                self._ground(context)
            clients = {p: pulumi.Output.from_input(self._client(context, p)) for p in Purpose}
            return replace(whole(context, own), clients=clients)

        return in_definition

    def _ground(self, context: BuildContext) -> None:
        """Make what a platform makes, as far as jobs need it."""
        self.scope = context
        self.where, self.bucket = facts.place(context), facts.bucket(context)
        here = {"location": self.cloud.region, "tags": context.tags}
        lro.run(self.place, "PUT", self.place.group_id, here)
        for purpose in Purpose:
            lro.run(self.place, "PUT", facts.identity_id(context, purpose), here)
        account = {**here, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        lro.run(self.place, "PUT", facts.account_id(context), account)
        blobs(self.place, self.bucket).create_container("artifacts")
        properties = {"storageAccount": facts.account_id(context)}
        identity = {"type": "SystemAssigned"}
        body = {**here, "identity": identity, "properties": properties}
        lro.run(self.place, "PUT", self.place.workspace_id, body)
        store = {
            "datastoreType": "AzureBlob",
            "accountName": self.bucket,
            "containerName": "artifacts",
            "credentials": {"credentialsType": "None"},
        }
        path = self.place.in_workspace("datastores", "mlops_iac")
        lro.run(self.place, "PUT", path, {"properties": store})

    def _client(self, context: BuildContext, purpose: Purpose) -> str:
        known = rest.call(self.place, "GET", facts.identity_id(context, purpose))
        return known["properties"]["clientId"]

    def _path(self, asset: Any) -> Any:
        kind, name, properties = asset.told
        version = pulumi.Output.from_input(content_version(kind, properties))
        types = f"{kind}/versions"
        return version.apply(lambda known: self.place.in_workspace(types, name, known))

    def inputs(self, job: str, **changed: Any) -> dict[str, Any]:
        """Return what is registered of the run of a job."""
        made = next(each for each in self.recording.records if each.name == f"{job}-run")
        known = {n: v for n, v in _plain(made.inputs).items() if v is not None}
        return {**known, "wait": "finished", **changed}

    def run(self, job: str, **changed: Any) -> tuple[str, Mapping[str, Any]]:
        """Create the `JobRun` of a job as the engine would; nodes are done while it waits."""
        return JobRunHandler().create(self.inputs(job, **changed), self.call(self.launch))

    def model(self, name: str) -> Model:
        """Return a registered model of the stack."""
        assert self.scope is not None
        return Model(name=facts.model_name(self.scope, name), component=name, bucket=self.bucket)

    def start(self, component: str, key: str) -> str:
        """Start a run as verbs and the loop do, by the document in the store; return its id."""
        definition: Any = documents.read(self.place, self.bucket, definition_key(component))
        return runs.start(self.place, definition, key).id

    def launch(self) -> None:
        """Do the nodes of every pipeline that has not ended."""
        for run in self.nodes.pipelines.values():
            if not run.ended.is_set():
                failed = next((f for f in self._do(run) if f), "")
                run.finish(RunState.FAILED if failed else RunState.SUCCEEDED, failed)

    def _do(self, run: Run) -> Iterator[str]:
        properties = run.request["job"]["properties"]
        given = {name: each["value"] for name, each in properties["inputs"].items()}
        for name, node in _ordered(properties["jobs"]):
            source = node.get("trial", node)["componentId"]
            spec = run.resource(source)
            assert spec is not None
            for own, values in self._each(run, name, node):
                inputs = {n: self._value(run, given, each) for n, each in node["inputs"].items()}
                told = spec["properties"]["componentSpec"]
                assert {*told["inputs"]} == {*inputs, *values}
                code = self._node(run, name, own, told["command"], {**inputs, **values})
                if code and "trial" not in node:
                    yield f"node {name} ended with exit code {code}"
                    return
            yield ""

    def _each(
        self, run: Run, name: str, node: Mapping[str, Any]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the jobs of a node with what is searched: one, or a trial for each value."""
        own = f"{run.id}-{name}"
        if node["type"] == "command":
            run.child(own, {"jobType": "Command", "status": "Running"})
            yield own, {}
            return
        for number in range(node["limits"]["max_total_trials"]):
            run.child(f"{own}_{number}", {"jobType": "Command", "status": "Running"})
            yield f"{own}_{number}", {n: _drawn(d, number) for n, d in node["search_space"].items()}

    def _value(self, run: Run, given: Mapping[str, str], told: Mapping[str, Any]) -> str:
        if told["job_input_type"] != "literal":
            assert told["mode"] == "ReadOnlyMount"
            return str(self.folder / "mounted")
        bound = _BOUND.fullmatch(str(told["value"]))
        if bound is None:
            return told["value"]
        return given[bound[2]] if bound[1] == "inputs" else self._output(run, bound[2], bound[3])

    def _output(self, run: Run, node: str, name: str) -> str:
        return str(self.folder / "outputs" / run.id / node / name)

    def _node(self, run: Run, name: str, own: str, text: str, inputs: Mapping[str, str]) -> int:
        """Do one node as its container would be started; return its exit code."""

        def value(match: re.Match[str]) -> str:
            return inputs[match[2]] if match[1] == "inputs" else self._output(run, name, match[2])

        words = shlex.split(_EXPRESSION.sub(value, text))
        step = name.replace("_", "-")
        environment = {"AZUREML_ROOT_RUN_ID": run.id, "AZUREML_RUN_ID": own, "STEP": step}
        with patch.dict(os.environ, environment):
            if words[:3] != ["python", "-m", "mlops_iac_azure.work"]:
                return self._foreign(step, words)
            return main(words[3:])

    def _foreign(self, name: str, words: Sequence[str]) -> int:
        told = {n: text for n, _, text in (word.partition("=") for word in words[:-1])}
        found = {n: os.path.expandvars(text) for n, text in told.items()}
        program = Program(name, words[-1:], found)
        self.programs.append(program)
        return self.leave(program)

    def task_of(self, run: str, step: str) -> Any:
        """Return what a step was told to do."""
        component = self.nodes.pipelines[run].request["job"]["properties"]["tags"][runs.COMPONENT]
        return documents.read(self.place, self.bucket, task_key(component, run, step))


def _kept(whole: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Return what registers an asset, and keeps what it was made of."""

    def add(context: BuildContext, suffix: str, *told: Any) -> Any:
        made = whole(context, suffix, *told)
        if kind == "environments":
            name, image, _ = told
            properties = {"image": image, "osType": "Linux", "autoRebuild": "Disabled"}
        else:
            name, properties = told[0]["name"], {"componentSpec": told[0], "isAnonymous": False}
        made.told = (kind, name, properties)
        return made

    return add


def _ordered(nodes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    done: set[str] = set()
    while len(done) < len(nodes):
        ready = [n for n, node in nodes.items() if n not in done and done >= _before(node)]
        assert ready, "nodes wait for each other"
        done.add(ready[0])
        yield ready[0], nodes[ready[0]]


def _before(node: Mapping[str, Any]) -> set[str]:
    bound = (_BOUND.fullmatch(str(each.get("value", ""))) for each in node["inputs"].values())
    return {each[2] for each in bound if each and each[1] == "jobs"}


def _drawn(told: Mapping[str, Any], number: int) -> str:
    if told["type"] == "choice":
        return told["values"][number % len(told["values"])]
    return str(told["min_value"] + number)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(dict(value)))
