"""The page from records: what it says, that nothing in it acts, that it loads nothing.

Limit: as text and elements; what a reader sees is proved in `tests/system`.
"""

import base64
import hashlib
import json
import re
import stat
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.errors import OperationError
from mlops_iac.page import charts, forms, render, write
from mlops_iac.page.graph import WIDTH, drawing
from mlops_iac.page.timeline import timeline
from mlops_iac.records import (
    Bucket,
    ColumnSignal,
    Distribution,
    Latency,
    PipelineRun,
    StackRecords,
    Step,
)
from tests.support.stack_records import nothing_yet, run, whole_loop

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
ADDRESSES = {"action", "background", "cite", "data", "formaction", "href", "poster", "src",
             "srcset", "xlink:href"}  # fmt: skip


class Parsed(HTMLParser):
    """A page as elements and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"link", "meta", "input", "br", "path", "rect", "circle"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.pieces.append((self._open[-1] if self._open else "", data))

    def inside(self, tag: str) -> list[str]:
        return [data for place, data in self.pieces if place == tag]

    @property
    def text(self) -> str:
        shown = (data for place, data in self.pieces if place not in {"script", "style"})
        return " ".join(" ".join(shown).split())

    def attributes(self) -> list[tuple[str, str, str]]:
        return [
            (tag, name, value or "")
            for tag, found in self.elements
            for name, value in found.items()
        ]


def parsed(records: StackRecords, folder: Path = Path("/nowhere")) -> Parsed:
    return Parsed(render(records, folder=folder))


def attacked(value: Any, name: str = "") -> Any:
    """Return a record whose free texts all carry an attack."""
    if is_dataclass(value) and not isinstance(value, type):
        new = {f.name: attacked(getattr(value, f.name), f.name) for f in fields(value) if f.init}
        return replace(value, **new)
    if isinstance(value, tuple):
        return tuple(attacked(item, name) for item in value)
    if isinstance(value, dict):
        return {f"{key}{ATTACK}": attacked(item) for key, item in value.items()}
    times = {"made", "since", "started", "ended", "decided", "created", "at"}
    return f"{value}{ATTACK}" if isinstance(value, str) and name not in times else value


def test_what_happened_is_told_in_its_order() -> None:
    assert [item.title for item in timeline(whole_loop())] == [
        "sound: the data break the contract",
        "sound: the data meet the contract",
        "tune tried 6 sets of hyperparameters",
        "delay trained version 1",
        "late version 1 approved by ada",
        "score serves late version 1",
        "watch: quiet",
        "watch: ALARM",
        "retrain passed: version 2",
        "late version 2 approved by policy keep-fresh",
        "score serves late version 2",
        "watch: quiet",
        "retrain refused its candidate",
    ]


def test_quiet_checks_in_a_row_are_one_line_and_alarms_are_not() -> None:
    checks = whole_loop().checks
    records = nothing_yet()
    quiet, alarm = checks[2:], checks[1]

    assert [item.count for item in timeline(replace(records, checks=quiet))] == [2]
    assert [item.count for item in timeline(replace(records, checks=(alarm, alarm)))] == [1, 1]


def test_what_a_pipeline_ran_is_told_by_the_pipeline() -> None:
    records = whole_loop()
    part = run("delay", "TrainingJob", 21, parent=records.pipelines[1].run.id)
    marked = run("delay", "TrainingJob", 21, parent="schedule-of-delay")

    before = len(timeline(records))
    assert len(timeline(replace(records, runs=(part, *records.runs)))) == before
    assert len(timeline(replace(records, runs=(marked, *records.runs)))) == before + 1


def test_an_earlier_version_served_again_stands_out() -> None:
    records = whole_loop()
    endpoint = records.endpoints[0]
    again = replace(endpoint.served[0], since="2026-11-21T07:35:00+00:00")
    rolled_back = replace(endpoint, served=(*endpoint.served, again))

    last = timeline(replace(records, endpoints=(rolled_back,)))[-1]

    assert (last.title, last.tone) == ("score serves late version 1 again", forms.WARN)


def test_the_facts_of_every_part_stand_on_the_page() -> None:
    text = parsed(whole_loop()).text

    for fact in (
        "late version 2 approved by policy keep-fresh",
        "roc_auc 0.5811 < 0.7134 of the champion",
        "p99 0.5 ms to 1 ms",
        "200: 4211, 400: 3",
        "212 MB",
        "6 of 8 columns have drifted",
        "12 labelled rows are too few for a verdict",
        "learning_rate 0.04, max_depth 6",
        "17 of 327346 rows are less than 0",
        "alarm of data_drift",
        "/home/ada/flights/.mlops-iac/dev",
    ):
        assert fact in text


def test_a_stack_on_which_nothing_has_run_says_what_to_do() -> None:
    page = parsed(nothing_yet())

    assert "Nothing has run yet. mlops-iac up" in page.text
    assert "table" not in [tag for tag, _ in page.elements]


def test_a_server_that_does_not_answer_is_told_and_has_no_latency() -> None:
    records = whole_loop()
    silent = replace(records.endpoints[0], state="dead", answers=None, latency=(), memory_mb=None)
    text = parsed(replace(records, endpoints=(silent,))).text

    assert "The server is not answering" in text
    assert "p99" not in text


def test_names_and_messages_that_look_like_html_are_text() -> None:
    hostile, plain = parsed(attacked(whole_loop())), parsed(whole_loop())

    tags = [tag for tag, _ in hostile.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert not [name for _, name, _ in hostile.attributes() if name.startswith("on")]
    assert hostile.text.count("<script>alert(1)</script>") > 50
    assert hostile.inside("script") == plain.inside("script")


def test_it_loads_nothing_and_allows_only_its_own_style_and_script() -> None:
    page = parsed(whole_loop())

    leading_out = [
        (tag, value) for tag, name, value in page.attributes()
        if name in ADDRESSES and not re.fullmatch(r"#[\w-]+", value)
    ]  # fmt: skip
    assert leading_out == []
    assert not [name for _, name, _ in page.attributes() if name == "style"]
    [style], [script] = page.inside("style"), page.inside("script")
    assert not re.search(r"url\(|@import|//\w", style)
    assert not re.search(r"fetch|XMLHttp|import\(|innerHTML|eval", script)
    [policy] = [f["content"] for tag, f in page.elements if "http-equiv" in f and tag == "meta"]
    assert policy == (
        f"default-src 'none'; style-src '{_mark(style)}'; script-src '{_mark(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _mark(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def test_reports_that_are_there_are_linked_by_a_relative_address(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "a b#1"
    folder.mkdir(parents=True)
    (folder / "report.html").touch()
    reports = (str(folder / "report.html"), str(folder / "gone.html"))
    check = replace(whole_loop().checks[0], run=run("watch", "ModelMonitor", 1, reports=reports))

    page = parsed(replace(nothing_yet(), checks=(check,)), tmp_path / "elsewhere")

    links = {value for tag, name, value in page.attributes() if tag == "a" and name == "href"}
    assert "../runs/a%20b%231/report.html" in links
    assert not [link for link in links if "gone" in link]


def test_a_long_life_stays_under_a_megabyte_and_says_what_it_leaves_out() -> None:
    records = whole_loop()
    wide = replace(records.checks[1].signals[0], columns=tuple(
        replace(column, name=f"{column.name}-{number}", baseline=_twenty(), current=_twenty())
        for number in range(40) for column in records.checks[1].signals[0].columns
    ))  # fmt: skip
    alarm = replace(records.checks[1], signals=(wide, wide))
    page = render(
        replace(records, runs=records.runs * 500, checks=(alarm,) * 500,
                pipelines=records.pipelines * 100, validations=records.validations * 100),
        folder=Path("/nowhere"),
    )  # fmt: skip

    assert len(page.encode()) < 1_000_000
    assert "The newest 200 of 5000" in page
    assert "The worst 50 of 320 columns" in page


def _twenty() -> Distribution:
    return Distribution(shares=(0.05,) * 20, edges=tuple(0.123456 * n for n in range(21)))


def test_the_file_is_private_and_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    place = write(whole_loop(), tmp_path / "page.html")

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with pytest.raises(OperationError, match=r"cannot be written.*\n.*`-o` names another"):
        write(whole_loop(), tmp_path / "nowhere" / "page.html")


def test_the_data_behind_it_is_a_json_document_with_a_version() -> None:
    document = json.loads(json.dumps(whole_loop().document()))

    assert document["version"] == 1
    assert document["endpoints"][0]["served"][1]["version"] == 2
    assert document["pipelines"][0]["gates"][0]["passed"] is False


def test_steps_side_by_side_stand_in_one_column_and_lines_lead_to_the_right() -> None:
    picture = drawing(whole_loop().pipelines[0])
    places = {node.name: node.x for node in picture.nodes}

    assert places["hourly"] == places["weather"]
    assert places["sound"] < places["hourly"] < places["delay"] < places["gate roc_auc"]
    assert len(picture.lines) == 6
    assert len({(node.x, node.y) for node in picture.nodes}) == len(picture.nodes)
    assert max(node.x for node in picture.nodes) + WIDTH <= picture.width


def test_a_pipeline_that_has_just_begun_can_be_drawn() -> None:
    begun = PipelineRun(run=run("p", "Pipeline", 1), outcome="running")
    step = Step(name="outcome", status="waiting")

    assert [node.name for node in drawing(begun).nodes] == ["running"]
    assert len(drawing(replace(begun, steps=(step,))).nodes) == 2


BOUNDS = (0.001, 0.01, 0.1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_lies_between_the_bounds_that_are_told(
    times: list[float], share: float
) -> None:
    counts = [
        sum(low < time <= high or (low == 0 and time == 0) for time in times)
        for low, high in zip((0.0, *BOUNDS), (*BOUNDS, float("inf")), strict=True)
    ]
    buckets = tuple(
        Bucket(seconds=bound, answers=count)
        for bound, count in zip((*BOUNDS, None), counts, strict=True)
    )
    latency = Latency(version="1", buckets=buckets, seconds=sum(times))

    lower, upper = latency.interval(share)

    # The least time that `share` of the times do not exceed.
    exact = next(t for t in sorted(times) if sum(o <= t for o in times) >= share * len(times))
    assert lower <= exact <= (upper if upper is not None else float("inf"))


@pytest.mark.parametrize(
    ("answers", "share", "told"),
    [(1, 0.5, "too few answers"), (2, 0.5, "1 ms to 2 ms"), (19, 0.95, "too few answers"),
     (20, 0.95, "1 ms to 2 ms"), (99, 0.99, "too few answers"), (100, 0.99, "1 ms to 2 ms")],
)  # fmt: skip
def test_no_percentile_is_told_of_fewer_answers_than_it_needs(
    answers: int, share: float, told: str
) -> None:
    buckets = (Bucket(seconds=0.001, answers=0), Bucket(seconds=0.002, answers=answers),
               Bucket(seconds=None, answers=0))  # fmt: skip

    assert forms.percentile(Latency(version="1", buckets=buckets, seconds=0.1), share) == told


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.booleans())
def test_bars_of_a_distribution_stay_inside_their_chart(
    shares: list[float], is_number: bool
) -> None:
    sides = {"edges": tuple(float(n) for n in range(len(shares) + 1))} if is_number else {
        "labels": tuple(str(n) for n in range(len(shares)))
    }  # fmt: skip
    spread = Distribution(shares=tuple(shares), **sides)  # type: ignore[arg-type]
    column = ColumnSignal(name="a", kind="number", alarm=False, value=0.1, baseline=spread,
                          current=spread)  # fmt: skip

    for _, path in charts.distributions(column):
        for left, top, wide, tall in re.findall(r"M(\S+) (\S+)h(\S+)v(\S+)H", path):
            assert 0 <= float(left) <= charts.HISTOGRAM_WIDTH + 0.5
            assert float(left) + float(wide) <= charts.HISTOGRAM_WIDTH + 1
            assert float(top) + float(tall) == pytest.approx(charts.HISTOGRAM_HEIGHT, abs=0.1)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "—"), (0.00025, "0.25 ms"), (9.84, "9.84 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")],
)
def test_a_time_is_told_in_its_own_unit(seconds: float | None, told: str) -> None:
    assert forms.duration(seconds) == told
