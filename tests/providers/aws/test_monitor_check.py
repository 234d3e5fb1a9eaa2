"""A check as Model Monitor starts it: the verdict is the one of `local` on the same rows.

Proves what the container reads and leaves, in this process. Limit: SageMaker's own part, which
finds the captured files, merges the truth and publishes the metrics, is played by the test.
"""

import base64
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlops_iac_aws.monitors.capture import labels_in, labels_text
from mlops_iac_aws.work import __main__ as work

from mlops_iac import container_contract as contract
from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.conventions import OWN, SAGEMAKER, VERTEX
from mlops_iac.runtime.digest import BASELINE_FILE
from mlops_iac.runtime.layout import read_layout
from mlops_iac.runtime.learned import keep_learned_rows
from mlops_iac.runtime.result import describe_model
from tests.runtime.monitored import START, Monitored, labels

ROWS = pd.DataFrame(
    {"a": np.tile([0.0, 1.0, 2.0, 3.0], 50), "b": np.repeat([1.0, 0.0], 100)},
)
LIMITS = {
    "quality": {"missing": 0.05, "invalid": 0.05},
    "drift": {"columns": 0.5, "distance": 0.1},
    "min_rows": 20,
    "max_rows": 10_000,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mlflow import sklearn
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    truth = (ROWS.a > 1).astype(int)
    folder = tmp_path_factory.mktemp("model") / "model"
    sklearn.save_model(
        LogisticRegression().fit(ROWS, truth),
        str(folder),
        signature=infer_signature(ROWS, truth.to_numpy()),
        pip_requirements=[],
    )
    return folder


@dataclass
class SageMaker:
    """The files and variables with which Model Monitor starts a container."""

    root: Path
    signals: tuple[str, ...]
    files: int = 0
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def capture(self, inputs: pd.DataFrame, answers: list[Any], truth: Any = None) -> None:
        """Write what `Monitored.capture` writes, one request a row, as SageMaker does."""
        folder = self.root / "opt/ml/processing/input/endpoint/score/main/2026/11/21/00"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            _event(f"{self.files}-{i}", 1000 * self.files + i, row, answers[i], truth and truth[i])
            for i, row in enumerate(inputs.to_dict(orient="records"))
        ]
        (folder / f"{self.files:02}-00-000-x.jsonl").write_text("\n".join(lines) + "\n")
        self.files += 1

    def mount(self, path: Path, name: str, use: str) -> None:
        folder = self.root / "opt/ml/processing/baseline" / use
        folder.mkdir(parents=True)
        (folder / name).write_bytes(path.read_bytes())
        self.extra[f"baseline_{use}"] = f"/opt/ml/processing/baseline/{use}/{name}"

    def serve(self, model: Path, version: int = 2) -> None:
        """Mount an alias's copy of a model."""
        archive, said = self.root / "model.tar.gz", self.root / "version.json"
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(model, arcname=".")
        said.write_text(json.dumps({"version": version, "digest": tree_digest(model)}))
        self.mount(archive, "model.tar.gz", "statistics")
        self.mount(said, "version.json", "constraints")

    def environment(self, **parts: Any) -> dict[str, str]:
        task = {"signals": list(self.signals), **LIMITS, "performance": None, **parts}
        return {
            "dataset_source": "/opt/ml/processing/input/endpoint",
            "output_path": "/opt/ml/processing/output",
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_endpoint_name": "shop-score",
            "sagemaker_monitoring_schedule_name": "shop-watch-data",
            "start_time": "2026-11-21T00: 00: 00Z",
            "end_time": "2026-11-22T00: 00: 00Z",
            contract.ROOT: str(self.root),
            **{f"{contract.TASK_PART}{k.upper()}": json.dumps(v) for k, v in task.items()},
            **self.extra,
        }

    def check(self, patch: pytest.MonkeyPatch, **parts: Any) -> int:
        with patch.context() as variables:
            for name, value in self.environment(**parts).items():
                variables.setenv(name, value)
            return work.main(["monitor"])

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.output / "report.json").read_text())

    @property
    def output(self) -> Path:
        return self.root / "opt/ml/processing/output"

    @property
    def message(self) -> str:
        return (self.root / "opt/ml/output/message").read_text()

    @property
    def metrics(self) -> list[Mapping[str, Any]]:
        path = self.root / "opt/ml/output/metrics/cloudwatch/cloudwatch_metrics.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]


def _event(request: str, second: int, row: Mapping[str, Any], answer: Any, truth: Any) -> str:
    asked = json.dumps({"instances": [row]})
    document = {
        "captureData": {
            "endpointInput": {
                "observedContentType": "application/json",
                "mode": "INPUT",
                "data": base64.b64encode(asked.encode()).decode(),
                "encoding": "BASE64",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": json.dumps({"predictions": [answer]}),
                "encoding": "JSON",
            },
        },
        "eventMetadata": {
            "eventId": f"event-{request}",
            "inferenceId": request,
            "inferenceTime": (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "eventVersion": "0",
    }
    if truth is not None:
        document["groundTruthData"] = {"data": labels_text({0: truth}), "encoding": "CSV"}
    return json.dumps(document)


ALL = ("data_quality", "data_drift", "prediction_drift")


def _pair(tmp_path: Path, model: Path) -> tuple[Monitored, SageMaker]:
    """Return one monitor on `local` and one on SageMaker, with the same baseline and model."""
    local = Monitored(tmp_path / "local", ALL)
    local.folder.mkdir()
    local.baseline(ROWS)
    local.settings["model"] = {
        "version": "2",
        "path": str(model),
        "digest": tree_digest(model),
        "trust_pickle": False,
    }
    ROWS.to_parquet(model / BASELINE_FILE, index=False)
    cloud = SageMaker(tmp_path / "cloud", ALL)
    cloud.root.mkdir()
    cloud.serve(model)
    return local, cloud


@pytest.mark.parametrize("shift", [0.0, 2.5])
def test_the_findings_are_those_of_local_on_the_same_rows(
    shift: float, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local, cloud = _pair(tmp_path, model)
    for seed in (1, 2):
        rows = ROWS.sample(60, random_state=seed).reset_index(drop=True) + shift
        answers = [int(a > 1) for a in rows.a]
        local.capture(rows, answers, version="2")
        cloud.capture(rows, answers)

    expected = local.check()

    assert cloud.check(monkeypatch) == 0, cloud.message
    assert cloud.report["signals"] == expected["signals"]
    assert {k: cloud.report[k] for k in ("alarm", "reason", "rows", "window")} == {
        k: expected[k] for k in ("alarm", "reason", "rows", "window")
    }
    assert cloud.report["alarm"] is (shift > 0)
    _is_told(cloud)


def _is_told(cloud: SageMaker) -> None:
    report, said = cloud.report, {m["MetricName"]: m["Value"] for m in cloud.metrics}
    violations = json.loads((cloud.output / "constraint_violations.json").read_text())["violations"]

    assert said["alarm"] == float(report["alarm"])
    assert said["data_drift"] == report["signals"]["data_drift"]["value"]
    assert bool(violations) is report["alarm"]
    assert cloud.message.startswith("CompletedWithViolations" if report["alarm"] else "Completed:")
    assert cloud.metrics[0]["Dimensions"] == [
        {"Name": "Endpoint", "Value": "shop-score"},
        {"Name": "MonitoringSchedule", "Value": "shop-watch-data"},
    ]


def test_a_declared_baseline_is_a_folder_beside_the_copy_of_the_version(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local, _ = _pair(tmp_path, model)
    cloud = SageMaker(tmp_path / "declared", ALL)
    cloud.root.mkdir()
    cloud.serve(model)
    rows, copy = (cloud.root / "opt/ml/processing/baseline" / name for name in ("rows", "copy"))
    (cloud.root / "opt/ml/processing/baseline/statistics").rename(copy)
    (cloud.root / "opt/ml/processing/baseline/constraints/version.json").rename(
        copy / "version.json"
    )
    rows.mkdir()
    (ROWS + 1).to_csv(rows / "rows.csv", index=False)
    cloud.extra |= {"baseline_statistics": str(rows), "baseline_constraints": f"{copy}/"}
    (ROWS + 1).to_parquet(tmp_path / "declared.parquet", index=False)
    local.settings["baseline"] = [str(tmp_path / "declared.parquet")]
    local.capture(ROWS, [0] * 200, version="2")
    cloud.capture(ROWS, [0] * 200)

    assert cloud.check(monkeypatch) == 0, cloud.message
    assert cloud.report["signals"] == local.check()["signals"]
    assert cloud.report["alarm"] is True


def test_truth_that_model_monitor_merged_is_judged_as_on_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    performance = {"metric": "accuracy", "threshold": 0.7}
    local = Monitored(tmp_path / "local", ("model_quality",))
    local.folder.mkdir()
    cloud = SageMaker(tmp_path / "cloud", ("model_quality",))
    truth = [0] * 20 + [1] * 20
    local.capture(ROWS.head(40), [0] * 40)
    local.tell([f"0-{i}" for i in range(40)], truth)
    cloud.capture(ROWS.head(40), [0] * 40, truth)

    expected = local.check(performance=performance, labels=labels(local))

    assert cloud.check(monkeypatch, performance=performance) == 0, cloud.message
    assert cloud.report["signals"] == expected["signals"]
    assert cloud.report["alarm"] is True


def test_rows_outside_of_the_span_are_left_out_and_few_rows_are_no_verdict(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cloud = _pair(tmp_path, model)
    cloud.capture(ROWS.head(30), [0] * 30)
    cloud.extra["start_time"] = "2026-11-21T00:00:15Z"

    assert cloud.check(monkeypatch) == 0
    assert cloud.report["alarm"] is None
    assert "15 new rows, a verdict needs 20" in cloud.report["reason"]
    assert {m["MetricName"] for m in cloud.metrics} == {"alarm", "rows"}


def test_only_the_newest_rows_are_read_and_the_others_counted(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cloud = _pair(tmp_path, model)
    cloud.capture(ROWS - 100, [0] * 200)
    cloud.capture(ROWS, [0] * 200)

    assert cloud.check(monkeypatch, max_rows=200) == 0
    assert cloud.report["signals"]["data_drift"]["alarm"] is False
    assert (cloud.report["rows"], cloud.report["new_rows"]) == (200, 400)


def test_a_request_that_the_model_refuses_is_counted_and_not_judged(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cloud = _pair(tmp_path, model)
    cloud.capture(ROWS, [0] * 200)
    cloud.capture(pd.DataFrame({"wrong": ["x"] * 3}), [0] * 3)

    assert cloud.check(monkeypatch) == 0
    assert (cloud.report["rows"], cloud.report["unreadable"]) == (200, 3)


def test_without_a_baseline_the_check_fails_and_says_what_to_do(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cloud = _pair(tmp_path, model)
    (model / BASELINE_FILE).unlink()
    bare = SageMaker(tmp_path / "bare", ALL)
    bare.root.mkdir()
    bare.serve(model)
    bare.capture(ROWS, [0] * 200)

    assert bare.check(monkeypatch) == 1
    assert "there is no baseline" in bare.message
    assert not cloud.files


def test_truth_of_others_and_of_ours_reads_the_same() -> None:
    assert labels_in("1") == (1,)
    assert labels_in("yes\n\nno") == ("yes", None, "no")
    assert labels_in(labels_text({0: "yes", 2: True, 3: 0.5})) == ("yes", None, True, 0.5)


@pytest.mark.parametrize("platform", [SAGEMAKER.name, VERTEX.name, OWN.name])
def test_a_model_carries_what_it_learned_from_where_it_travels_alone(
    platform: str, tmp_path: Path, model: Path
) -> None:
    data = tmp_path / "rows"
    data.mkdir()
    ROWS.assign(other=1).to_csv(data / "rows.csv", index=False)
    layout = read_layout(
        {contract.PLATFORM: platform, f"{contract.INPUT}ROWS": str(data),
         contract.OUTPUT_DIR: str(tmp_path), contract.MODEL_DIR: str(model)}
    )  # fmt: skip
    (model / BASELINE_FILE).unlink(missing_ok=True)
    described = describe_model(model, None)
    assert described is not None

    keep_learned_rows(layout, described)

    kept = model / BASELINE_FILE
    assert kept.exists() is (platform != OWN.name)
    assert tree_digest(model) == described.digest
    if kept.exists():
        assert sorted(pd.read_parquet(kept).a) == sorted(ROWS.a)
