"""What a step is told by its pipeline, and how it tells its begin and its end."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.keyed_runs import FAILED, FINISHED, RUNNING
from mlops_iac.late import KEY, RUN, filled
from mlops_iac_azure import documents, place
from mlops_iac_azure.jobs.components import NO_KEY
from mlops_iac_azure.jobs.runs import SKIPPED
from mlops_iac_azure.session import Place
from mlops_iac_azure.workload import CLIENT

RESULT = "run.json"
"""File in which the runtime leaves what a job has come to."""
ROOT_RUN, OWN_RUN = "AZUREML_ROOT_RUN_ID", "AZUREML_RUN_ID"
"""Variables of Azure ML: ids of the pipeline job, and of the node's own."""
RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "NODE_RANK")
"""Variables that number the processes of a distributed job; the first that is there counts."""
_DONE_FILE = "step.json"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One step of one run."""

    where: Place
    document: Mapping[str, Any]
    """What the step is, with the run's id and key in place."""
    run: str
    """Id of the run."""
    own: str = ""
    """Id of the step's own job, which its log stands in."""
    key: str
    inputs: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Where each input is mounted."""
    outputs: Mapping[str, Path] = field(default_factory=dict[str, Path])
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """Words that a trial of a search was given, by parameter."""
    done: Path | None = None
    """Folder by which the steps after this one see that it has ended well."""
    pause: Callable[[float], None] = time.sleep

    @property
    def step(self) -> str:
        """Name of the step."""
        return self.document["step"]

    @property
    def bucket(self) -> str:
        """The stack's store."""
        return self.document["bucket"]

    @property
    def component(self) -> str:
        """Whose pipeline it is."""
        return self.document["component"]

    @property
    def is_trial(self) -> bool:
        """Whether it is one of many containers of its step."""
        return "search" in self.document

    @property
    def base(self) -> str:
        """Folder in the store in which the step leaves its results."""
        own = self.base_of(self.step)
        return f"{own}/{self.own}" if self.is_trial else own

    @property
    def report_path(self) -> str:
        """Where in the store the step tells how it goes."""
        if self.is_trial:
            return place.step_report_key(self.component, self.run, f"{self.step}/{self.own}")
        return place.step_report_key(self.component, self.run, self.step)

    def base_of(self, step: str) -> str:
        """Return the folder in the store in which a step of the run leaves its results."""
        return place.step_prefix(self.component, self.run, step)

    def read(self, path: str) -> Any | None:
        """Return a document of the store; `None` when there is none."""
        return documents.read(self.where, self.bucket, path)

    def report_of(self, step: str) -> Mapping[str, Any]:
        """Return what a step before has told.

        Raises:
            OperationError: it has told nothing.
        """
        told = self.read(place.step_report_key(self.component, self.run, step))
        if told is None:
            raise OperationError(f"step `{step}` has left no report", remedy="run the job again")
        return told


def read(arguments: Sequence[str]) -> Launch:
    """Return the launch that a pipeline's node asks for."""
    asked = _parser().parse_args(arguments)
    if asked.identity:
        # Every library of Azure in this container, and in those that it starts, is this one.
        os.environ[CLIENT] = asked.identity
    bucket, path = place.split(asked.document)
    document = documents.read(Place(subscription="", region=""), bucket, path)
    if document is None:
        raise OperationError(f"`{asked.document}` is not there", remedy="run `mlops-iac up`")
    run = os.environ.get(ROOT_RUN) or os.environ.get(OWN_RUN, "")
    key = run if asked.key == NO_KEY else asked.key
    return Launch(
        where=where_of(document),
        document=filled(document, {RUN: run, KEY: key}),
        run=run,
        own=os.environ.get(OWN_RUN, run),
        key=key,
        inputs={name: Path(text) for name, text in asked.input},
        outputs={name: Path(text) for name, text in asked.output},
        values=dict(asked.value),
        done=asked.done,
    )


def where_of(document: Mapping[str, Any]) -> Place:
    """Return the workspace that a step's document names."""
    members = ("subscription", "region", "group", "workspace")
    return Place(**{name: document[name] for name in members})


def is_chief() -> bool:
    """Whether this process is the first of those that work together, or the only one."""
    told = next((os.environ[name] for name in RANKS if os.environ.get(name)), "0")
    return told == "0"


def perform(launch: Launch, work: Callable[[Launch], Mapping[str, Any]]) -> int:
    """Do a step and tell how it ends; one that a gate does not let through ends at once."""
    with reporting(launch) as told:
        judge = launch.document.get("only_if")
        if judge is not None and not launch.report_of(judge).get("passed"):
            say(f"{launch.step}: `{judge}` has said no")
            told["status"] = SKIPPED
        else:
            told.update(work(launch))
    return 0


@contextmanager
def reporting(launch: Launch) -> Generator[dict[str, Any]]:
    """Yield what a step tells; it is written to the store however the step ends."""
    told: dict[str, Any] = {
        "step": launch.step,
        "job": launch.document.get("job"),
        "own": launch.own,
        "key": launch.key,
        "status": FINISHED,
        "started": now(),
    }
    _tell(launch, {**told, "status": RUNNING})
    try:
        yield told
    except MlopsError as error:
        told.update(status=FAILED, error=error.message)
        raise
    except BaseException as error:
        told.update(status=FAILED, error=f"{type(error).__name__}: {error}")
        raise
    finally:
        told["ended"] = now()
        _tell(launch, told)
    if launch.done is not None:
        launch.done.mkdir(parents=True, exist_ok=True)
        (launch.done / _DONE_FILE).write_text(json.dumps({"step": launch.step}), encoding="utf-8")


def say(text: str) -> None:
    """Write a line to the step's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def said(value: Any) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, sort_keys=True)


def now() -> str:
    """Return this moment as UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _tell(launch: Launch, told: Mapping[str, Any]) -> None:
    # Of machines that work together one speaks.
    if is_chief():
        documents.write(launch.where, launch.bucket, launch.report_path, told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mlops_iac_azure.work")
    parser.add_argument("--document", required=True)
    parser.add_argument("--key", default=NO_KEY)
    parser.add_argument("--identity", default="")
    parser.add_argument("--done", type=Path)
    for name in ("--input", "--output", "--value"):
        parser.add_argument(name, action="append", default=[], type=_pair, metavar="NAME=VALUE")
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
