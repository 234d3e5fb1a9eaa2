"""Where the marks of a chart stand: numbers to places, nothing drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mlops_iac.page.forms import duration, number
from mlops_iac.records import ColumnSignal, Distribution, Latency, SearchRun, SignalRecord

BAR_WIDTH = 180
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 180, 44
LATENCY_HEIGHT, LATENCY_STEP = 90, 68
_SCALE = 5.0
"""Thresholds that a bar is long at most: beyond it is cut."""
SCATTER_WIDTH, SCATTER_HEIGHT, MARGIN = 560, 200, 12


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A bar; the origin is the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A value beside its threshold, both in pixels of `BAR_WIDTH`."""

    width: float
    threshold: float | None
    is_cut: bool
    """Whether the value is greater than the scale."""


def bar(value: float | None, threshold: float | None, largest: float) -> Bar:
    """Return the bar of a value on a scale that ends at `largest`."""
    scale = BAR_WIDTH / largest
    return Bar(
        width=round(min(value or 0.0, largest) * scale, 1),
        threshold=None if threshold is None else round(threshold * scale, 1),
        is_cut=value is not None and value > largest,
    )


def largest(signal: SignalRecord) -> float:
    """Return where the scale of a signal's columns ends: so that its threshold can be seen."""
    values = [column.value for column in signal.columns if column.value is not None]
    greatest = max(values, default=0.0)
    if not signal.column_threshold:
        return greatest or 1.0
    return min(max(greatest, 1.5 * signal.column_threshold), _SCALE * signal.column_threshold)


def histogram(shown: Distribution, beside: Distribution | None) -> str:
    """Return the bars of a distribution as an SVG path, on the scale it shares with the other."""
    both = [shown, *([] if beside is None else [beside])]
    top = max((height for item in both for height in _heights(item)), default=0.0) or 1.0
    return "".join(
        _box(x, width, height / top)
        for (x, width), height in zip(_places(shown, both), _heights(shown), strict=True)
        if height > 0
    )


def _box(x: float, width: float, height: float) -> str:
    """Return a bar whose place and size are shares of the chart's, with a gap to the next one."""
    left, tall = x * HISTOGRAM_WIDTH, height * HISTOGRAM_HEIGHT
    wide = max(width * HISTOGRAM_WIDTH - 1, 0.5)
    top = HISTOGRAM_HEIGHT - tall
    return f"M{left:.4g} {top:.4g}h{wide:.4g}v{tall:.4g}H{left:.4g}z"


def _heights(item: Distribution) -> list[float]:
    """Return heights: shares of categories, densities of numbers, whose bins may differ."""
    if not item.edges:
        return list(item.shares)
    return [
        share / ((right - left) or 1.0)
        for share, (left, right) in zip(item.shares, pairwise(item.edges), strict=True)
    ]


def _places(item: Distribution, both: Sequence[Distribution]) -> list[tuple[float, float]]:
    """Return start and width of each bar as shares of the chart's width."""
    if item.edges:
        low = min(one.edges[0] for one in both if one.edges)
        span = (max(one.edges[-1] for one in both if one.edges) - low) or 1.0
        starts = [(edge - low) / span for edge in item.edges]
        return [(a, b - a) for a, b in pairwise(starts)]
    labels = list(dict.fromkeys(label for one in both for label in one.labels))
    width = 1 / (len(labels) or 1)
    return [(labels.index(label) * width, width) for label in item.labels]


def distributions(column: ColumnSignal) -> list[tuple[str, str]]:
    """Return the charts of a column by their class: the baseline first, the present over it."""
    sides = (("baseline", column.baseline, column.current),
             ("current", column.current, column.baseline))  # fmt: skip
    return [(name, histogram(one, other)) for name, one, other in sides if one is not None]


def spread(column: ColumnSignal) -> str:
    """Return what the chart of a column reaches from and to, or its categories."""
    sides = [side for side in (column.baseline, column.current) if side is not None]
    ends = [edge for side in sides for edge in side.edges]
    if ends:
        return f"{number(min(ends))} to {number(max(ends))}"
    return ", ".join(dict.fromkeys(label for side in sides for label in side.labels))


def ranked(signal: SignalRecord) -> list[ColumnSignal]:
    """Return the columns of a signal, the worst first."""
    return sorted(
        signal.columns,
        key=lambda column: (
            not column.alarm,
            -(float("inf") if column.value is None else column.value),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class LatencyBar:
    """Answers of one bucket."""

    box: Rectangle
    label: str
    answers: int


def latency_bars(latency: Latency) -> list[LatencyBar]:
    """Return a bar for each bucket from the first to the last that has answers."""
    filled = [index for index, bucket in enumerate(latency.buckets) if bucket.answers]
    if not filled:
        return []
    most = max(bucket.answers for bucket in latency.buckets)
    bars: list[LatencyBar] = []
    for place, index in enumerate(range(filled[0], filled[-1] + 1)):
        bucket = latency.buckets[index]
        height = round(bucket.answers / most * LATENCY_HEIGHT, 1)
        box = Rectangle(
            x=place * LATENCY_STEP, y=LATENCY_HEIGHT - height, width=LATENCY_STEP - 6, height=height
        )
        bound = "more" if bucket.seconds is None else f"≤ {duration(bucket.seconds)}"
        bars.append(LatencyBar(box=box, label=bound, answers=bucket.answers))
    return bars


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A trial."""

    x: float
    y: float
    title: str
    is_best: bool


def scatter(item: SearchRun) -> list[Dot]:
    """Return a dot for each trial that has a value, by number and value."""
    scored = [(trial, trial.value) for trial in item.trials if trial.value is not None]
    if not scored:
        return []
    values = [value for _, value in scored]
    low, span = min(values), (max(values) - min(values)) or 1.0
    last = max(trial.number for trial, _ in scored) or 1
    return [
        Dot(
            x=round(MARGIN + trial.number / last * (SCATTER_WIDTH - 2 * MARGIN), 1),
            y=round(
                SCATTER_HEIGHT - MARGIN - (value - low) / span * (SCATTER_HEIGHT - 2 * MARGIN), 1
            ),
            title=f"trial {trial.number}: {item.metric} {value:.5g}",
            is_best=trial is item.best,
        )
        for trial, value in scored
    ]
