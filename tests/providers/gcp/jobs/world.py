"""A stack's jobs in the test cloud: launchers run here, containers are played. Not a test.

The pipeline that is interpreted is the compiled one that was sent to the cloud.
"""

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from mlops_iac_gcp import dataset, documents
from mlops_iac_gcp.jobs import defining, launching, program, runs
from mlops_iac_gcp.place import definition_key, task_key
from mlops_iac_gcp.resources.job_run import JobRunHandler
from mlops_iac_gcp.session import Place, place_of, storage
from mlops_iac_gcp.work.__main__ import main

from mlops_iac import discovery
from mlops_iac.components import build_plan
from mlops_iac.custom import Properties
from mlops_iac.specs import Spec
from mlops_iac.testing import Recording, record
from tests.clouds.gcp.hooks import Run, RunKind, RunState, Simulated
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.harness import ONLY_GCP, planned
from tests.providers.gcp.scenarios import IMAGE, write_files
from tests.providers.local.world import FakeCall

DIGEST = f"sha256:{'d' * 64}"
_OUTPUT = "launcher@mlops-test.iam.gserviceaccount.com"
"""Stands for what only a deployed platform tells."""


class Killed(BaseException):
    """The launcher's machine is gone."""


class Containers(Simulated):
    """Jobs leave what a test says they leave; pipelines end when the world has run them."""

    def __init__(self) -> None:
        super().__init__(looks=1)
        self.leave: Callable[[Run], str] = lambda _: ""
        self.pipelines: dict[str, Run] = {}
        self.jobs: list[Run] = []

    def start(self, run: Run) -> None:
        if run.kind is RunKind.PIPELINE:
            self.pipelines[run.id] = run
        elif run.kind in {RunKind.CUSTOM_JOB, RunKind.TUNING}:
            self.jobs.append(run)
            threading.Thread(target=self._do, args=(run,), daemon=True).start()
        else:
            super().start(run)

    def look(self, run: Run) -> None:
        if run.kind is RunKind.PIPELINE and run.stopping.is_set():
            run.finish(RunState.CANCELLED)
        elif run.kind not in {RunKind.PIPELINE, RunKind.CUSTOM_JOB, RunKind.TUNING}:
            super().look(run)

    def _do(self, run: Run) -> None:
        reason = self.leave(run)
        run.finish(RunState.FAILED if reason else RunState.SUCCEEDED, reason)


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
        raise AssertionError(f"{resource_id} is told of by its result: {state}")


@dataclass
class Shop:
    """A stack whose objects lie in the cloud's storage."""

    cloud: Cloud
    containers: Containers
    folder: Path
    recording: Recording = field(default_factory=lambda: Recording((), {}))

    @property
    def place(self) -> Place:
        return place_of(self.call().config)

    def call(self, at_wait: Callable[[], None] | None = None) -> Call:
        config = {"region": self.cloud.region, "account": self.cloud.project}
        return Call("urn:run", config, at_wait=at_wait)

    def declare(self, *components: Spec) -> None:
        """Put what the components register into the cloud, as `pulumi-gcp` would."""
        write_files(self.folder)
        kept: dict[str, Any] = {}
        whole = defining.add_object

        def keep(*told: Any, **more: Any) -> Any:
            if "content" in more:
                kept[told[2]] = more["content"]
            return whole(*told, **more)

        drawn = planned(
            self.folder,
            components,
            account=self.cloud.project,
            region=self.cloud.region,
            runtime_image=IMAGE,
        ).require()
        with ExitStack() as patched:
            patched.enter_context(patch.object(discovery, "providers", lambda: ONLY_GCP))
            for each in (dataset, defining, program):
                patched.enter_context(patch.object(each, "add_object", keep))
            self.recording = record(lambda: build_plan(drawn), project="flights", stack_name="dev")
        storage(self.place).create_bucket(self.bucket, location=self.cloud.region)
        for path, content in kept.items():
            documents.write(self.place, self.bucket, path, _plain(content))

    def upload(self) -> None:
        """Put data and code into the bucket, for containers that are executed."""
        for made in self.recording.of_type("gcp:storage/bucketObject:BucketObject"):
            if source := made.inputs.get("source"):
                blob = storage(self.place).bucket(self.bucket).blob(made.inputs["name"])
                blob.upload_from_string(_content(source))

    @property
    def bucket(self) -> str:
        return next(
            r.inputs["name"]
            for r in self.recording.of_type("gcp:storage/bucket:Bucket")
            if r.name == "platform-artifacts"
        )

    def inputs(self, job: str, **changed: Any) -> dict[str, Any]:
        """Return what is registered of the run of a job."""
        (made,) = (r for r in self.recording.resources if r.name == f"{job}-run")
        known = json.loads(json.dumps(dict(made.inputs)), object_hook=_known)
        return {**{n: v for n, v in known.items() if v is not None}, "wait": "finished", **changed}

    def run(self, job: str, **changed: Any) -> tuple[str, Mapping[str, Any]]:
        """Create the `JobRun` of a job as the engine would; launchers go on while it waits."""
        return JobRunHandler().create(self.inputs(job, **changed), self.call(self.launch))

    def launch(self) -> None:
        """Run the launchers of every pipeline that has not ended."""
        for run in self.containers.pipelines.values():
            if not run.ended.is_set():
                failed = self._tasks(run, run.request["pipelineSpec"]["root"]["dag"], {})
                run.finish(RunState.FAILED if failed else RunState.SUCCEEDED, failed)

    def _tasks(self, run: Run, dag: Mapping[str, Any], made: dict[str, str]) -> str:
        for name, task in _ordered(dag["tasks"]):
            component = run.request["pipelineSpec"]["components"][task["componentRef"]["name"]]
            if "dag" in component:
                judge = task["dependentTasks"][0]
                assert task["triggerPolicy"]["condition"].endswith("-passed'] == 'true'")
                if made[judge] == "true":
                    self._tasks(run, component["dag"], made)
            elif code := self.task(run, name, component["executorLabel"], task, made):
                return f"task {name} ended with exit code {code}"
        return ""

    def task(
        self, run: Run, name: str, executor: str, task: Mapping[str, Any], made: dict[str, str]
    ) -> int:
        """Run one launcher as its container would be started."""
        spec = run.request["pipelineSpec"]["deploymentSpec"]["executors"][executor]["container"]
        said = self.folder / f"{run.id}-{name}"
        parameters = task["inputs"]["parameters"]
        values = {
            "{{$.inputs.parameters['document']}}": parameters["document"]["runtimeValue"][
                "constant"
            ],
            "{{$.inputs.parameters['run_key']}}": run.request["runtimeConfig"]["parameterValues"][
                "run_key"
            ],
            "{{$.pipeline_job_resource_name}}": run.name,
            "{{$.outputs.parameters['passed'].output_file}}": str(said),
        }
        assert spec["command"] == ["python", "-m", "mlops_iac_gcp.work"]
        with patch.object(launching, "FIRST_POLL_SECONDS", 0.05):
            code = main([values.get(each, each) for each in spec["args"]])
        made[name] = said.read_text() if said.exists() else ""
        return code

    def start(self, component: str, key: str) -> str:
        """Start a run as verbs and the loop do, by the document in the bucket; return its id."""
        definition: Any = documents.read(self.place, self.bucket, definition_key(component))
        return runs.start(self.place, definition, key).id

    def task_of(self, run: str, step: str) -> Any:
        """Return what the containers of a step were told to do."""
        component = next(
            each.request["labels"]["mlops-iac-component"]
            for each in self.containers.pipelines.values()
            if each.id == run
        )
        return documents.read(self.place, self.bucket, task_key(component, run, step))

    def leave_trial(self, run: Run, trial: str, result: Mapping[str, Any]) -> None:
        """Leave what the container of a trial leaves."""
        base = run.request["trialJobSpec"]["baseOutputDirectory"]["outputUriPrefix"]
        self._leave(f"{base}/{trial}", result)

    def leave(self, run: Run, result: Mapping[str, Any], **files: Any) -> None:
        """Leave what a container leaves: `run.json`, and other documents by name."""
        self._leave(
            run.request["jobSpec"]["baseOutputDirectory"]["outputUriPrefix"], result, **files
        )

    def _leave(self, base: str, result: Mapping[str, Any], **files: Any) -> None:
        path = base.removeprefix(f"gs://{self.bucket}/")
        whole = {"status": "finished", "metrics": {}, "error": None, **result}
        if whole.pop("makes_model", False):
            whole["model"] = {"path": f"/gcs/{self.bucket}/{path}/model", "digest": DIGEST}
        for name, document in {"run": whole, **files}.items():
            documents.write(self.place, self.bucket, f"{path}/output/{name}.json", document)


def _ordered(tasks: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    done: set[str] = set()
    while len(done) < len(tasks):
        for name, task in tasks.items():
            if name not in done and done.issuperset(task.get("dependentTasks", ())):
                done.add(name)
                yield name, task


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, pulumi.Output):
        return IMAGE if name in {"image", "imageUri"} else _OUTPUT
    if isinstance(value, Mapping):
        return {name: _plain(item, name) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _content(source: Mapping[str, Any]) -> bytes:
    if "path" in source:
        return Path(source["path"]).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, asset in source["assets"].items():
            archive.write(asset["path"], name)
    return packed.getvalue()


def _known(value: dict[str, Any]) -> Any:
    return _OUTPUT if value == {"$unknown": True} else value
