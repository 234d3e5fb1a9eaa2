"""What a launcher is told by its pipeline, and how it tells the end of its step."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.keyed_runs import FAILED, FINISHED
from mlops_iac.late import KEY, RUN, filled
from mlops_iac_gcp import documents, place
from mlops_iac_gcp.session import Place

RESULT = "run.json"
"""File in which the runtime leaves what a job has come to."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One step of one run."""

    where: Place
    document: Mapping[str, Any]
    """What the step is, with the run's id and key in place."""
    run_name: str
    """Full name of the run's pipeline job."""
    key: str
    passed: Path | None = None
    """File in which a judging step says yes or no."""
    pause: Callable[[float], None] = time.sleep

    @property
    def run(self) -> str:
        """Id of the run."""
        return self.run_name.rpartition("/")[2]

    @property
    def step(self) -> str:
        """Name of the step."""
        return self.document["step"]

    @property
    def bucket(self) -> str:
        """The stack's bucket."""
        return self.document["bucket"]

    @property
    def base(self) -> str:
        """Folder in the bucket in which the step leaves its results."""
        return place.step_prefix(self.document["component"], self.run, self.step)

    def read(self, path: str) -> Any | None:
        """Return a document of the bucket; `None` when there is none."""
        return documents.read(self.where, self.bucket, path)

    def report_of(self, step: str) -> Mapping[str, Any]:
        """Return what the launcher of a step before has told.

        Raises:
            OperationError: it has told nothing.
        """
        path = place.step_report_key(self.document["component"], self.run, step)
        told = self.read(path)
        if told is None:
            raise OperationError(f"step `{step}` has left no report", remedy="run the job again")
        return told


def read(arguments: Sequence[str]) -> Launch:
    """Return the launch that a pipeline's task asks for."""
    parser = argparse.ArgumentParser(prog="mlops_iac_gcp.work")
    parser.add_argument("--document", required=True)
    parser.add_argument("--key", default="")
    parser.add_argument("--run", required=True)
    parser.add_argument("--passed", type=Path)
    asked = parser.parse_args(arguments)
    _, project, _, region, *_ = asked.run.split("/")
    bucket, path = place.split(asked.document)
    # The run's name tells the project by its number, the document by its id.
    document = documents.read(Place(project=project, region=region), bucket, path)
    if document is None:
        raise OperationError(f"`{asked.document}` is not there", remedy="run `mlops-iac up`")
    run = asked.run.rpartition("/")[2]
    key = asked.key or run
    return Launch(
        where=Place(project=document["project"], region=document["region"]),
        document=filled(document, {RUN: run, KEY: key}),
        run_name=asked.run,
        key=key,
        passed=asked.passed,
    )


@contextmanager
def reporting(launch: Launch) -> Generator[dict[str, Any]]:
    """Yield what a step tells; it is written to the bucket however the step ends."""
    told: dict[str, Any] = {
        "step": launch.step,
        "job": launch.document.get("job"),
        "key": launch.key,
        "status": FINISHED,
        "started": _now(),
    }
    try:
        yield told
    except MlopsError as error:
        told.update(status=FAILED, error=error.message)
        raise
    finally:
        told["ended"] = _now()
        path = place.step_report_key(launch.document["component"], launch.run, launch.step)
        documents.write(launch.where, launch.bucket, path, told)


def say(text: str) -> None:
    """Write a line to the task's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def said(value: Any) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
