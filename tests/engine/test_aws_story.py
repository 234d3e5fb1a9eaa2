"""The same declaration on a laptop and on AWS, as a user lives it: by the `mlops-iac` command.

Each step is done on both targets and must be told in the same words; predictions agree to 1e-9.
CodeBuild's stand-in makes the image, runs and endpoints are executed, an event deploys.
Limits: the plugins for `aws` and `aws-native` are stand-ins, and processes stand for containers.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_stack import PLUGINS, everything
from tests.support.laptop import Laptop, eventually

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

MANIFEST = """\
name: flights
components:
  departures: {kind: Dataset, source: data/*.csv, format: csv}
  delay: {kind: TrainingJob, script: train.py, data: departures, model: late, wait: finished}
  late: {kind: RegisteredModel, approval: manual}
  score: {kind: ModelEndpoint, model: late@champion, capture: {percent: 100}}
  watch:
    kind: ModelMonitor
    endpoint: score
    signals: [data_drift]
    schedule: {every: 1h}
    min_rows: 5
environments:
  dev: {platform: {target: local}}
  aws: {platform: {target: aws, region: eu-west-1, account: "123456789012"}}
"""
TRAIN = """\
import pandas as pd
from mlops_iac.runtime import training_context
from sklearn.linear_model import LogisticRegression

context = training_context()
rows = pd.read_csv(next(context.inputs["departures"].glob("*.csv")))
inputs = rows[["distance", "hour"]]
model = LogisticRegression(max_iter=500).fit(inputs, rows["late"])
print(f"learned from {len(rows)} rows")
context.log_metrics({"accuracy": float(model.score(inputs, rows["late"]))})
context.log_baseline(inputs)
context.log_model(model, example=inputs.head(3), pyfunc_predict_fn="predict_proba")
"""
DATA = "distance,hour,late\n" + "".join(
    f"{200.5 + 37 * (i % 41)},{i % 24}.25,{int(i % 24 + i % 7 > 15)}\n" for i in range(240)
)
ROWS = "[" + ",".join(f'{{"distance": {150 + 97 * i}.5, "hour": {i}.5}}' for i in range(12)) + "]"


@dataclass(frozen=True)
class User(Laptop):
    """A laptop whose user has credentials for the cloud."""

    cloud: Cloud

    @property
    def env(self) -> dict[str, str]:
        own = super().env
        path = os.pathsep.join([str(PLUGINS), own["PATH"]])
        python = {"PULUMI_TEST_PYTHON": sys.executable}
        return {**own, **self.cloud.environment, **python, "PATH": path}


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with cloud(work="processes", root=tmp_path / "cloud") as aws:
        made = User(tmp_path / "flights", aws)
        for name, text in {"mlops.yaml": MANIFEST, "train.py": TRAIN, "data/a.csv": DATA}.items():
            (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (made.folder / name).write_text(text)
        yield made
        for process in made.processes():
            process.kill()


def test_what_a_user_sees_on_aws_is_what_a_laptop_shows(user: User) -> None:
    empty = everything(user.cloud)

    assert "absent" in user.run("status", "-s", "aws")
    on_laptop, on_aws = lived(user, "dev"), lived(user, "aws")

    near, far = on_laptop.pop("predictions"), on_aws.pop("predictions")
    assert [pytest.approx(row, abs=1e-9) for row in near] == far
    assert {name: said for name, said in on_aws.items() if said != on_laptop[name]} == {}
    served_elsewhere(user)
    leaves_nothing(user, empty)


def lived(user: User, stack: str) -> dict[str, Any]:
    """Do what a user does, from the first `up` to a prediction; return what was told."""
    user.run("up", "-s", stack)
    told: dict[str, Any] = {"after up": states(user, stack)}
    (run,) = user.json("runs", "delay", "-s", stack)
    told["run"] = {name: run[name] for name in ("component", "kind", "status", "metrics", "reason")}
    told["log"] = "learned from 240 rows" in user.run("logs", "delay", "-s", stack)
    told["asked too early"] = refused(user, "predict", "score", ROWS, "-s", stack)
    told["checked too early"] = user.json("check", "watch", "-s", stack)
    user.run("approve", "late", "1", "--as", "ada", "-m", "looks right", "-s", stack)
    # On AWS the alias moves once the version serves.
    eventually(lambda: version(user, stack)["aliases"] == ["champion"], seconds=90)
    told["approved"] = {**states(user, stack), **version(user, stack)}
    told["predictions"] = user.json_text("predict", "score", ROWS, "-s", stack)["predictions"]
    told["wrong rows"] = "distance" in refused(user, "predict", "score", "[{}]", "-s", stack)
    told["changes"] = set(user.json("up", "-s", stack)["changes"])
    return told


def states(user: User, stack: str) -> Mapping[str, str]:
    """Return the state of each component."""
    found = user.json("status", "-s", stack)
    return {item["component"]: item["state"] for item in found if item["kind"] != "Platform"}


def version(user: User, stack: str) -> Mapping[str, Any]:
    """Return what is told of the first version, less what differs by time and place."""
    first = user.json("versions", "late", "-s", stack)[-1]
    return {name: first[name] for name in ("version", "status", "aliases", "metrics", "approver")}


def refused(user: User, *words: str) -> str:
    """Run a command that must fail; return what it says, each name of a place left out."""
    process = user.start(*words)
    out, said = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, ""), said
    return said


def served_elsewhere(user: User) -> None:
    """A second version is promoted and rolled back; the engine sees no change in either."""
    again = user.json("run", "delay", "--again", "-s", "aws")
    assert (again["status"], again["model_version"]) == ("finished", 2)
    assert "is pending" in refused(user, "promote", "score", "2", "-s", "aws")
    user.run("approve", "late", "2", "--as", "ada", "-s", "aws")
    assert user.json("promote", "score", "2", "-s", "aws")["details"]["version"] == 2
    checked = user.json("check", "watch", "-s", "aws")
    assert (checked["status"], checked["metrics"]["rows"]) == ("finished", 12.0)
    assert told_the_truth(user)["unknown"] == 1
    assert user.json("rollback", "score", "-s", "aws")["details"]["version"] == 1
    assert set(user.json("preview", "-s", "aws")["changes"]) == {"same"}
    page = user.json("page", "-s", "aws")
    assert [len(page[part]) for part in ("runs", "versions", "endpoints", "checks")] == [2, 2, 1, 1]


def told_the_truth(user: User) -> Mapping[str, Any]:
    """Ask once by boto3 with a name for the request; tell what came of it, and of another."""
    (name,) = everything(user.cloud)["endpoints"]
    user.cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=f'{{"instances": {ROWS}}}', ContentType="application/json",
        InferenceId="monday-1",
    )  # fmt: skip
    labels = user.folder.with_name("labels.csv")  # beside the script it would be the jobs' code
    labels.write_text("request_id,late\nmonday-1,1\nnobody,0\n")
    return user.json("truth", "score", str(labels), "-s", "aws")


def leaves_nothing(user: User, empty: Mapping[str, set[str]]) -> None:
    """Both stacks are removed; nothing of them is left."""
    user.run("destroy", "--yes", "-s", "aws")
    left = everything(user.cloud)
    # SageMaker makes them, one of each for the whole account.
    assert left.pop("logs") == {f"/aws/sagemaker/{kind}Jobs" for kind in ("Processing", "Training")}
    assert left == empty
    user.run("destroy", "--yes", "-s", "dev")
    eventually(lambda: not user.processes(("runtime",)))
