"""A check of captured traffic: the verdict is the one of `local` on the same rows.

Proves what is read of a data collector's files, both steps of a check, and what they leave and
tell, in this process. Limit: the pipeline job around them is played by two calls.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlops_iac_azure import documents, place, rest
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.jobs.components import NO_KEY
from mlops_iac_azure.kept import labels_of
from mlops_iac_azure.monitor_steps import JUDGED_BY
from mlops_iac_azure.monitors import telling, traffic
from mlops_iac_azure.work.launch import Launch, perform
from mlops_iac_azure.work.monitor import judged, told

from mlops_iac.loop.logged import of, requests
from mlops_iac.loop.preparing import Window
from mlops_iac.runtime import tree_digest
from tests.providers.azure.loop.world import Asked, Loop
from tests.providers.azure_and_gcp.monitored import ALL, LIMITS, ROWS, model
from tests.runtime.monitored import Monitored

__all__ = ["model"]


def capture(loop: Loop, to: str, rows: pd.DataFrame, answers: Sequence[Any], hours: float) -> None:
    """Capture one request a row, some hours ago; the last one is the newest."""
    begin = datetime.now(UTC) - timedelta(hours=hours)
    for i, row in enumerate(rows.to_dict(orient="records")):
        loop.log(Asked(to, begin + timedelta(seconds=i), [row], [answers[i]], f"r{i}"))


def launch_of(loop: Loop, step: str, run: str = "watch-1", **told: Any) -> Launch:
    document = {
        "component": "watch", "step": step, "bucket": loop.bucket, "job": "watch",
        "watched": asdict(loop.watched), **told,
    }  # fmt: skip
    return Launch(where=loop.where, document=document, run=run, key="k")


def check(loop: Loop, signals: Sequence[str] = ALL, **settings: Any) -> dict[str, Any]:
    """Do both steps of a check; return what the second one tells."""
    task = {**LIMITS, "signals": list(signals), **settings}
    perform(launch_of(loop, "watch-judge", task=task, within={}), judged)
    perform(last := launch_of(loop, "watch", **{JUDGED_BY: "watch-judge"}), told)
    return dict(last.report_of("watch"))


def report(loop: Loop, said: dict[str, Any]) -> dict[str, Any]:
    return documents.read(loop.where, loop.bucket, f"{said['folder']}/report.json") or {}


@pytest.fixture
def run(loop: Loop) -> str:
    """The run of a check, in the workspace."""
    loop.define("watch")
    definition = documents.read(loop.where, loop.bucket, place.definition_key("watch")) or {}
    body = {"properties": definition["pipeline_job"]}
    return runs.start_body(loop.where, body, "watch-1", NO_KEY).id


def tags(loop: Loop, run: str) -> dict[str, str]:
    job = rest.call(loop.where, "GET", runs.job_id(loop.where, run))
    return job["properties"].get("tags") or {}


@pytest.mark.parametrize("shift", [0.0, 2.5])
@pytest.mark.usefixtures("run")
def test_the_findings_are_those_of_local_on_the_same_rows(
    shift: float, tmp_path: Path, model: Path, loop: Loop
) -> None:
    local = Monitored(tmp_path / "local", ALL)
    local.folder.mkdir()
    local.baseline(ROWS)
    local.settings["model"] = {
        "version": "1", "path": str(model), "digest": tree_digest(model), "trust_pickle": False,
    }  # fmt: skip
    rows = ROWS.sample(60, random_state=0).reset_index(drop=True) + shift
    answers = [int(a > 1) for a in rows.a]
    local.capture(rows, answers, version="1")
    capture(loop, loop.serve(model), rows, answers, hours=1)

    expected, found = local.check(), report(loop, check(loop))

    assert found["signals"] == expected["signals"]
    assert {k: found[k] for k in ("alarm", "reason", "rows")} == {
        k: expected[k] for k in ("alarm", "reason", "rows")
    }
    assert found["alarm"] is (shift > 0)


def test_an_alarm_is_a_report_a_point_and_a_tag_that_the_runs_event_carries(
    loop: Loop, model: Path, run: str
) -> None:
    capture(loop, loop.serve(model), ROWS.head(60) + 9, [1] * 60, hours=1)

    said = check(loop)

    assert tags(loop, run)[telling.ALARM_TAG] == "flights-watch"
    assert loop.points(telling.FINDINGS)["flights-watch", "alarm"] == 1.0
    (seen,) = loop.world().checks(frozenset())
    assert (seen.alarm, seen.id) == (True, f"{said['folder']}/report.json")
    pages = documents.paths(loop.where, loop.bucket, said["folder"])
    assert [path.rpartition("/")[2] for path in pages] == ["report.html", "report.json"]
    # What has a verdict is not looked at again.
    assert "no traffic was logged" in check(loop)["nothing"]


def test_a_quiet_check_tags_nothing_and_closes_the_alert(loop: Loop, model: Path, run: str) -> None:
    rows = ROWS.head(60)
    capture(loop, loop.serve(model), rows, [int(a > 1) for a in rows.a], hours=1)

    check(loop, ("data_quality",))

    assert telling.ALARM_TAG not in tags(loop, run)
    assert loop.points(telling.FINDINGS)["flights-watch", "alarm"] == 0.0


@pytest.mark.usefixtures("run")
def test_late_truth_is_judged_also_of_requests_before(
    loop: Loop, model: Path, tmp_path: Path
) -> None:
    capture(loop, loop.serve(model), ROWS.head(40), [0] * 40, hours=3)
    loop.report(datetime.now(UTC) - timedelta(hours=1), alarm=False)
    file = tmp_path / "truth.csv"
    late = "".join(f"r{i},{int(i >= 20)}\n" for i in range(40))
    file.write_text(f"request_id,late\n{late}")
    known = {f"r{i}" for i in range(40)}
    labels_of(loop.where, loop.bucket, "score").tell(file, None, known=known)

    performance = {"metric": "accuracy", "threshold": 0.7}
    found = report(loop, check(loop, ("model_quality",), performance=performance))

    assert found["alarm"] is True
    assert found["signals"]["model_quality"]["value"] == 0.5
    assert found["new_rows"] == 0


@pytest.mark.usefixtures("run")
def test_a_request_that_the_model_refuses_is_counted_and_not_judged(
    loop: Loop, model: Path
) -> None:
    to = loop.serve(model)
    capture(loop, to, ROWS.head(60), [0] * 60, hours=2)
    capture(loop, to, pd.DataFrame({"wrong": ["x"] * 3}), [0] * 3, hours=1)

    found = report(loop, check(loop))

    assert (found["rows"], found["unreadable"]) == (60, 3)


def test_what_has_no_answer_is_not_judged_and_the_model_is_brought_to_the_check(
    loop: Loop, model: Path, tmp_path: Path
) -> None:
    at, row = datetime.now(UTC) - timedelta(minutes=1), {"a": 1.0, "b": 0.0}
    to = loop.serve(model)
    loop.log(Asked(to, at, [row], [0], "0"), Asked(to, at, [row], [], "unanswered"))

    found = loop.prepared(tmp_path / "check")

    assert [each["request"] for each in found.new] == ["0"]
    assert tree_digest(Path(found.model["path"])) == tree_digest(model)


def test_a_row_names_itself_before_its_request_does(loop: Loop) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    rows = [{"a": 1, "request_id": "x"}, {"a": 2, "request_id": "y"}]
    loop.log(Asked("m1-a", at, rows, [0, 1], "r"), Asked("m1-a", at, [{"a": 1}], [0], "mine"))

    window = Window(deployed="m1-a", since=at - timedelta(hours=1), until=datetime.now(UTC))
    found = traffic.fetch(loop.where, loop.watched.captures, "score", window)

    assert requests(found) == {"x", "y", "mine"}


def test_csv_and_what_is_too_large_for_a_line_are_read(loop: Loop) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    bucket = loop.watched.captures
    beside = "score/m1-a/raw/1"
    documents.write_bytes(loop.where, bucket, beside, b'{"predictions": [0]}')
    lines = {
        "request": {"data": "a,b\n1,2", "datacontenttype": "text/csv"},
        "response": {"data": place.uri(bucket, beside), "datainblob": "true"},
    }
    for collection, own in lines.items():
        event = {"time": at.isoformat(), "correlationid": "c", **own}
        path = f"score/m1-a/{collection}/{at:%Y/%m/%d/%H}/i.jsonl"
        documents.write_bytes(loop.where, bucket, path, json.dumps(event).encode())

    window = Window(deployed="m1-a", since=at - timedelta(hours=1), until=datetime.now(UTC))
    (logged,) = traffic.fetch(loop.where, bucket, "score", window)
    (event,) = of(logged)

    assert (event.request, event.asked.is_csv) == ("c", True)
    assert event.asked.content == b"a,b\n1,2"
    assert json.loads(event.answered.content) == {"predictions": [0]}
