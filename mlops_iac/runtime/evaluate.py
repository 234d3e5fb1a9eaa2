"""Judging a candidate at its gates: `python -m mlops_iac.runtime.evaluate`.

The task in `MLOPS_TASK` names the candidate, the champion if there is one, and the gates; each
gate's labelled rows are an input of the job. Candidate and champion are scored on the same rows.
`evaluation.json` in the output folder says of each gate whether it is passed, and why. A refused
candidate is a finished run; a failed one is what says nothing about the candidate.

The task: `{"candidate": model, "champion": model or null, "trust_pickle": flag,
"gates": [{"input", "format", "metric", "label", "threshold", "margin"}]}`.
A model is `{"path", "digest"}`, whose path may be the `gs://` location of a mounted folder, or
`{"archive": input}` where an input holds its archive; there is no champion when that input holds
none.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_iac.runtime import collector
from mlops_iac.runtime.archives import archived_model
from mlops_iac.runtime.columns import PARQUET
from mlops_iac.runtime.conventions import local_path, root_of
from mlops_iac.runtime.errors import DataError, ModelRefusedError
from mlops_iac.runtime.features.joining import JOINED
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.frames import files_of, read_pieces
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.model import LoadedModel, load_model
from mlops_iac.runtime.scoring import is_loss, score
from mlops_iac.runtime.task import Task, TaskResult, run_task

if TYPE_CHECKING:
    import pandas as pd

REPORT = "evaluation.json"
_VERSION = 1
_OF_PROBABILITIES = frozenset({"roc_auc", "log_loss"})
"""Metrics for which a classifier that answers classes is asked for its probabilities."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What one gate asks."""

    input: str
    """Input with the labelled rows."""
    format: str
    metric: str
    label: str
    threshold: float | None = None
    """Worst value that passes; any when `None`."""
    margin: float | None = None
    """How much better than the champion; not compared when `None`."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one gate says of a candidate."""

    data: str
    metric: str
    candidate: float | None
    """`None` where it has no value; then the gate is not passed."""
    champion: float | None
    """`None` where it was not compared, or has no value."""
    threshold: float | None
    margin: float | None
    rows: int
    """Labelled rows, on which both were scored."""
    passed: bool
    reason: str


def main() -> int:
    """Judge the candidate that this process's task names, return the exit code."""
    return run_task(evaluate)


def evaluate(layout: Layout, task: Task) -> TaskResult:
    """Write the verdict of each gate that a task names.

    Raises:
        ModelRefusedError: the candidate is not what its digest says, or is not loaded.
        DataError: a gate's data cannot be read.
    """
    trust = bool(task.get("trust_pickle"))
    candidate = _load(layout, task["candidate"], trust_pickle=trust)
    if candidate is None:
        raise ModelRefusedError("the run left no model", remedy="call `context.log_model`")
    rival = _load(layout, task.get("champion"), trust_pickle=trust)
    rows = cache(lambda name, form: _rows(layout.inputs[name], name, form))
    verdicts = [
        judge(gate, candidate, rival, rows(gate.input, gate.format))
        for gate in (Gate(**document) for document in task["gates"])
    ]
    _report(layout.output_dir, verdicts)
    return TaskResult(metrics=_metrics(verdicts), reports=(REPORT,))


def judge(
    gate: Gate, candidate: LoadedModel, champion: LoadedModel | None, frame: "pd.DataFrame"
) -> Verdict:
    """Return what a gate says of a candidate, scored beside the champion on the same rows.

    What cannot be scored does not pass; the reason says what is wrong.
    """
    rival = champion if gate.margin is not None else None
    scores: dict[str, float] = {}
    labelled = 0
    try:
        known = _labelled(frame, gate)
        labelled = len(known)
        for name, model in (("candidate", candidate), ("champion", rival)):
            if model is not None:
                scores[name] = _score(gate, name, model, known)
        faults = _faults(gate, scores)
    except DataError as error:
        faults = [str(error)]
    return Verdict(
        data=gate.input,
        metric=gate.metric,
        candidate=scores.get("candidate"),
        champion=scores.get("champion"),
        threshold=gate.threshold,
        margin=gate.margin,
        rows=labelled,
        passed=not faults,
        reason="; ".join(faults) or _praise(gate, scores),
    )


def _rows(path: Path, name: str, form: str) -> "pd.DataFrame":
    import pyarrow as pa

    files = files_of(path, name)
    # What features were joined to was written anew, whatever form the data had.
    read_as = PARQUET if set(files) == {JOINED} else form
    pieces = [pa.Table.from_batches([piece]) for piece in read_pieces(files, read_as)]
    return pa.concat_tables(pieces, promote_options="permissive").to_pandas()


def _load(
    layout: Layout, document: Mapping[str, str] | None, *, trust_pickle: bool
) -> LoadedModel | None:
    if document is None:
        return None
    if "archive" in document:
        found = archived_model(layout.inputs[document["archive"]])
        if found is None:
            return None
        return load_model(found.path, digest=found.digest, trust_pickle=trust_pickle)
    folder = local_path(document["path"], root_of(os.environ))
    return load_model(folder, digest=document["digest"], trust_pickle=trust_pickle)


def _labelled(frame: "pd.DataFrame", gate: Gate) -> "pd.DataFrame":
    if gate.label not in frame.columns:
        raise DataError(f"`{gate.input}` has no column `{gate.label}` with the truth")
    known = frame.dropna(subset=[gate.label])
    if known.empty:
        raise DataError(f"no row of `{gate.input}` has a value in `{gate.label}`")
    return known


def _score(gate: Gate, name: str, model: LoadedModel, frame: "pd.DataFrame") -> float:
    columns = model.signature.columns
    missing = [c.name for c in columns if c.is_required and c.name not in frame.columns]
    if missing:
        listed = ", ".join(f"`{column}`" for column in missing)
        raise DataError(f"`{gate.input}` lacks columns that the {name} reads: {listed}")
    given = [column.name for column in columns if column.name in frame.columns]
    rows = frame[given] if given else frame.drop(columns=[gate.label])
    try:
        answer = _predictor(model, gate.metric)(rows)
    except Exception as error:
        # The model is anybody's, and so is what it raises.
        raise DataError(f"the {name} does not predict `{gate.input}`: {error}") from error
    try:
        return score(gate.metric, frame[gate.label], answer)
    except DataError as error:
        raise DataError(f"the {name} cannot be scored: {error}") from error


def _predictor(model: LoadedModel, metric: str) -> Callable[[Any], Any]:
    if metric not in _OF_PROBABILITIES:
        return model.predict
    return getattr(model.estimator, "predict_proba", model.predict)


def _faults(gate: Gate, scores: Mapping[str, float]) -> list[str]:
    found, is_less = scores["candidate"], is_loss(gate.metric)
    faults: list[str] = []
    # Asked so that a comparison with no number is never passed.
    if gate.threshold is not None and not (
        found <= gate.threshold if is_less else found >= gate.threshold
    ):
        side = "above" if is_less else "below"
        faults.append(f"{gate.metric} {found:.6g} is {side} the threshold {gate.threshold:g}")
    if gate.margin is not None and "champion" in scores:
        rival = scores["champion"]
        if not (rival - found if is_less else found - rival) >= gate.margin:
            wanted = f" and not better by {gate.margin:g}" if gate.margin else ""
            faults.append(f"{gate.metric} {found:.6g} beside the champion's {rival:.6g}{wanted}")
    return faults


def _praise(gate: Gate, scores: Mapping[str, float]) -> str:
    text = f"{gate.metric} {scores['candidate']:.6g}"
    if gate.threshold is not None:
        text += f", threshold {gate.threshold:g}"
    return text + (f", champion {scores['champion']:.6g}" if "champion" in scores else "")


def _report(output_dir: Path, verdicts: Sequence[Verdict]) -> None:
    document = {
        "version": _VERSION,
        "passed": all(verdict.passed for verdict in verdicts),
        "gates": [asdict(verdict) for verdict in verdicts],
    }
    write_json(output_dir / REPORT, document)


def _metrics(verdicts: Sequence[Verdict]) -> dict[str, float]:
    found = {
        f"{verdict.metric}.{verdict.data}.{name}": value
        for verdict in verdicts
        for name, value in (("candidate", verdict.candidate), ("champion", verdict.champion))
    }
    return {name: value for name, value in found.items() if value is not None}


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
