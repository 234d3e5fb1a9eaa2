"""A project on this machine whose target is a test cloud, driven by `mlops-iac`."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import psutil
import pytest

from tests.support.cloud_stack import CloudStack
from tests.support.laptop import Laptop

MOMENTS = ("hold", "hold-answer")
"""Before a call has its effect; after it, before the answer."""
_LOOK_SECONDS = 5
"""Of one look whether the call has come, or the command has ended without it."""
_LOOP = """\
name: shop
platform: {platform}
components:
  departures: {{kind: Dataset, source: data/*.csv, format: csv}}
  compare: {{kind: ExperimentTracker}}
  delay: {{kind: TrainingJob, script: train.py, data: departures, model: late, experiment: compare}}
  late: {{kind: RegisteredModel, approval: manual}}
  score: {{kind: ModelEndpoint, model: late@champion, capture: {{percent: 100}}}}
  retrain:
    kind: Pipeline
    steps: [delay]
    gates: [{{metric: roc_auc, data: departures, label: y}}]
    schedule: {{cron: 0 3 * * *}}
  watch: {{kind: ModelMonitor, endpoint: score, signals: [data_drift], schedule: {{every: 1h}}}}
  refresh: {{kind: RetrainingPolicy, monitor: watch, pipeline: retrain, "on": [data_drift]}}
"""


class Running(Protocol):
    """A test cloud."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that point a process at it."""
        ...

    def control(self, what: str, **values: Any) -> Any:
        """Ask the cloud itself."""
        ...


@dataclass(frozen=True)
class CloudLaptop(Laptop):
    """One project folder of a user who has credentials for a cloud."""

    cloud: Running
    plugins: Path
    """Folder of the stand-ins for the cloud's plugins."""

    @classmethod
    def with_loop(cls, folder: Path, cloud: Running, stack: type[CloudStack]) -> Self:
        """Write a project with the whole loop where a stack has its place; nothing is deployed."""
        folder.mkdir()
        stack.write_files(folder)
        private = {"encryption": {"mode": "customer"}, "network": {"mode": "own"}}
        platform = json.dumps({**stack.platform, **private})
        (folder / "mlops.yaml").write_text(_LOOP.format(platform=platform))
        return cls(folder, cloud, stack.plugins)

    @property
    def env(self) -> dict[str, str]:
        """What a user with credentials has, and the stand-ins on `PATH`."""
        own = super().env
        path = os.pathsep.join([str(self.plugins), own["PATH"]])
        python = {"PULUMI_TEST_PYTHON": sys.executable}
        return {**own, **self.cloud.environment, **python, "PATH": path}

    def kill_at(self, call: Mapping[str, str], moment: str, *words: str) -> None:
        """Run a command, and kill all of it while the cloud holds a call."""
        self.cloud.control("fault", kind=moment, **call)
        command, held = self.start(*words), False
        while command.poll() is None and not held:
            held = self.cloud.control("held", seconds=_LOOK_SECONDS)["held"]
        assert held, (call, command.communicate())
        family = [psutil.Process(command.pid), *psutil.Process(command.pid).children(True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)
        self.cloud.control("release")
        command.communicate(timeout=30)


def seeds(quick: int, *deep: int) -> list[object]:
    """Return the seeds of a test: one for every day, and those of the deep suite."""
    return [quick, *(pytest.param(seed, marks=pytest.mark.deep) for seed in deep)]
