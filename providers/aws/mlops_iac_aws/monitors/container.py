"""What Model Monitor tells a container of ours, and what it expects of it.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-containers.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.archives import unpack
from mlops_iac.runtime.conventions import root_of
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.inspection import read_metadata
from mlops_iac.runtime.monitor.rows import Span
from mlops_iac.runtime.signature import Signature, read_signature
from mlops_iac_aws.layout import MODEL
from mlops_iac_aws.layout import VERSION as VERSION_FILE

TRUTH = "ground_truth_source"
"""Variable of a check that nobody merges the truth for: one that is started by hand."""
VIOLATIONS = "constraint_violations.json"
_MESSAGE = "opt/ml/output/message"
_METRICS = "opt/ml/output/metrics/cloudwatch/cloudwatch_metrics.jsonl"
_MESSAGE_LIMIT = 1024
"""botocore sagemaker `ExitMessage`."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """One check's places, and what it is of."""

    root: Path
    dataset: Path
    output: Path
    mounted: Sequence[Path]
    """Folders of what is compared with: the declared rows, the copy of the version in service."""
    endpoint: str
    schedule: str
    span: Span
    truth: Path | None
    """Folder of the truth, where nobody has merged it with the traffic."""
    publishes: bool
    """Whether metrics go to CloudWatch."""

    @property
    def declared(self) -> Path | None:
        """The rows that the declaration names as the baseline."""
        own = {MODEL, VERSION_FILE}
        others = (path for path in self.mounted if not own.intersection(map(_name, path.iterdir())))
        return next(others, None)

    def version(self) -> dict[str, Any] | None:
        """Return which version is in service: `version`, `digest`."""
        path = self._copied(VERSION_FILE)
        return None if path is None else json.loads(path.read_text(encoding="utf-8"))

    def _copied(self, name: str) -> Path | None:
        return next((path / name for path in self.mounted if (path / name).is_file()), None)

    def unpacked_model(self, folder: Path) -> Path | None:
        """Unpack the model in service into a folder; return where its `MLmodel` is."""
        archive = self._copied(MODEL)
        if archive is None:
            return None
        folder.mkdir()
        unpack(archive, folder)
        found = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
        model = next((path for path in found if (path / "MLmodel").is_file()), None)
        if model is None:
            raise DataError(f"`{MODEL}` holds no model", remedy="deploy a registered version")
        return model

    def tell(self, message: str) -> None:
        """Leave the words that SageMaker shows as the job's exit message."""
        path = self.root / _MESSAGE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(message[:_MESSAGE_LIMIT], encoding="utf-8")

    def publish(self, metrics: Mapping[str, float]) -> None:
        """Leave metrics for CloudWatch, when they are asked for."""
        if not self.publishes:
            return
        path = self.root / _METRICS
        path.parent.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        dimensions = [
            {"Name": "Endpoint", "Value": self.endpoint},
            {"Name": "MonitoringSchedule", "Value": self.schedule},
        ]
        lines = [
            {"MetricName": name, "Timestamp": now, "Dimensions": dimensions, "Value": value}
            for name, value in sorted(metrics.items())
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def write_violations(self, report: Mapping[str, Any]) -> int:
        """Write what is wrong in Model Monitor's form; return how many faults there are."""
        found = list(_violations(report))
        write_json(self.output / VIOLATIONS, {"violations": found})
        return len(found)


def container_of(environment: Mapping[str, str]) -> Container:
    """Return what the environment of a check's container tells.

    Raises:
        DataError: it is none of Model Monitor's.
    """
    root = root_of(environment)
    try:
        return Container(
            root=root,
            dataset=_placed(environment["dataset_source"], root),
            output=_placed(environment["output_path"], root),
            mounted=tuple(_mounted(environment, root)),
            endpoint=environment["sagemaker_endpoint_name"],
            schedule=environment["sagemaker_monitoring_schedule_name"],
            span=Span(
                start=_moment(environment.get("start_time")),
                end=_moment(environment.get("end_time")),
            ),
            truth=_placed(environment[TRUTH], root) if TRUTH in environment else None,
            publishes=environment.get("publish_cloudwatch_metrics") == "Enabled",
        )
    except KeyError as error:
        raise DataError(
            f"the variable {error} is not set", remedy="start a check by its monitoring schedule"
        ) from error


def signature_of(model: Path | None) -> Signature:
    """Return what a model takes; nothing where there is none."""
    return Signature() if model is None else read_signature(read_metadata(model))


def _placed(text: str, root: Path) -> Path:
    path = Path(text)
    return path if path.is_relative_to(root) else root / text.lstrip("/")


def _mounted(environment: Mapping[str, str], root: Path) -> Iterator[Path]:
    for name in ("baseline_statistics", "baseline_constraints"):
        if text := environment.get(name):
            path = _placed(text, root)
            # Whether a file or a folder is named, the folder is what was mounted.
            yield path if path.is_dir() else path.parent


def _name(path: Path) -> str:
    return path.name


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    # The documentation's own example has blanks inside: `16: 20: 00Z`.
    found = datetime.fromisoformat(text.replace(" ", ""))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _violations(report: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for signal, finding in report["signals"].items():
        if not finding["alarm"]:
            continue
        columns = [name for name, column in finding["columns"].items() if column["alarm"]]
        for name in columns or [signal]:
            yield {
                "feature_name": name,
                "constraint_check_type": signal,
                "description": finding["reason"],
            }
