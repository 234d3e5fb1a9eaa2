"""What a user does with a small stack, on a laptop and on a cloud, by the `mlops-iac` command.

The stories of the clouds share it: each step is done on both targets and told in the same words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.cloud_laptop import CloudLaptop
from tests.support.laptop import eventually

_MANIFEST = """\
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
"""
_TRAIN = """\
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
_DATA = "distance,hour,late\n" + "".join(
    f"{200.5 + 37 * (i % 41)},{i % 24}.25,{int(i % 24 + i % 7 > 15)}\n" for i in range(240)
)
ROWS = "[" + ",".join(f'{{"distance": {150 + 97 * i}.5, "hour": {i}.5}}' for i in range(12)) + "]"


@dataclass(frozen=True)
class User(CloudLaptop):
    """A laptop whose user has credentials for a cloud; the stack there is named as the target."""

    target: str

    def write(self, region: str, account: str) -> None:
        """Write the project: data, a script, and a declaration for this machine and the cloud."""
        place = f'{{target: {self.target}, region: {region}, account: "{account}"}}'
        manifest = f"{_MANIFEST}  {self.target}: {{platform: {place}}}\n"
        texts = {"mlops.yaml": manifest, "train.py": _TRAIN, "data/a.csv": _DATA}
        for name, text in texts.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)


def same_as_on_a_laptop(user: User) -> list[Any]:
    """Live the first steps on both targets, compare what was told, return the predictions."""
    on_laptop, elsewhere = lived(user, "dev"), lived(user, user.target)
    near, far = on_laptop.pop("predictions"), elsewhere.pop("predictions")
    assert [pytest.approx(row, abs=1e-9) for row in near] == far
    differing = {name: said for name, said in elsewhere.items() if said != on_laptop[name]}
    assert differing == {}, f"{differing}; on a laptop {on_laptop}"
    return far


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
    # In a cloud the alias moves once the version serves.
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


def served_elsewhere(user: User, asked: Callable[[], str]) -> None:
    """A check; a second version is promoted and rolled back, and the engine sees no change in it.

    Args:
        user: who has lived the first steps.
        asked: asks the endpoint once by the cloud's own client; returns the request's name.
    """
    stack = user.target
    checked = user.json("check", "watch", "-s", stack)
    assert (checked["status"], checked["metrics"]["rows"]) == ("finished", 12.0)
    again = user.json("run", "delay", "--again", "-s", stack)
    assert (again["status"], again["model_version"]) == ("finished", 2)
    assert "is pending" in refused(user, "promote", "score", "2", "-s", stack)
    user.run("approve", "late", "2", "--as", "ada", "-s", stack)
    assert user.json("promote", "score", "2", "-s", stack)["details"]["version"] == 2
    assert told_the_truth(user, asked())["unknown"] == 1
    assert user.json("rollback", "score", "-s", stack)["details"]["version"] == 1
    assert set(user.json("preview", "-s", stack)["changes"]) == {"same"}
    page = user.json("page", "-s", stack)
    assert [len(page[part]) for part in ("runs", "versions", "endpoints", "checks")] == [2, 2, 1, 1]


def told_the_truth(user: User, request: str) -> Mapping[str, Any]:
    """Tell what came of a request, and of one that nobody made."""
    labels = user.folder.with_name("labels.csv")  # beside the script it would be the jobs' code
    labels.write_text(f"request_id,late\n{request},1\nnobody,0\n")
    return user.json("truth", "score", str(labels), "-s", user.target)
