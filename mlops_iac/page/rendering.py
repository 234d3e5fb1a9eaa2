"""From records to HTML: the template, with style and script inside, and no way out."""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.page import charts, forms, graph
from mlops_iac.page.timeline import SHOWN, check_state, timeline, validation_state
from mlops_iac.records import Check, StackRecords
from mlops_iac.runtime.files import write_atomically
from mlops_iac.version import VERSION

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_LIMITS: Mapping[str, int] = {
    "checks": 50,
    "columns": 50,
    "details": 3,
    "events": 100,
    "pipelines": 12,
    "runs": 200,
    "searches": 6,
    "trials": 100,
    "validations": 50,
    "versions": 50,
}
"""How much of what grows without end is shown, the newest: a page is opened, not scrolled."""


_FILTERS: Mapping[str, Any] = {
    "check_state": check_state,
    "clock": forms.clock,
    "duration": forms.duration,
    "elapsed": forms.elapsed,
    "number": forms.number,
    "pairs": forms.pairs,
    "short": forms.short,
    "tone": forms.tone,
    "validation_state": validation_state,
    "verdict": forms.verdict,
    "words": forms.words,
}
_GLOBALS: Mapping[str, Any] = {
    "bar": charts.bar,
    "boxes": graph,
    "column_verdict": forms.column_verdict,
    "distributions": charts.distributions,
    "drawing": graph.drawing,
    "largest": charts.largest,
    "latency_bars": charts.latency_bars,
    "percentile": forms.percentile,
    "plural": forms.plural,
    "ranked": charts.ranked,
    "scatter": charts.scatter,
    "sizes": charts,
    "spread": charts.spread,
}


def render(records: StackRecords, *, folder: Path) -> str:
    """Return the page as one HTML document.

    Args:
        records: what it tells.
        folder: where it will lie; links to reports on this machine are relative to it.
    """
    style, script = _source("page.css"), _source("page.js")
    lines = timeline(records)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            records=records,
            reports=partial(_reports, folder),
            happenings=lines[-SHOWN:],
            earlier=max(len(lines) - SHOWN, 0),
            limits=_LIMITS,
            detailed=_detailed(records.checks),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            program_version=VERSION,
        )
    )


def _detailed(checks: Sequence[Check]) -> list[Check]:
    """Return the checks that are shown column by column: the newest, and the newest alarm."""
    newest, alarms = checks[: _LIMITS["details"]], [check for check in checks if check.alarm]
    return [*newest, *(alarm for alarm in alarms[:1] if alarm not in newest)]


def write(records: StackRecords, file: Path) -> Path:
    """Write the page into a file that only its owner reads; return where it is.

    Raises:
        OperationError: the file cannot be written.
    """
    place = file.resolve()
    try:
        write_atomically(place, render(records, folder=place.parent).encode())
    except OSError as error:
        raise OperationError(
            f"`{file}` cannot be written: {error.strerror}",
            remedy="`-o` names another file, in a folder that exists",
        ) from None
    return place


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    made.globals.update(_GLOBALS)
    return made


def _source(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    """Return the mark by which the browser knows that a style or script is ours (CSP level 2)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _reports(folder: Path, run: Run) -> list[tuple[str, str]]:
    """Return name and relative address of each report that is still there."""
    there = [Path(file) for file in run.reports if Path(file).is_file()]
    return [(file.name, quote(os.path.relpath(file, folder))) for file in there]
