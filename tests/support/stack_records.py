"""Records of a stack that lived through the whole loop: made up, in the form of the real ones."""

from dataclasses import replace
from typing import Any

from mlops_iac.operations import ModelVersion, Run
from mlops_iac.records import (
    Bucket,
    Check,
    ColumnSignal,
    Distribution,
    EndpointRecord,
    Judgement,
    Latency,
    PipelineRun,
    PolicyEvent,
    PolicyRecord,
    SearchRun,
    Served,
    SignalRecord,
    StackRecords,
    Step,
    Trial,
    Validation,
    VersionRecord,
)

COLUMNS = {"hour": 0.42, "distance": 0.03, "origin": 0.18, "temp": 2.31, "wind": 0.07,
           "visib": 0.31, "dewp": 2.05, "pressure": 0.25}  # fmt: skip


def at(minute: float) -> str:
    """Return a moment of the stack's life."""
    return f"2026-11-21T07:{int(minute):02}:{round(minute % 1 * 60):02}.000+00:00"


def run(component: str, kind: str, start: float, **more: Any) -> Run:
    """Return a run of half a minute."""
    facts: dict[str, Any] = {
        "id": f"{component}{start:g}".replace(".", "").ljust(32, "0"),
        "key": "a1b2c3d4e5f60718",
        "status": "finished",
        "started": at(start),
        "ended": at(start + 0.5),
        "metrics": {},
        "model_version": None,
    }
    return Run(component=component, kind=kind, **{**facts, **more})


def version(number: int, created: float, **more: Any) -> ModelVersion:
    """Return an approved version of `late`."""
    facts: dict[str, Any] = {
        "status": "approved",
        "aliases": (),
        "approver": "ada",
        "author": "grace",
    }
    return ModelVersion(
        model="late", version=number, run_id=f"{number}0" * 16, digest=f"{number}f" * 32,
        created=at(created), metrics={"auc": 0.64 + number / 100}, **{**facts, **more},
    )  # fmt: skip


GATE = Judgement(
    name="roc_auc", passed=True, detail="roc_auc 0.7134 ≥ 0.6592 of the champion",
    candidate=0.7134, champion=0.6592, threshold=0.6,
)  # fmt: skip
REFUSAL = replace(
    GATE, passed=False, candidate=0.5811, detail="roc_auc 0.5811 < 0.7134 of the champion",
    champion=0.7134,
)  # fmt: skip


def _numbers(*shares: float) -> Distribution:
    return Distribution(shares=shares, edges=tuple(float(edge) for edge in range(len(shares) + 1)))


def _column(name: str, distance: float) -> ColumnSignal:
    is_category = name == "origin"
    baseline = _numbers(0.1, 0.3, 0.4, 0.15, 0.05)
    current = _numbers(0.05, 0.15, 0.3, 0.3, 0.2)
    if is_category:
        baseline = Distribution(shares=(0.36, 0.31, 0.33), labels=("EWR", "LGA", "JFK"))
        current = Distribution(shares=(0.2, 0.3, 0.5), labels=("EWR", "LGA", "JFK"))
    return ColumnSignal(
        name=name, kind="category" if is_category else "number", alarm=distance > 0.1,
        value=distance, baseline=baseline, current=current,
    )  # fmt: skip


def _check(start: float, *, alarm: bool, version: int) -> Check:
    scale = 1.0 if alarm else 0.05
    columns = tuple(_column(name, round(value * scale, 4)) for name, value in COLUMNS.items())
    drifted = sum(column.alarm for column in columns)
    return Check(
        run=run("watch", "ModelMonitor", start),
        alarm=alarm,
        reason=f"{drifted} of {len(columns)} columns have drifted",
        rows=4211,
        new_rows=5000,
        model_version=str(version),
        signals=(
            SignalRecord(name="data_drift", alarm=alarm, value=drifted / len(columns),
                         threshold=0.5, column_threshold=0.1, columns=columns),
            SignalRecord(name="model_quality", alarm=None, value=None, threshold=0.6,
                         reason="12 labelled rows are too few for a verdict"),
        ),
    )  # fmt: skip


def _steps(*, retrained: bool) -> tuple[Step, ...]:
    return (
        Step(name="sound", status="finished", seconds=1.4),
        Step(name="hourly", status="finished", seconds=3.2, after=("sound",)),
        Step(name="weather", status="finished", after=("sound",), adopted=not retrained),
        Step(name="delay", status="finished", seconds=9.8, after=("hourly", "weather")),
    )


TRIALS = tuple(
    Trial(number=number, value=value, state="failed" if value is None else "finished",
          parameters={"learning_rate": 0.01 * (number + 1), "max_depth": 3 + number % 4},
          seconds=1.1)
    for number, value in enumerate((0.641, 0.652, None, 0.671, 0.668, 0.666))
)  # fmt: skip

LATENCY = Latency(
    version="2",
    seconds=1.9,
    buckets=tuple(
        Bucket(seconds=bound, answers=answers)
        for bound, answers in ((0.0001, 0), (0.00025, 3100), (0.0005, 1050), (0.001, 45),
                               (0.01, 16), (None, 0))
    ),
)  # fmt: skip


def whole_loop(**more: Any) -> StackRecords:
    """Return records from the first training to the promotion, and a candidate that was refused."""
    bad = run("sound", "DataValidation", 1, status="failed", reason="the data break the contract")
    good = run("sound", "DataValidation", 2)
    search = run("tune", "HyperparameterSearch", 3, metrics={"auc": 0.671})
    first = run("delay", "TrainingJob", 5, metrics={"auc": 0.65}, model_version=1)
    passed = run("retrain", "Pipeline", 20, model_version=2)
    refused = run("retrain", "Pipeline", 30)
    checks = (_check(25, alarm=False, version=2), _check(18, alarm=True, version=1),
              _check(15, alarm=False, version=1), _check(14, alarm=False, version=1))  # fmt: skip
    facts: dict[str, Any] = {
        "project": "flights",
        "stack": "dev",
        "target": "local",
        "made": at(40),
        "place": "/home/ada/flights/.mlops-iac/dev",
        "runs": (refused, passed, *(check.run for check in checks), first, search, good, bad),
        "versions": (
            VersionRecord(
                version=version(2, 20.5, aliases=("champion",), approver="policy keep-fresh"),
                decided=at(21), gates=(GATE,), comment="every gate passed",
            ),
            VersionRecord(version=version(1, 5.5), decided=at(6), comment="good enough to start"),
        ),
        "endpoints": (
            EndpointRecord(
                name="score", model="late", state="serving", version=2,
                url="http://127.0.0.1:41234/v1/models/late:predict",
                served=(Served(version=1, since=at(7)), Served(version=2, since=at(22))),
                answers={"200": 4211, "400": 3}, latency=(LATENCY,), memory_mb=212.4,
            ),
        ),
        "pipelines": (
            PipelineRun(run=refused, outcome="refused", steps=_steps(retrained=False),
                        gates=(REFUSAL,)),
            PipelineRun(run=passed, outcome="passed", steps=_steps(retrained=True), gates=(GATE,)),
        ),
        "searches": (SearchRun(run=search, metric="auc", goal="maximize", trials=TRIALS),),
        "checks": checks,
        "validations": (
            Validation(run=good, passed=True, rows=327346),
            Validation(run=bad, passed=False, rows=327346,
                       faults=("column `distance`: 17 of 327346 rows are less than 0",
                               "column `dest` is missing in `a.parquet`")),
        ),
        "policies": (
            PolicyRecord(
                name="keep-fresh", phase="idle", reason="gate roc_auc: refused, the champion stays",
                events=(
                    PolicyEvent(at=at(18.5), event="Checked", reason="alarm of data_drift",
                                actions=("StartRun",)),
                    PolicyEvent(at=at(20.5), event="RunEnded", reason="version 2 passed every gate",
                                actions=("Promote",)),
                ),
            ),
        ),
    }  # fmt: skip
    return StackRecords(**{**facts, **more})


def nothing_yet() -> StackRecords:
    """Return records of a stack on which nothing has run."""
    return StackRecords(
        project="flights", stack="dev", target="local", made=at(0), place="/home/ada/flights"
    )
