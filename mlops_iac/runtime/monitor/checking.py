"""One check: what is new, beside the baseline and the truth, signal by signal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import DataError, PayloadError
from mlops_iac.runtime.frames import Frame
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.monitor.answering import answers_on, prediction_column
from mlops_iac.runtime.monitor.baseline import Baseline, read_baseline
from mlops_iac.runtime.monitor.captured import VERSION, inputs_of, newest_rows, predictions_of
from mlops_iac.runtime.monitor.drift import (
    PREDICTION,
    Column,
    columns_of,
    compare,
    judge_inputs,
    judge_predictions,
)
from mlops_iac.runtime.monitor.ledger import Ledger, read_ledger
from mlops_iac.runtime.monitor.performance import Labels, judge_performance
from mlops_iac.runtime.monitor.quality import judge_quality
from mlops_iac.runtime.monitor.signals import (
    DATA_DRIFT,
    DATA_QUALITY,
    MODEL_QUALITY,
    PREDICTION_DRIFT,
    Finding,
    no_verdict,
)
from mlops_iac.runtime.task import Task

_BASELINE = "baseline"
"""Input that the declaration names; else the task says where the baseline lies."""


@dataclass
class Check:
    """What the signals of one check look at; each part is read when a signal asks for it."""

    layout: Layout
    task: Task
    page: Path
    """Where Evidently's page goes, when a signal of drift is judged."""
    _why_no_answers: str = field(default="", init=False)

    @cached_property
    def ledger(self) -> Ledger:
        """The captured files."""
        return read_ledger(Path(self.task["ledger"]))

    @cached_property
    def rows(self) -> Frame:
        """The newest of the new rows."""
        names = self.ledger.names(*self.task["rows"])
        return newest_rows(Path(self.task["captured"]), names, self.task["max_rows"])

    @property
    def new_rows(self) -> int:
        """How many rows are new."""
        return self.ledger.rows(*self.task["rows"])

    @cached_property
    def inputs(self) -> Frame:
        """Their inputs."""
        return inputs_of(self.rows)

    @cached_property
    def baseline(self) -> Baseline:
        """What they are compared with."""
        paths = [Path(path) for path in self.task[_BASELINE] or ()]
        if _BASELINE in self.layout.inputs:
            paths = [self.layout.inputs[_BASELINE]]
        return read_baseline(paths, list(self.inputs), self.task["max_rows"])

    @cached_property
    def compared(self) -> Mapping[str, Mapping[str, Any]]:
        """The distance of each column, and of the predictions where they are asked for."""
        columns = dict[str, Column]()
        if DATA_DRIFT in self.task["signals"]:
            sample, kinds = self.baseline.sample, self.baseline.kinds()
            columns |= columns_of(self.inputs, sample, kinds)
        if PREDICTION_DRIFT in self.task["signals"] and (answers := self._answers()) is not None:
            columns[_FREE] = answers
        return compare(columns, self.task["drift"]["distance"], self.page)

    def _answers(self) -> Column | None:
        served = self.rows[self.rows[VERSION].astype(str) == str(self.task["model"]["version"])]
        least = self.task["min_rows"]
        if len(served) < least:
            self._why_no_answers = (
                f"{len(served)} rows of the version in service, a verdict needs {least}"
            )
            return None
        try:
            learned = answers_on(self.baseline.sample, self.task["model"])
        except PayloadError as error:
            self._why_no_answers = f"the model cannot answer on the baseline: {error.message}"
            return None
        return prediction_column(learned, predictions_of(served))

    def judge(self) -> dict[str, Finding]:
        """Return the finding of each declared signal.

        Raises:
            DataError: the rows cannot be compared with the baseline.
        """
        if self.task["rows"][0] < self.task["rows"][1] and self.rows.empty:
            raise DataError(
                "the captured rows are gone", remedy="keep the endpoint while it is monitored"
            )
        return {name: _SIGNALS[name](self) for name in self.task["signals"]}

    def quality(self) -> Finding:
        """Judge missing and invalid values."""
        return judge_quality(self.inputs, self.baseline, self.task["quality"])

    def data_drift(self) -> Finding:
        """Judge the distributions of the inputs."""
        inputs = {name: found for name, found in self.compared.items() if name != _FREE}
        return judge_inputs(inputs, self.task["drift"])

    def prediction_drift(self) -> Finding:
        """Judge the distribution of the predictions."""
        found = self.compared.get(_FREE)
        if self._why_no_answers:
            return no_verdict(self._why_no_answers, self.task["drift"]["distance"])
        return judge_predictions(found, self.task["drift"]["distance"])

    def performance(self) -> Finding:
        """Judge predictions by the truth that has come."""
        version = (self.task["model"] or {}).get("version")
        return judge_performance(
            Path(self.task["captured"]),
            self.ledger,
            Labels(**self.task["labels"]),
            self.task["performance"],
            version=None if version is None else str(version),
            least=self.task["min_rows"],
        )


_FREE = f"{PREDICTION} "
"""The predictions among the columns: no input has a name that ends so."""


def _on_rows(judge: Callable[[Check], Finding]) -> Callable[[Check], Finding]:
    def judged(check: Check) -> Finding:
        if check.rows.empty:
            return no_verdict("no new rows")
        if (new := check.new_rows) < (least := check.task["min_rows"]):
            return no_verdict(f"{new} new rows, a verdict needs {least}")
        return judge(check)

    return judged


_SIGNALS: Mapping[str, Callable[[Check], Finding]] = {
    DATA_QUALITY: _on_rows(Check.quality),
    DATA_DRIFT: _on_rows(Check.data_drift),
    PREDICTION_DRIFT: _on_rows(Check.prediction_drift),
    MODEL_QUALITY: Check.performance,
}


def alarms(findings: Mapping[str, Finding]) -> Sequence[str]:
    """Return the signals that raise the alarm."""
    return [name for name, finding in findings.items() if finding.alarm]
