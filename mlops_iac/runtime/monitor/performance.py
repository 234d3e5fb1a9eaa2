"""Model quality: what was predicted beside what turned out to be true, each pair judged once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.frames import Frame
from mlops_iac.runtime.monitor.captured import (
    REQUEST,
    ROW,
    VERSION,
    answers_to,
    predictions_of,
)
from mlops_iac.runtime.monitor.ledger import Ledger
from mlops_iac.runtime.monitor.signals import Finding, no_verdict
from mlops_iac.runtime.scoring import is_loss, is_worse, score

LABEL = "label"
KEY = [REQUEST, ROW]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Which captured files and which truth a verdict may look at, and which one has before."""

    first: int
    """Number of the oldest captured file that truth is still looked for in."""
    judged: int
    """Files below this number were looked at when the last verdict was given."""
    end: int
    truth: str
    """Folder of the files with labels, whose names are in their order."""
    told: int
    """So many of them count."""
    judged_told: int
    """So many were there when the last verdict was given."""


def judge_performance(  # noqa: PLR0913
    captured: Path,
    ledger: Ledger,
    labels: Labels,
    limits: Mapping[str, Any],
    *,
    version: str | None,
    least: int,
) -> Finding:
    """Return the verdict on pairs of prediction and truth that no verdict was given on.

    Args:
        captured: folder of the captured files.
        ledger: their numbers.
        labels: what to look at.
        limits: `metric` and `threshold`.
        version: only its predictions are judged; any when `None`.
        least: fewer labelled rows wait for more.
    """
    pairs = labelled_pairs(captured, ledger, labels)
    mine = pairs if version is None else pairs[pairs[VERSION].astype(str) == version]
    told = {"metric": limits["metric"], "labelled": len(mine)}
    if len(mine) < least:
        return no_verdict(
            f"{len(mine)} labelled rows, a verdict needs {least}", limits["threshold"], **told
        )
    try:
        value = score(limits["metric"], mine[LABEL].tolist(), predictions_of(mine))
    except DataError as error:
        return no_verdict(error.message, limits["threshold"], **told)
    return _verdict(value, limits, told)


def labelled_pairs(captured: Path, ledger: Ledger, labels: Labels) -> Frame:
    """Return predictions with their labels, without the pairs that were judged before."""
    import pandas as pd

    files = sorted(Path(labels.truth).glob("*.parquet"))[: labels.told]
    truth = [_read_truth(path) for path in files]
    if not truth:
        return answers_to(captured, (), ()).assign(**{LABEL: None})
    # A label that is told again replaces the one before.
    known: Frame = pd.concat(truth, ignore_index=True).drop_duplicates(KEY, keep="last")
    before: Frame = pd.concat([known.iloc[:0], *truth[: labels.judged_told]])
    was_labelled = pd.MultiIndex.from_frame(before[KEY])
    old = _paired(captured, ledger.names(labels.first, labels.judged), known)
    new = _paired(captured, ledger.names(max(labels.first, labels.judged), labels.end), known)
    unjudged = old[~pd.MultiIndex.from_frame(old[KEY]).isin(was_labelled)]
    pairs = [frame for frame in (unjudged, new) if len(frame)]
    whole = pd.concat(pairs, ignore_index=True) if pairs else new
    return whole[whole["prediction"].notna()]


def _paired(captured: Path, names: Sequence[str], known: Frame) -> Frame:
    answers = answers_to(captured, names, known[REQUEST])
    typed = answers.astype({REQUEST: str, ROW: "int64"})
    return typed.merge(known, on=KEY, how="inner")


def _read_truth(path: Path) -> Frame:
    import pyarrow.parquet as pq

    frame = pq.read_table(path, columns=[*KEY, LABEL]).to_pandas()
    return frame.astype({REQUEST: str, ROW: "int64", LABEL: object})


def _verdict(value: float, limits: Mapping[str, Any], told: Mapping[str, Any]) -> Finding:
    metric, threshold = str(limits["metric"]), float(limits["threshold"])
    limit = f"at {'most' if is_loss(metric) else 'least'} {threshold:g}"
    return Finding(
        alarm=is_worse(metric, value, threshold),
        value=value,
        threshold=threshold,
        reason=f"{metric} {value:.4g} on {told['labelled']} labelled rows, {limit}",
        more=told,
    )
