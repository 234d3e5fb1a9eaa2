"""A check of logged traffic: the verdict is the one of `local` on the same rows.

Proves the query of the log, what the launcher hands over, and the judgement, in this process.
Limit: the job between them is played by a call; `tests/clouds_gcp` executes such jobs.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlops_iac_gcp.kept import labels_of
from mlops_iac_gcp.monitors import telling
from mlops_iac_gcp.work.launch import Launch
from mlops_iac_gcp.work.monitor import checked

from mlops_iac import container_contract as contract
from mlops_iac.loop import logged as requests
from mlops_iac.loop.judging import judge
from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.layout import read_layout
from tests.providers.azure_and_gcp.monitored import ALL, LIMITS, ROWS, model
from tests.providers.gcp.loop.world import Asked, Loop, logged
from tests.runtime.monitored import START, Monitored, labels

__all__ = ["model"]


@dataclass
class Vertex:
    """The files that a launcher leaves for the job that judges."""

    folder: Path
    model: Path
    signals: tuple[str, ...] = ALL
    requests: list[dict[str, Any]] = field(default_factory=list)
    older: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, list[Any]] = field(default_factory=dict)

    def log(self, rows: pd.DataFrame, answers: Sequence[Any], number: int = 0) -> None:
        """Log what `Monitored.capture` captures: one request a row, which names itself."""
        for i, row in enumerate(rows.to_dict(orient="records")):
            at = START + timedelta(seconds=1000 * number + i)
            named = {**row, "request_id": f"{number}-{i}"}
            found = logged(Asked("1", at, [named], [answers[i]], str(i)))
            self.requests.insert(0, _as_fetched(found))

    def check(self, **settings: Any) -> dict[str, Any]:
        """Judge; return the report."""
        self.folder.mkdir(exist_ok=True)
        files = {
            "traffic": requests.lines(self.requests),
            "older": requests.lines(self.older),
            "told": json.dumps(self.told),
        }
        for name, text in files.items():
            (self.folder / name).write_text(text)
        task = {
            **LIMITS,
            "signals": list(self.signals),
            **{name: str(self.folder / name) for name in files},
            "span": {"from": START.isoformat(), "to": (START + timedelta(days=1)).isoformat()},
            "model": {
                "version": "2",
                "path": str(self.model),
                "digest": tree_digest(self.model),
                "trust_pickle": False,
            },
            **settings,
        }
        out = self.folder / "output"
        out.mkdir(exist_ok=True)
        judge(read_layout({contract.PLATFORM: "mlops-iac", contract.OUTPUT_DIR: str(out)}), task)
        return json.loads((out / "report.json").read_text())


def _as_fetched(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["logging_time"],
        "request": row["request_id"],
        "asked": row["request_payload"],
        "answered": row["response_payload"],
    }


@pytest.mark.parametrize("shift", [0.0, 2.5])
def test_the_findings_are_those_of_local_on_the_same_rows(
    shift: float, tmp_path: Path, model: Path
) -> None:
    local, vertex = Monitored(tmp_path / "local", ALL), Vertex(tmp_path / "vertex", model)
    local.folder.mkdir()
    local.baseline(ROWS)
    local.settings["model"] = {
        "version": "2", "path": str(model), "digest": tree_digest(model), "trust_pickle": False,
    }  # fmt: skip
    for number in (0, 1):
        rows = ROWS.sample(60, random_state=number).reset_index(drop=True) + shift
        answers = [int(a > 1) for a in rows.a]
        local.capture(rows, answers, version="2")
        vertex.log(rows, answers, number)

    expected, found = local.check(), vertex.check()

    assert found["signals"] == expected["signals"]
    assert {k: found[k] for k in ("alarm", "reason", "rows", "window")} == {
        k: expected[k] for k in ("alarm", "reason", "rows", "window")
    }
    assert found["alarm"] is (shift > 0)


def test_late_truth_is_judged_as_on_local_also_of_requests_before(
    tmp_path: Path, model: Path
) -> None:
    performance = {"metric": "accuracy", "threshold": 0.7}
    local = Monitored(tmp_path / "local", ("model_quality",))
    local.folder.mkdir()
    vertex = Vertex(tmp_path / "vertex", model, ("model_quality",))
    late = [0] * 20 + [1] * 20
    local.capture(ROWS.head(40), [0] * 40)
    local.tell([f"0-{i}" for i in range(40)], late)
    vertex.log(ROWS.head(40), [0] * 40)
    vertex.older, vertex.requests = vertex.requests, []
    vertex.told = {f"0-{i}": [label] for i, label in enumerate(late)}

    expected = local.check(performance=performance, labels=labels(local))
    found = vertex.check(performance=performance)

    assert found["signals"] == expected["signals"]
    assert found["alarm"] is True
    assert found["new_rows"] == 0


def test_a_request_that_the_model_refuses_is_counted_and_not_judged(
    tmp_path: Path, model: Path
) -> None:
    vertex = Vertex(tmp_path / "vertex", model)
    vertex.log(ROWS, [0] * 200)
    vertex.log(pd.DataFrame({"wrong": ["x"] * 3}), [0] * 3, 1)

    found = vertex.check()

    assert (found["rows"], found["unreadable"]) == (200, 3)


def test_a_request_is_read_in_each_form_that_vertex_ai_logs() -> None:
    at = "2026-11-21T10:00:00+00:00"
    rows = {"at": at, "request": "7", "asked": ['{"a": 1}', '{"a": 2}'], "answered": ["0", "1"]}
    whole = {
        "at": at, "request": "7",
        "asked": ['{"instances": [{"a": 1, "request_id": "x"}, {"a": 2, "request_id": "y"}]}'],
        "answered": ['{"predictions": [0, 1]}'],
    }  # fmt: skip
    csv = {"at": at, "request": "7", "asked": ["a,b\n1,2"], "answered": ['{"predictions": [0]}']}

    one, two, text = (list(requests.of(each)) for each in (rows, whole, csv))

    assert [event.request for event in one] == ["7"]
    assert json.loads(one[0].asked.content) == {"instances": [{"a": 1}, {"a": 2}]}
    assert [event.request for event in two] == ["x", "y"]
    assert [json.loads(event.answered.content)["predictions"] for event in two] == [[0], [1]]
    assert (text[0].asked.is_csv, text[0].asked.content) == (True, b"a,b\n1,2")


def test_truth_is_kept_by_request_and_brings_its_older_requests_back(
    loop: Loop, tmp_path: Path
) -> None:
    loop.shop.serve(loop.shop.register())
    now = datetime.now(UTC)
    before, to = now - timedelta(hours=3), loop.shop.now().id
    loop.log(*(Asked(to, before, [{"a": 1, "request_id": f"r{i}"}], [0], str(i)) for i in range(2)))
    loop.report(now - timedelta(hours=1), alarm=False)
    file = tmp_path / "truth.csv"
    file.write_text("request_id,late\nr1,1\nelsewhere,0\n")

    told = labels_of(loop.where, loop.bucket, "score")
    said = told.tell(file, None, known={"r0", "r1"})

    assert (said.rows, said.unknown, said.examples) == (2, 1, ("elsewhere",))
    found = loop.prepared(tmp_path)
    assert [each["request"] for each in found.older] == ["1"]
    assert found.labels == {"r1": [1], "elsewhere": [0]}


def test_findings_are_points_of_one_metric_and_an_alarm_is_a_message(loop: Loop) -> None:
    telling.measure(loop.where, loop.watched.metric, {"alarm": 1.0, "rows": 40.0})
    telling.publish(loop.where, loop.watched.topic, {"monitor": "watch"})

    asked = f'filter=metric.type="{loop.watched.metric}"'.replace('"', "%22")
    told = loop.ask("GET", f"monitoring/v3/projects/{loop.where.project}/timeSeries?{asked}")
    values = {
        one["metric"]["labels"]["finding"]: one["points"][0]["value"]["doubleValue"]
        for one in told["timeSeries"]
    }
    assert values == {"alarm": 1.0, "rows": 40.0}
    assert loop.heard("watch") == [{"monitor": "watch"}]


def launch_of(loop: Loop) -> Launch:
    watched = asdict(loop.watched)
    document = {
        "component": "watch", "step": "watch", "bucket": loop.bucket, "job": "watch",
        "task": {**LIMITS, "signals": ["data_drift"]}, "watched": watched,
    }  # fmt: skip
    name = f"{loop.where.parent}/pipelineJobs/watch-1"
    return Launch(where=loop.where, document=document, run_name=name, key="k")


def test_a_check_hands_the_job_its_files_keeps_its_report_and_tells(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.shop.serve(loop.shop.register())
    at = datetime.now(UTC) - timedelta(minutes=9)
    loop.log(Asked(loop.shop.now().id, at, [{"a": 1}], [0], "5"))
    tasks = list[dict[str, Any]]()

    def job(launch: Launch) -> dict[str, Any]:
        task = launch.document["task"]
        tasks.append(task)
        report = {"alarm": True, "alarms": ["data_drift"], "reason": "far", "span": task["span"]}
        loop.put(f"{launch.base}/output/report.json", report)
        return {"left": launch.base, "metrics": {"alarm": 1.0, "rows": 1.0}}

    monkeypatch.setattr("mlops_iac_gcp.work.monitor.done", job)

    told = checked(launch_of(loop))

    (task,) = tasks
    assert task["traffic"] == f"/gcs/{loop.bucket}/runs/watch/watch-1/watch/traffic.jsonl"
    assert task["model"]["path"].startswith(f"/gcs/{loop.bucket}/runs/")
    (check,) = loop.world().checks(frozenset())
    assert (check.alarm, check.id) == (True, f"{told['folder']}/report.json")
    assert loop.heard("watch")[0]["alarms"] == ["data_drift"]
    # What has a verdict is not looked at again.
    assert "no traffic was logged" in checked(launch_of(loop))["nothing"]
