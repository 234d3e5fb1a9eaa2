"""A run of a pipeline as a drawing: steps in columns, gates after them, the outcome at the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_iac.page.forms import duration, tone
from mlops_iac.records import PipelineRun

WIDTH, HEIGHT, GAP_X, GAP_Y = 184, 50, 36, 14
"""Of a node, and between nodes, in pixels."""
_TEXT = 20
"""Characters of a name that fit a node."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box."""

    x: float
    y: float
    name: str
    label: str
    """The name, cut to the width of the box."""
    detail: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Boxes, and lines from box to box."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    lines: tuple[str, ...]
    """SVG paths."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    after: tuple[str, ...]
    name: str
    detail: str
    tone: str


def drawing(item: PipelineRun) -> Drawing:
    """Return the drawing of one run."""
    parts = _parts(item)
    columns = _columns(parts)
    rows: dict[int, int] = {}
    nodes: dict[str, Node] = {}
    for key, part in parts.items():
        column = columns[key]
        nodes[key] = _node(part, column, rows.get(column, 0))
        rows[column] = rows.get(column, 0) + 1
    lines = [
        _line(nodes[before], nodes[key]) for key, part in parts.items() for before in part.after
    ]
    return Drawing(
        width=(max(columns.values()) + 1) * (WIDTH + GAP_X) - GAP_X + 4,
        height=max(rows.values()) * (HEIGHT + GAP_Y) - GAP_Y + 4,
        nodes=tuple(nodes.values()),
        lines=tuple(lines),
    )


def _parts(item: PipelineRun) -> dict[str, _Part]:
    # A step and a gate may have the same name: the key tells them apart.
    parts: dict[str, _Part] = {}
    for step in item.steps:
        said = f"{step.status}, adopted" if step.adopted else step.status
        time = "" if step.seconds is None or step.adopted else f", {duration(step.seconds)}"
        parts[f"step {step.name}"] = _Part(
            after=tuple(f"step {name}" for name in step.after),
            name=step.name,
            detail=said + time,
            tone=tone(step.status),
        )
    ends = _ends(parts)
    for gate in item.gates:
        state = "passed" if gate.passed else "refused"
        parts[f"gate {gate.name}"] = _Part(
            after=ends, name=f"gate {gate.name}", detail=state, tone=tone(state)
        )
    version = item.run.model_version
    detail = f"version {version}" if version is not None else "no version"
    parts["outcome"] = _Part(
        after=_ends(parts), name=item.outcome, detail=detail, tone=tone(item.outcome)
    )
    return parts


def _ends(parts: Mapping[str, _Part]) -> tuple[str, ...]:
    before = {name for part in parts.values() for name in part.after}
    return tuple(key for key in parts if key not in before)


def _columns(parts: Mapping[str, _Part]) -> dict[str, int]:
    """Return the column of each part: one after the last of what it waits for."""
    columns: dict[str, int] = {}
    # A part stands after those that it waits for: specs and records keep that order.
    for key, part in parts.items():
        columns[key] = 1 + max((columns[name] for name in part.after), default=-1)
    return columns


def _node(part: _Part, column: int, row: int) -> Node:
    name = part.name
    return Node(
        x=2 + column * (WIDTH + GAP_X),
        y=2 + row * (HEIGHT + GAP_Y),
        name=name,
        label=name if len(name) <= _TEXT else f"{name[: _TEXT - 1]}…",
        detail=part.detail,
        tone=part.tone,
    )


def _line(start: Node, end: Node) -> str:
    x1, y1 = start.x + WIDTH, start.y + HEIGHT / 2
    x2, y2 = end.x - 5, end.y + HEIGHT / 2
    bend = x2 - GAP_X / 2
    return f"M{x1:g} {y1:g} H{bend:g} V{y2:g} H{x2:g}"
