"""A stack with a retraining policy, without models: its pipeline says what it is told to say.

Runs, records, locks, the registry of decisions and the policy's files are real. What an endpoint
serves is a file, so that a test needs no server; `tests/faults/test_loop_kills.py` has a real one.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlops_iac_local import store
from mlops_iac_local.files import make_folder, utc_now, write_json
from mlops_iac_local.jobs.definition import Definition, write_definition
from mlops_iac_local.jobs.runs import runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies, sightings, work
from mlops_iac_local.loop.driver import Driver

from mlops_iac.content import folder_digest, folder_files
from mlops_iac.errors import OperationError
from mlops_iac.operations import ModelVersion, Run
from mlops_iac.runtime.policy import EndpointDead, EndpointHealthy, Event, Phase, Rules

PIPELINE = """
import json, os, pathlib, time
output = pathlib.Path(os.environ["MLOPS_OUTPUT_DIR"])
told = json.loads(pathlib.Path(os.environ["MLOPS_TASK"]).read_text())
time.sleep(told["seconds"])
(output / "pipeline.json").write_text(json.dumps(told))
(output / "run.json").write_text(json.dumps({
    "version": 1, "status": "finished", "started": "", "ended": "",
    "model_version": told["version"], "reports": ["pipeline.json"], "model": None,
}))
"""
RULES = Rules(
    on=frozenset({"data_drift"}),
    promotion="automatic",
    max_runs=9,
    period_s=3600.0,
    watch_s=0.2,
)


def declare_policy(layout: Layout, endpoint: str, model: str, rules: Rules = RULES) -> None:
    """Write the policy `retrain` of the pipeline `train` and the monitor `watch`."""
    make_folder(policies.folder(layout, "retrain"))
    policies.write_policy(
        layout,
        policies.Policy(
            name="retrain",
            monitor="watch",
            pipeline="train",
            endpoint=endpoint,
            model=model,
            rules=rules,
        ),
    )


def define_pipeline(
    layout: Layout, version: int | None, *, seconds: float = 0, **said: Any
) -> None:
    """Have the next run of `train` come to `version` after some seconds, and say `said`."""
    code = make_folder(layout.temporary / "pipeline")
    (code / "pipeline.py").write_text(PIPELINE)
    digest = folder_digest(code)
    store.add(layout, "code", digest, folder_files(code), folder_digest)
    make_folder(layout.job("train"))
    write_definition(
        layout,
        Definition(
            component="train",
            kind="ProcessingJob",
            key="fedcba9876543210",
            module="pipeline",
            code=digest,
            task={"outcome": "passed", "gates": [], "version": version, "seconds": seconds, **said},
            limits={"cpu": 1, "memory_gb": 1, "disk_gb": 1},
            timeout=60,
            python=sys.executable,
        ),
    )


def write_check(layout: Layout, *alarms: str, verdict: bool = True) -> str:
    """Write down a finished check of `watch`, with an alarm when signals are given."""
    number = len(runs_of(layout, "watch")) + 1
    folder = make_folder(layout.runs / "0000000000000000" / str(number))
    output = make_folder(folder / "output")
    now = utc_now()
    report = {"alarm": bool(alarms) if verdict else None, "alarms": list(alarms),
              "reason": "as told"}  # fmt: skip
    (output / "report.json").write_text(json.dumps(report))
    record = {"component": "watch", "kind": "ModelMonitor", "key": folder.parent.name,
              "run_id": f"check-{number}", "started": now, "parent": None,
              "overrides": {}}  # fmt: skip
    write_json(folder / "record.json", record)
    result = {"state": "finished", "reason": None, "ended": now, "reports": ["report.json"]}
    write_json(folder / "result.json", result)
    return str(record["run_id"])


@dataclass
class Stack:
    """One stack with the policy `retrain` of the pipeline `train` and the monitor `watch`."""

    layout: Layout
    served: list[int] = field(default_factory=lambda: [1])
    """Versions in the order in which they were served."""
    alive: bool = True
    versions: dict[int, str] = field(default_factory=lambda: {1: "approved"})
    crash: Callable[[], None] = lambda: None
    """Called after something was deployed and before anybody is told."""

    def declare(self, rules: Rules = RULES) -> None:
        """Write the rules, as `up` would."""
        declare_policy(self.layout, "score", "late", rules)

    def pipeline(self, version: int | None, **said: Any) -> None:
        """Have the next run of the pipeline come to `version`."""
        if version is not None:
            self.versions.setdefault(version, "pending")
        define_pipeline(self.layout, version, **said)

    def check(self, *alarms: str, verdict: bool = True) -> str:
        """Write down a finished check, with an alarm when signals are given; return its id."""
        return write_check(self.layout, *alarms, verdict=verdict)

    def driver(self) -> Driver:
        """Return the policy's driver as after a start of the loop; its work is done in here."""
        return Driver(self.layout, "retrain", worker=HereWorker())  # type: ignore[arg-type]

    def settle(self, made: Driver, seconds: float = 20.0) -> None:
        """Let the policy take steps until it rests with everybody told."""
        deadline = time.monotonic() + seconds
        made.step()
        while policies.state_of(self.layout, "retrain").open_actions:
            assert time.monotonic() < deadline, self.reasons()
            made.step()
            time.sleep(0.02)

    def runs(self) -> list[Run]:
        return runs_of(self.layout, "train")

    def reasons(self) -> list[str]:
        return [entry["reason"] for entry in policies.events(self.layout, "retrain")]

    @property
    def phase(self) -> Phase:
        return policies.state_of(self.layout, "retrain").phase

    # -- what stands for the registry and the endpoint --------------------------------------

    def version(self, layout: Layout, model: str, number: int) -> ModelVersion:
        assert (layout, model) == (self.layout, "late")
        return ModelVersion(
            model=model, version=number, status=self.versions[number], aliases=(), run_id=None,
            digest="0", created=utc_now(), metrics={}, approver="ada",
        )  # fmt: skip

    def decide(self, layout: Layout, model: str, number: int, status: str, **who: str) -> None:
        assert (layout, model) == (self.layout, "late")
        assert who["approver"] == "policy retrain"
        self.versions[number] = status

    def promote(self, layout: Layout, endpoint: str, number: int) -> None:
        assert (layout, endpoint) == (self.layout, "score")
        if self.versions[number] != "approved":
            raise OperationError(f"version `{number}` is {self.versions[number]}")
        if self.served[-1] != number:
            self.served.append(number)
        self.alive = True
        self.crash()

    def deployed(self, layout: Layout, endpoint: str) -> Mapping[str, Any]:
        assert (layout, endpoint) == (self.layout, "score")
        return {"version": str(self.served[-1])}

    def sign(self) -> Event:
        cls = EndpointHealthy if self.alive else EndpointDead
        return cls(id=f"sign-{time.time_ns()}", at=time.time(), version=self.served[-1])


class HereWorker:
    """Does the heavy work in this process, at once."""

    def do(self, *arguments: str) -> None:
        work.main(arguments)


def make_stack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Return a stack whose endpoint and registry are this object."""
    layout = Layout(folder / "root")
    layout.make()
    stack = Stack(layout)
    stack.declare()
    monkeypatch.setattr(control, "ensure", lambda _: None)
    monkeypatch.setattr(work, "endpoint_verbs", SimpleNamespace(promote=stack.promote))
    serving = SimpleNamespace(deployed=stack.deployed, history=lambda *_: stack.served)
    for module in (work, sightings):
        monkeypatch.setattr(module, "serving", serving)
    registry = SimpleNamespace(version=stack.version, decide=stack.decide)
    monkeypatch.setattr(work, "registry", registry)
    monkeypatch.setattr(sightings, "registry", registry)
    monkeypatch.setattr(sightings.Pulse, "sign", lambda _: stack.sign())
    return stack
